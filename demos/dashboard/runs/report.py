"""A run's report: one HTML file that opens without a network, with its curves."""

import base64
import html
from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from demos.dashboard import charts
from demos.dashboard.runs import curves
from demos.dashboard.runs.launch import log_tail
from demos.dashboard.runs.records import Record
from demos.dashboard.runs.settings_form import FIELDS
from demos.dashboard.runs.status import explain, format_duration
from demos.dashboard.runs.table import format_setting

STYLE = """
:root { color-scheme: light; --ink: #1d2433; --quiet: #5c6170; --line: #dcd6c8; --paper: #fbf9f4; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
.quiet { color: var(--quiet); }
.charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.charts > div { min-width: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td.value { overflow-wrap: anywhere; min-width: 6rem; }
.changed td { font-weight: 600; }
.changed td:last-child { font-weight: 400; }
pre { overflow-x: auto; padding: .75rem; background: #f1ede3; border-radius: .5rem; font-size: .8rem; }
img { max-width: 100%; }
@media (max-width: 40rem) { .help { display: none; } }
"""


def report(record: Record) -> str:
    """Write the report of a run as an HTML page; it contains Plotly's script, so it has some 5 MB.

    Args:
        record: The run; missing parts, such as an evaluation, are left out.
    """
    head = f'<h1>{escape(record.title)}</h1><p class="quiet">{escape(record.name)}</p>'
    return page_html(record.name, head + sections_of(record))


def sections_of(record: Record) -> str:
    """All that a report says of one run, as HTML."""
    return "".join(
        [
            f"<p>{escape(explain(record).text)}</p>",
            section("Notes", _notes(record)),
            section("Results", table_html(_results(record))),
            section("Curves", _charts(record)),
            section("On MNIST's test images", _evaluation(record)),
            section("Settings", _settings(record)),
            section("Origin", table_html(_origin(record))),
            section("End of the log", _preformatted(log_tail(record.run, 60))),
        ]
    )


def page_html(title: str, body: str) -> str:
    """An HTML page that opens without a network, with Plotly's script.

    Args:
        title: Its title, as text.
        body: Its content, as HTML.
    """
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n<script>{get_plotlyjs()}</script>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def section(title: str, content: str) -> str:
    """A part of the page under a heading; nothing where there is no content."""
    return f"\n<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>" if content else ""


def escape(value: object) -> str:
    """A value as text of an HTML page."""
    return html.escape(str(value))


def table_html(rows: Iterable[tuple[str, str]]) -> str:
    """A table of names and values; nothing where there are none."""
    cells = "".join(f'<tr><th>{escape(name)}</th><td class="value">{escape(value)}</td></tr>\n' for name, value in rows)
    return f'<div class="scroll"><table>\n{cells}</table></div>' if cells else ""


def _preformatted(text: str) -> str:
    return f"<pre>{escape(text)}</pre>" if text else ""


def _notes(record: Record) -> str:
    tags = ", ".join(record.notes.tags)
    parts = [f"<p>Tags: {escape(tags)}</p>"] if tags else []
    return "".join([*parts, _preformatted(record.notes.text)])


def _results(record: Record) -> list[tuple[str, str]]:
    best, rows = record.best, [("state", record.state), ("epochs", f"{len(record.history)} of {record.epochs or '?'}")]
    if record.minutes is not None:
        rows.append(("training took", format_duration(60 * record.minutes)))
    if best:
        rows.append(("best epoch", f"{best.get('epoch', 0) + 1:.0f}"))
    for name, title in curves.SERIES.items():
        if name in best and name != "learning_rate":
            value = best[name]
            rows.append((f"{title} in that epoch", f"{value:.4%}" if "accuracy" in name else f"{value:.6f}"))
    return rows


def _charts(record: Record) -> str:
    if not record.history:
        return ""
    figures = [curves.plot_training_and_validation(title, record.history, {}, record.epochs) for title in curves.PAIRS]
    figures.append(curves.plot_learning_rate(record.history, record.epochs))
    return f'<div class="charts">{"".join(figure_html(figure) for figure in figures)}</div>'


def figure_html(figure: go.Figure) -> str:
    """A chart that needs the page's script."""
    figure.update_layout(template="plotly_white", paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
    text: str = figure.to_html(
        full_html=False, include_plotlyjs=False, config={**charts.PLOTLY_CONFIG, "responsive": True}
    )
    return f"<div>{text}</div>"


def _evaluation(record: Record) -> str:
    found = record.evaluation
    rows = [
        (title, f"{value:.4%}" if name == "accuracy" else f"{value:.5f}")
        for name, title in (("accuracy", "accuracy"), ("loss", "loss"), ("ece", "expected calibration error"))
        if (value := record.figure(name)) is not None
    ]
    interval = found.get("interval")
    if rows and isinstance(interval, list) and len(interval) == 2:
        rows.insert(1, ("its 95 % interval", f"{interval[0]:.4%} to {interval[1]:.4%}"))
    return table_html(rows) + _confusion(found.get("confusion")) + _mistakes(record)


def _confusion(counts: Any) -> str:
    try:
        matrix = np.asarray(counts, dtype=np.int64)
    except (TypeError, ValueError, OverflowError):
        return ""
    if matrix.shape != (10, 10):
        return ""
    digits = [str(digit) for digit in range(10)]
    wrong = np.where(np.eye(10, dtype=bool), 0, matrix) / np.maximum(matrix.sum(1, keepdims=True), 1)
    figure = go.Figure()
    figure.add_heatmap(
        z=wrong, x=digits, y=digits, text=np.where(matrix > 0, matrix.astype(str), ""), texttemplate="%{text}",
        colorscale=[[0, "rgba(212,87,58,0)"], [1, "rgba(212,87,58,0.8)"]], showscale=False, xgap=1, ygap=1,
        hovertemplate="%{y} predicted as %{x}: %{text}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text="predicted", side="top", type="category")
    figure.update_yaxes(title_text="label", type="category", autorange="reversed")
    figure.update_layout(height=460, margin={"l": 40, "r": 8, "t": 60, "b": 8})
    return figure_html(figure)


def _mistakes(record: Record) -> str:
    try:
        data = (record.run.path / "mistakes.png").read_bytes()
    except OSError:
        return ""
    picture = base64.b64encode(data).decode("ascii")
    alt = "The most confident mistakes"
    return f'<p>{alt}:</p><img alt="{alt}" src="data:image/png;base64,{picture}">'


def _settings(record: Record) -> str:
    rows = []
    for name, value in record.config.items():
        option = FIELDS.get(name)
        default = option.default if option is not None else None
        plain = list(default) if isinstance(default, tuple) else default
        changed = ' class="changed"' if option is not None and plain != value else ""
        help_text = option.metadata["help"] if option is not None else ""
        rows.append(
            f'<tr{changed}><td>{escape(name)}</td><td class="value">{escape(format_setting(value))}</td>'
            f'<td class="quiet help">{escape(help_text)}</td></tr>\n'
        )
    note = '<p class="quiet">Settings that are not at their default are in bold.</p>'
    return f'{note}<div class="scroll"><table>\n{"".join(rows)}</table></div>' if rows else ""


def _origin(record: Record) -> list[tuple[str, str]]:
    origin = record.run.read_json("provenance.json")
    data = origin.get("data")
    data = data if isinstance(data, dict) else {}
    rows: list[tuple[str, str]] = [
        (name, format_setting(origin[name]))
        for name in ("command", "commit", "backend", "python", "machine")
        if name in origin
    ]
    packages = origin.get("packages")
    if isinstance(packages, dict):
        rows.append(("packages", ", ".join(f"{name} {version}" for name, version in packages.items())))
    sources = data.get("sources")
    if isinstance(sources, dict):
        rows += [
            (str(name), f"{count:,} images" if isinstance(count, int) else str(count))
            for name, count in sources.items()
        ]
    rows += [
        (name.replace("_", " "), format_setting(data[name]))
        for name in ("test_images_dropped", "duplicates_dropped", "sha256")
        if name in data
    ]
    resumed = origin.get("resumed")
    if isinstance(resumed, list) and resumed:
        rows.append(("resumed", f"{len(resumed)} times" if len(resumed) > 1 else "once"))
    return rows
