"""Curves of runs over their epochs, as Plotly figures."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

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

Points = tuple[Sequence[float], Sequence[float]]
"""Where the points of a curve are, and their values; NaN is a gap."""

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
    x, y = epoch_points(history, name)
    figure.add_scatter(x=x, y=y, name="training", **_line(TRAINING, len(x)))
    inside = running_point(history, now, name)
    if inside is not None:
        figure.add_scatter(
            x=[*x[-1:], inside[0]], y=[*y[-1:], inside[1]], name="this epoch", mode="lines+markers", showlegend=False,
            line={"color": TRAINING, "dash": "dot"}, marker={"symbol": "circle-open", "size": [0] * len(x[-1:]) + [9]},
        )  # fmt: skip
    x, y = epoch_points(history, f"val_{name}")
    figure.add_scatter(x=x, y=y, name="validation", **_line(VALIDATION, len(x)))
    if name == "accuracy":
        figure.update_yaxes(tickformat=".4~%")
    return _apply_layout(figure, title, epochs)


def plot_learning_rate(history: Rows, epochs: int | None) -> go.Figure:
    """Plot the learning rate at the end of each epoch."""
    figure = go.Figure()
    x, y = epoch_points(history, "learning_rate")
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


def plot_comparison(runs: Mapping[str, Points], name: str, axis: str = "epochs", smoothing: float = 0.0) -> go.Figure:
    """Plot one metric of several runs.

    Args:
        runs: The points of each run, by its name.
        name: One of `SERIES`.
        axis: What they are plotted over, in words.
        smoothing: 0 to below 1. Above 0, the curve itself is pale behind the smoothed one.
    """
    figure = go.Figure()
    for position, (run, (x, y)) in enumerate(runs.items()):
        colour = COLOURS[position % len(COLOURS)]
        dash = "solid" if position < len(COLOURS) else "dot"
        if smoothing:
            figure.add_scatter(
                x=x, y=y, name=run, showlegend=False, hoverinfo="skip", mode="lines", opacity=0.3, legendgroup=run,
                line={"color": colour, "dash": dash},
            )  # fmt: skip
        line = _line(colour, len(x))
        figure.add_scatter(
            x=x, y=smooth(y, smoothing), name=run, showlegend=True, legendgroup=run,
            **{**line, "line": {**line["line"], "dash": dash}},
        )  # fmt: skip
    figure = _apply_layout(figure, SERIES[name].capitalize(), None)
    figure.update_layout(height=360, legend={"y": -0.25, "yanchor": "top"})
    figure.update_xaxes(title_text=axis)
    if "accuracy" in name:
        figure.update_yaxes(tickformat=".4~%")
    return figure


def smooth(values: Sequence[float], weight: float) -> list[float]:
    """An exponential moving average, corrected for its beginning, as trackers of experiments draw it.

    Args:
        values: NaN where one is missing; it stays missing, and does not count.
        weight: Of what was before, 0 to below 1; 0 changes nothing.
    """
    average = share = 0.0
    smoothed = []
    for value in values:
        if not math.isfinite(value):
            smoothed.append(value)
            continue
        average = weight * average + (1 - weight) * value
        share = weight * share + (1 - weight)
        smoothed.append(average / share)
    return smoothed


def plot_resources(rows: Rows) -> go.Figure:
    """Plot the processor cores and the memory that a run used, over the minutes of its training.

    Args:
        rows: Its timeline.
    """
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.12)
    minutes = [row["seconds"] / 60 for row in rows]
    for place, (name, title, colour, scale) in enumerate(
        (("cores", "processor cores", COLOURS[1], 1.0), ("megabytes", "memory, GB", COLOURS[2], 1e-3)), start=1
    ):
        y = [row.get(name, math.nan) * scale for row in rows]
        figure.add_scatter(x=minutes, y=y, name=title, mode="lines", line={"color": colour}, row=place, col=1)
        figure.update_yaxes(title_text=title, rangemode="tozero", fixedrange=True, row=place, col=1)
    figure.update_xaxes(fixedrange=True, showgrid=False)
    figure.update_xaxes(title_text="minutes", row=2, col=1)
    figure.update_layout(
        height=320, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False, dragmode=False, uirevision="stays"
    )
    return figure


def list_series(histories: Sequence[Rows]) -> list[str]:
    """List the columns of `SERIES` that some history holds."""
    there = {name for history in histories for row in history for name in row}
    return [name for name in SERIES if name in there]


def epoch_points(history: Rows, name: str) -> tuple[list[float], list[float]]:
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
