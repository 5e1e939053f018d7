"""Curves of runs over their epochs, as Plotly figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

VALIDATION, TRAINING = "#d4573a", "#8a8f98"
COLOURS = ("#d4573a", "#4f83e8", "#2f9e6e", "#b8860b", "#9461c9", "#d06a9f", "#4aa3b5", "#8a8f98")
"""Colours of runs, distinct on light and dark."""


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
"""Names of the columns of a history."""

Rows = Sequence[Mapping[str, float]]

PAIRS = {"Accuracy": "accuracy", "Loss": "loss"}


def plot_training_and_validation(title: str, history: Rows, now: Mapping[str, Any], epochs: int | None) -> go.Figure:
    """Plot one metric of a run, on training and validation data.

    Args:
        title: One of `PAIRS`.
        history: A row for each epoch.
        now: The run's progress: within an epoch, the training curve continues to a ring.
        epochs: The number it is to train: the width of the axis, so that it does not move.
    """
    name = PAIRS[title]
    figure = go.Figure()
    x, y = _series(history, name)
    figure.add_scatter(x=x, y=y, name="training", **_line(TRAINING, len(x)))
    inside = running_point(history, now, name)
    if inside is not None:
        figure.add_scatter(
            x=[*x[-1:], inside[0]], y=[*y[-1:], inside[1]], name="this epoch", mode="lines+markers", showlegend=False,
            line={"color": TRAINING, "dash": "dot"}, marker={"symbol": "circle-open", "size": [0] * len(x[-1:]) + [9]},
        )  # fmt: skip
    x, y = _series(history, f"val_{name}")
    figure.add_scatter(x=x, y=y, name="validation", **_line(VALIDATION, len(x)))
    if name == "accuracy":
        figure.update_yaxes(tickformat=".4~%")
    return _apply_layout(figure, title, epochs)


def plot_learning_rate(history: Rows, epochs: int | None) -> go.Figure:
    """Plot the learning rate at the end of each epoch."""
    figure = go.Figure()
    x, y = _series(history, "learning_rate")
    figure.add_scatter(x=x, y=y, name="learning rate", showlegend=False, **_line("#4f83e8", len(x)))
    figure.update_yaxes(rangemode="tozero", exponentformat="power")
    return _apply_layout(figure, "Learning rate", epochs)


def running_point(history: Rows, now: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """The mean of a metric in the running epoch, as (epochs done, value); None between two epochs."""
    numbers = [now.get(key) for key in ("epoch", "step", "steps", name)]
    known = [float(number) for number in numbers if isinstance(number, int | float)]
    if len(known) < len(numbers):
        return None
    epoch, step, steps, value = known
    return (epoch + step / steps, value) if epoch == len(history) and 0 < step < steps else None


def plot_comparison(runs: Mapping[str, Rows], name: str) -> go.Figure:
    """Plot one metric of several runs.

    Args:
        runs: The history of each run, by its name.
        name: One of `SERIES`.
    """
    figure = go.Figure()
    for position, (run, history) in enumerate(runs.items()):
        x, y = _series(history, name)
        dash = "solid" if position < len(COLOURS) else "dot"
        line = _line(COLOURS[position % len(COLOURS)], len(x))
        figure.add_scatter(x=x, y=y, name=run, showlegend=True, **{**line, "line": {**line["line"], "dash": dash}})
    figure = _apply_layout(figure, "", None)
    figure.update_layout(height=420, legend={"y": -0.2, "yanchor": "top"})
    if "accuracy" in name:
        figure.update_yaxes(tickformat=".4~%")
    return figure


def list_series(histories: Sequence[Rows]) -> list[str]:
    """List the columns of `SERIES` that some history holds."""
    there = {name for history in histories for row in history for name in row}
    return [name for name in SERIES if name in there]


def _series(history: Rows, name: str) -> tuple[list[float], list[float]]:
    """Epochs done, and the metric after each. A missing value is NaN, so that the line has a gap."""
    rows = [(row.get("epoch", position) + 1, row.get(name, float("nan"))) for position, row in enumerate(history)]
    return [x for x, _ in rows], [y for _, y in rows]


def _line(colour: str, count: int) -> dict[str, Any]:
    return {"mode": "lines+markers" if count < 40 else "lines", "line": {"color": colour}, "marker": {"size": 6}}


def _apply_layout(figure: go.Figure, title: str, epochs: int | None) -> go.Figure:
    figure.update_layout(
        height=270,
        margin={"l": 8, "r": 8, "t": 64 if title else 16, "b": 8},
        title={"text": title, "font": {"size": 15}, "y": 0.98, "yanchor": "top"} if title else None,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="x unified",
        dragmode=False,
        uirevision="stays",  # series hidden by a click on the legend stay hidden when the curve moves
    )
    figure.update_xaxes(title_text="epochs", rangemode="tozero", fixedrange=True, showgrid=False)
    figure.update_yaxes(fixedrange=True)
    if not any(line.y for line in figure.data):
        figure.update_yaxes(showticklabels=False)  # without values there is no scale
    if epochs is not None:
        figure.update_xaxes(range=[0, epochs + 0.05 * max(1, epochs) * 0.5])
    return figure
