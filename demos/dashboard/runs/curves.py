"""Curves of runs over their epochs, as Plotly figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

VALIDATION, TRAINING = "#d4573a", "#8a8f98"
COLOURS = ("#d4573a", "#4f83e8", "#2f9e6e", "#b8860b", "#9461c9", "#d06a9f", "#4aa3b5", "#8a8f98")
"""To tell runs apart, on light and on dark."""

CHART: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}
"""Options of every chart: no buttons over it, and on a phone the page scrolls, not the chart."""

SERIES = {
    "val_accuracy": "validation accuracy",
    "val_loss": "validation loss",
    "accuracy": "training accuracy",
    "loss": "training loss",
    "learning_rate": "learning rate",
    "val_mnist_accuracy": "validation accuracy on MNIST",
    "val_csv_accuracy": "validation accuracy on CSV data",
    "val_doubt_auroc": "AUROC of doubt on validation",
}
"""What a history may hold, and what that is called."""

Rows = Sequence[Mapping[str, float]]

PAIRS = {"Accuracy": "accuracy", "Loss": "loss"}


def training_and_validation(title: str, history: Rows, now: Mapping[str, Any], epochs: int | None) -> go.Figure:
    """One figure of a run, of its training and its validation data.

    Args:
        title: One of `PAIRS`.
        history: A row for each epoch.
        now: The run's progress: where it is amid an epoch, the training curve goes on to there with a ring.
        epochs: How many it is to train: the width of the axis, so that it does not move.
    """
    name = PAIRS[title]
    figure = go.Figure()
    x, y = _series(history, name)
    figure.add_scatter(x=x, y=y, name="training", **_line(TRAINING, len(x)))
    inside = amid_epoch(history, now, name)
    if inside is not None:
        figure.add_scatter(
            x=[*x[-1:], inside[0]], y=[*y[-1:], inside[1]], name="this epoch", mode="lines+markers", showlegend=False,
            line={"color": TRAINING, "dash": "dot"}, marker={"symbol": "circle-open", "size": [0] * len(x[-1:]) + [9]},
        )  # fmt: skip
    x, y = _series(history, f"val_{name}")
    figure.add_scatter(x=x, y=y, name="validation", **_line(VALIDATION, len(x)))
    if name == "accuracy":
        figure.update_yaxes(tickformat=".4~%")
    return _laid_out(figure, title, epochs)


def learning_rate(history: Rows, epochs: int | None) -> go.Figure:
    """The learning rate at the end of each epoch."""
    figure = go.Figure()
    x, y = _series(history, "learning_rate")
    figure.add_scatter(x=x, y=y, name="learning rate", showlegend=False, **_line("#4f83e8", len(x)))
    figure.update_yaxes(rangemode="tozero", exponentformat="power")
    return _laid_out(figure, "Learning rate", epochs)


def amid_epoch(history: Rows, now: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Where the running epoch's mean of a figure stands, as (epochs done, value); None between two epochs."""
    numbers = [now.get(key) for key in ("epoch", "step", "steps", name)]
    known = [float(number) for number in numbers if isinstance(number, int | float)]
    if len(known) < len(numbers):
        return None
    epoch, step, steps, value = known
    return (epoch + step / steps, value) if epoch == len(history) and 0 < step < steps else None


def compared(runs: Mapping[str, Rows], name: str) -> go.Figure:
    """One figure of several runs.

    Args:
        runs: The history of each, by what it is called.
        name: One of `SERIES`.
    """
    figure = go.Figure()
    for position, (run, history) in enumerate(runs.items()):
        x, y = _series(history, name)
        dash = "solid" if position < len(COLOURS) else "dot"
        line = _line(COLOURS[position % len(COLOURS)], len(x))
        figure.add_scatter(x=x, y=y, name=run, showlegend=True, **{**line, "line": {**line["line"], "dash": dash}})
    figure = _laid_out(figure, "", None)
    figure.update_layout(height=420, legend={"y": -0.2, "yanchor": "top"})
    if "accuracy" in name:
        figure.update_yaxes(tickformat=".4~%")
    return figure


def names_in(histories: Sequence[Rows]) -> list[str]:
    """Those of `SERIES` that some history holds, in the order of `SERIES`."""
    there = {name for history in histories for row in history for name in row}
    return [name for name in SERIES if name in there]


def _series(history: Rows, name: str) -> tuple[list[float], list[float]]:
    """Epochs done, and the figure after them. A gap stays one: a figure that is missing is NaN, which Plotly skips."""
    rows = [(row.get("epoch", position) + 1, row.get(name, float("nan"))) for position, row in enumerate(history)]
    return [x for x, _ in rows], [y for _, y in rows]


def _line(colour: str, count: int) -> dict[str, Any]:
    return {"mode": "lines+markers" if count < 40 else "lines", "line": {"color": colour}, "marker": {"size": 6}}


def _laid_out(figure: go.Figure, title: str, epochs: int | None) -> go.Figure:
    figure.update_layout(
        height=270,
        margin={"l": 8, "r": 8, "t": 64 if title else 16, "b": 8},
        title={"text": title, "font": {"size": 15}, "y": 0.98, "yanchor": "top"} if title else None,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="x unified",
        dragmode=False,
        uirevision="stays",  # what was hidden by a click on the legend stays hidden when the curve moves
    )
    figure.update_xaxes(title_text="epochs", rangemode="tozero", fixedrange=True, showgrid=False)
    figure.update_yaxes(fixedrange=True)
    if not any(line.y for line in figure.data):
        figure.update_yaxes(showticklabels=False)  # of nothing there is no scale
    if epochs is not None:
        figure.update_xaxes(range=[0, epochs + 0.05 * max(1, epochs) * 0.5])
    return figure
