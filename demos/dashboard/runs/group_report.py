"""One report for several runs: an HTML page that compares them, with the report of each below."""

from collections.abc import Sequence

import pandas as pd

from demos.dashboard.runs import curves, origin, table
from demos.dashboard.runs.axes import EPOCHS, list_points
from demos.dashboard.runs.records import Record
from demos.dashboard.runs.report import escape, figure_html, page_html, section, sections_of
from digitrec.learning.runs.provenance import PROVENANCE


def group_report(records: Sequence[Record]) -> str:
    """Write the report of several runs as an HTML page, which opens without a network.

    Args:
        records: The runs, in their order on the page.
    """
    named = table.key_by_title(records)
    origins = {called: record.run.read_json(PROVENANCE) for called, record in named.items()}
    body = [
        f"<h1>{len(named)} runs</h1>",
        f'<p class="quiet">{escape(", ".join(named))}</p>',
        section("Results", frame_html(table.results_table(records))),
        section("Curves", _charts(named)),
        section("What differs in their settings", frame_html(table.differences_table(records))),
        section("What differs in their packages", frame_html(origin.packages_table(origins))),
        section("Code", _code(origins)),
    ]
    for called, record in named.items():
        body.append(f"\n<details>\n<summary><h2>{escape(called)}</h2></summary>\n{sections_of(record)}\n</details>")
    return page_html(f"{len(named)} runs", "".join(body))


def frame_html(frame: pd.DataFrame) -> str:
    """A table of texts; nothing where it has no row."""
    if frame.empty:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *frame.columns))
    rows = "".join(
        f"<tr><th>{escape(name)}</th>" + "".join(f'<td class="value">{escape(value)}</td>' for value in row) + "</tr>\n"
        for name, row in zip(frame.index, frame.itertuples(index=False), strict=True)
    )
    return f'<div class="scroll"><table>\n<tr>{head}</tr>\n{rows}</table></div>'


def _charts(named: dict[str, Record]) -> str:
    figures = []
    for name in curves.list_series([record.history for record in named.values()]):
        found = {called: list_points(record, name, EPOCHS) for called, record in named.items() if record.history}
        points = {called: one for called, one in found.items() if one is not None}
        figures.append(figure_html(curves.plot_comparison(points, name)))
    return f'<div class="charts">{"".join(figures)}</div>' if figures else ""


def _code(origins: dict[str, dict[str, object]]) -> str:
    if len(origins) != 2:
        return ""
    first, second = origins.values()
    sentence, difference = origin.compare_code(str(first.get("commit", "")), str(second.get("commit", "")))
    shown = f"<pre>{escape(difference[: origin.MAX_LETTERS])}</pre>" if difference else ""
    return f"<p>{escape(sentence)}</p>{shown}"
