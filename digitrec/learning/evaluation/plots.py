"""Pictures of a run and its evaluation: PNG for documents, HTML (Plotly) to look into, both without a display.

PNGs are drawn by Matplotlib, because Plotly needs a browser to make one. Figures are made without pyplot, whose
register of open figures would keep every one of them in memory.
"""

from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from digitrec.learning.evaluation.metrics import Evaluation, Mistake
from digitrec.learning.evaluation.reliability import Bin

TRAINING, VALIDATION = "#8a8f98", "#2563eb"
CURVES = (("accuracy", "accuracy"), ("loss", "loss"))


def write_curves(history: list[dict[str, float]], folder: Path) -> list[Path]:
    """Draw accuracy and loss over epochs as curves.png and curves.html.

    Args:
        history: Rows as `Run.history` gives them.
        folder: Where the files go; made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    epochs = [row["epoch"] + 1 for row in history]
    figure = Figure(figsize=(10, 4), layout="constrained")
    page = make_subplots(1, 2, subplot_titles=[title for title, _ in CURVES])
    for column, (title, name) in enumerate(CURVES, 1):
        axes = figure.add_subplot(1, 2, column, title=title, xlabel="epoch")
        for series, label, colour in ((name, "training", TRAINING), (f"val_{name}", "validation", VALIDATION)):
            values = [row.get(series, float("nan")) for row in history]
            axes.plot(epochs, values, label=label, color=colour, marker=".")
            page.add_scatter(
                x=epochs, y=values, name=label, line_color=colour, legendgroup=label, showlegend=column == 1,
                row=1, col=column,
            )  # fmt: skip
        axes.grid(alpha=0.3)
        axes.legend()
    page.update_xaxes(title_text="epoch")
    return _save(figure, page, folder / "curves")


def write_confusion(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw the confusion matrix as confusion.png and confusion.html, with counts in the cells.

    Colour stands for the share of each row's images; the diagonal stays pale, so that the mistakes stand out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts = np.array(evaluation.confusion)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    mistakes = np.where(np.eye(10, dtype=bool), 0.0, shares)
    figure = Figure(figsize=(7, 6), layout="constrained")
    title = f"{evaluation.errors} of {evaluation.count} wrong"
    axes = figure.add_subplot(xlabel="prediction", ylabel="label", title=title)
    axes.imshow(mistakes, cmap="Reds", vmin=0, vmax=max(0.02, float(mistakes.max())))
    axes.set_xticks(range(10))
    axes.set_yticks(range(10))
    for row in range(10):
        for column in range(10):
            if counts[row, column]:
                axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=9)
    digits = [str(digit) for digit in range(10)]
    page = go.Figure(
        go.Heatmap(
            z=mistakes, x=digits, y=digits, text=np.where(counts > 0, counts.astype(str), ""), customdata=100 * shares,
            texttemplate="%{text}", colorscale="Reds", showscale=False, zmin=0, zmax=max(0.02, float(mistakes.max())),
            hovertemplate="%{y} read as %{x}: %{text} (%{customdata:.2f} %)<extra></extra>",
        )
    )  # fmt: skip
    page.update_layout(width=700, height=650, title=title)
    page.update_xaxes(title_text="prediction", type="category")
    page.update_yaxes(title_text="label", type="category", autorange="reversed")
    return _save(figure, page, folder / "confusion")


def write_reliability(bins: list[Bin], ece: float, folder: Path) -> list[Path]:
    """Draw accuracy over confidence, and the number of predictions, as reliability.png and reliability.html.

    Of a calibrated network, the bars end on the diagonal. The counts have a logarithmic scale: a good network is
    confident in nearly all of its predictions.

    Args:
        bins: As `digitrec.learning.evaluation.reliability.reliability` gives them.
        ece: Their expected calibration error, for the title.
        folder: Where the files go; made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    width = bins[0].high - bins[0].low
    middles = [(one.low + one.high) / 2 for one in bins]
    title = f"expected calibration error {ece:.4f}"
    figure = Figure(figsize=(6, 7), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.bar(middles, [one.accuracy for one in bins], width, color=VALIDATION, edgecolor="white", label="answers")
    upper.plot([0, 1], [0, 1], color=TRAINING, linestyle="--", label="perfectly calibrated")
    upper.set(title=title, ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    upper.legend(loc="upper left")
    lower.bar(middles, [one.count for one in bins], width, color=TRAINING, edgecolor="white")
    lower.set(xlabel="confidence", ylabel="answers", yscale="symlog", ylim=(0, None))
    for axes in (upper, lower):
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
    page = make_subplots(2, 1, shared_xaxes=True, row_heights=[0.75, 0.25], vertical_spacing=0.05)
    facts = np.array([(one.low, one.high, one.confidence, one.count) for one in bins])
    page.add_bar(
        x=middles, y=[one.accuracy for one in bins], width=width, marker_color=VALIDATION, name="answers",
        customdata=facts, hovertemplate="confidence %{customdata[0]:.3f} to %{customdata[1]:.3f}, on average "
        "%{customdata[2]:.4f}<br>accuracy %{y:.4f} of %{customdata[3]} answers<extra></extra>", row=1, col=1,
    )  # fmt: skip
    page.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": TRAINING, "dash": "dash"}, name="perfectly calibrated",
        hoverinfo="skip", row=1, col=1,
    )  # fmt: skip
    page.add_bar(
        x=middles, y=[one.count for one in bins], width=width, marker_color=TRAINING, showlegend=False,
        hovertemplate="%{y} answers<extra></extra>", row=2, col=1,
    )  # fmt: skip
    page.update_layout(width=650, height=750, title=title, bargap=0)
    page.update_xaxes(range=[0, 1])
    page.update_xaxes(title_text="confidence", row=2, col=1)
    page.update_yaxes(title_text="accuracy", range=[0, 1], row=1, col=1)
    page.update_yaxes(title_text="answers", type="log", range=[-0.3, None], row=2, col=1)  # one answer is 10 ** 0
    return _save(figure, page, folder / "reliability")


def write_mistakes(mistakes: list[Mistake], images: NDArray[np.uint8], folder: Path) -> list[Path]:
    """Draw the most confident mistakes as mistakes.png.

    Args:
        mistakes: What to show; their `index` counts in `images`.
        images: Shape (n, 28, 28), uint8.
        folder: Where the file goes; made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns = 10
    rows = max(1, -(-len(mistakes) // columns))
    figure = Figure(figsize=(1.2 * columns, 1.6 * rows), layout="constrained")
    for position, mistake in enumerate(mistakes):
        axes = figure.add_subplot(rows, columns, position + 1)
        axes.imshow(255 - images[mistake.index], cmap="gray", vmin=0, vmax=255)
        axes.set_title(f"{mistake.label} as {mistake.digit}\n{mistake.confidence:.1%}", fontsize=8)
        axes.set_axis_off()
    path = folder / "mistakes.png"
    figure.savefig(path, dpi=100)
    return [path]


def _save(figure: Figure, page: go.Figure, stem: Path) -> list[Path]:
    png, html = stem.with_suffix(".png"), stem.with_suffix(".html")
    figure.savefig(png, dpi=120)
    # Plotly's script goes beside the pages once, so that they open offline and stay small.
    page.write_html(html, include_plotlyjs="directory")
    return [png, html]
