"""The Plotly figures of the dashboard, readable in a light and in a dark theme."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from demos.wording import format_percent
from digitrec.learning.evaluation.metrics import ClassFigures, Evaluation
from digitrec.learning.evaluation.reliability import Bin

INK, QUIET, BLUE, TRACK = "#d4573a", "#8a8f98", "#4f83e8", "rgba(138,143,152,0.16)"
"""The accent colour, grey for the rest, blue for a second series, and the track behind a bar."""

PLOTLY_CONFIG: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}
"""Options of every chart: no buttons over it, and on a phone the page scrolls instead of the chart."""

DIGITS = [str(digit) for digit in range(10)]


def plot_confusion(
    evaluation: Evaluation, *, shares: bool, chosen: tuple[int, int] | None = None, dark: bool = False
) -> go.Figure:
    """Plot the confusion matrix; each cell is a point that can be selected.

    The colour is the share of a row's images that were predicted as another digit; the diagonal stays pale, so that
    the mistakes stand out. Invisible points cover the cells, because Plotly selects only points.

    Args:
        evaluation: What to draw.
        shares: Percent of each row in the cells, instead of counts.
        chosen: The cell with a border, as (label, predicted digit).
        dark: Whether the page is dark.
    """
    counts = np.array(evaluation.confusion)
    of_row = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    mistakes = np.where(np.eye(10, dtype=bool), 0.0, of_row)
    label, digit = (axis.ravel() for axis in np.indices((10, 10)))
    text = [f"{100 * share:.1f}" if shares else str(n) for share, n in zip(of_row.ravel(), counts.ravel(), strict=True)]
    figure = go.Figure()
    figure.add_heatmap(
        z=mistakes,
        zmin=0,
        zmax=max(0.005, float(mistakes.max())),
        colorscale=[[0, "rgba(212,87,58,0)"], [1, "rgba(212,87,58,0.75)"]],
        showscale=False,
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )
    figure.add_scatter(
        x=digit,
        y=label,
        mode="markers+text",
        text=["" if n == 0 else t for n, t in zip(counts.ravel(), text, strict=True)],
        textfont={"size": 13, "color": "#f3efe6" if dark else "#1d2433"},
        customdata=np.column_stack([label, digit, counts.ravel(), 100 * of_row.ravel()]),
        marker={"symbol": "square", "size": 26, "color": "rgba(0,0,0,0)"},
        unselected={"marker": {"opacity": 1}},
        hovertemplate="%{customdata[0]} predicted as %{customdata[1]}: %{customdata[2]} images,"
        " %{customdata[3]:.2f} % of the %{customdata[0]}s<extra></extra>",
    )
    if chosen is not None:
        row, column = chosen
        figure.add_shape(
            type="rect",
            x0=column - 0.5,
            x1=column + 0.5,
            y0=row - 0.5,
            y1=row + 0.5,
            line={"color": INK, "width": 3},
        )
    ticks = {"tickvals": list(range(10)), "ticktext": DIGITS, "showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(title_text="predicted", range=[-0.5, 9.5], side="top", **ticks)
    figure.update_yaxes(title_text="label", range=[9.5, -0.5], **ticks)
    figure.update_layout(
        height=470, margin={"l": 40, "r": 8, "t": 60, "b": 8}, clickmode="event+select", dragmode=False,
        showlegend=False, hovermode="closest",
    )  # fmt: skip
    return figure


def plot_per_class(figures: Sequence[ClassFigures]) -> go.Figure:
    """Plot precision and recall of each digit, on an axis that begins below the lowest of them."""
    figure = go.Figure()
    for name, colour in (("precision", BLUE), ("recall", INK)):
        values = [getattr(one, name) for one in figures]
        figure.add_bar(
            x=DIGITS, y=[100 * value for value in values], name=name, marker_color=colour,
            customdata=[one.support for one in figures],
            hovertemplate=f"{name} of %{{x}}: %{{y:.2f}} %, %{{customdata}} images<extra></extra>",
        )  # fmt: skip
    lowest = min(min(one.precision, one.recall) for one in figures)
    floor = max(0.0, np.floor(100 * lowest) - 1)
    figure.update_yaxes(range=[floor, 100.2], title_text="percent", fixedrange=True)
    figure.update_xaxes(fixedrange=True, type="category")
    return _apply_layout(figure, 340)


def plot_reliability(bins: Sequence[Bin]) -> go.Figure:
    """Plot the accuracy at each confidence, above the number of answers."""
    filled = [one for one in bins if one.count]
    middles = [(one.low + one.high) / 2 for one in filled]
    width = bins[0].high - bins[0].low
    figure = make_subplots(2, 1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.06)
    facts = np.array([(one.low, one.high, one.confidence, one.count) for one in filled])
    figure.add_bar(
        x=middles, y=[one.accuracy for one in filled], width=width * 0.92, marker_color=INK, name="answers",
        customdata=facts, hovertemplate="confidence %{customdata[0]:.2f} to %{customdata[1]:.2f}, on average"
        " %{customdata[2]:.4f}<br>accuracy: %{y:.4f} of %{customdata[3]:.0f} answers<extra></extra>", row=1, col=1,
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": QUIET, "dash": "dash"}, name="perfect calibration",
        hoverinfo="skip", row=1, col=1,
    )  # fmt: skip
    figure.add_bar(
        x=middles, y=[one.count for one in filled], width=width * 0.92, marker_color=QUIET, showlegend=False,
        hovertemplate="%{y} answers<extra></extra>", row=2, col=1,
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1], fixedrange=True)
    figure.update_xaxes(title_text="confidence", row=2, col=1)
    figure.update_yaxes(title_text="accuracy", range=[0, 1.02], fixedrange=True, row=1, col=1)
    figure.update_yaxes(title_text="answers", type="log", range=[-0.3, None], dtick=1, fixedrange=True, row=2, col=1)
    return _apply_layout(figure, 480)


def plot_probabilities(values: NDArray[np.float32], *, doubted: bool, label: int | None = None) -> go.Figure:
    """Plot ten bars, the best guess in colour.

    Args:
        values: Shape (10,), summing to 1.
        doubted: Leaves out the percentages, which assume a digit.
        label: The true digit, if known; it is marked on the axis.
    """
    best = int(values.argmax())
    figure = go.Figure()
    figure.add_bar(y=DIGITS, x=[1] * 10, orientation="h", marker_color=TRACK, hoverinfo="skip")
    figure.add_bar(
        y=DIGITS, x=values, orientation="h",
        marker_color=[INK if digit == best else QUIET for digit in range(10)], hoverinfo="skip",
    )  # fmt: skip
    if not doubted:
        figure.add_scatter(
            y=DIGITS, x=[1.02] * 10, mode="text", text=[format_percent(float(p), 1) for p in values],
            textposition="middle right", hoverinfo="skip",
        )  # fmt: skip
    names = [f"<b>{digit}</b>" if digit == label else str(digit) for digit in range(10)]
    figure.update_xaxes(range=[0, 1.32], visible=False, fixedrange=True)
    figure.update_yaxes(
        autorange="reversed", type="category", tickvals=DIGITS, ticktext=names, fixedrange=True, showgrid=False
    )
    figure.update_layout(barmode="overlay")
    return _apply_layout(figure, 270, legend=False)


DIGIT_COLOURS = (
    "#d4573a", "#4f83e8", "#2f9e6e", "#b8860b", "#9461c9", "#d06a9f", "#4aa3b5", "#8a8f98", "#7b5b3a", "#5aa02c",
)  # fmt: skip
"""A colour for each digit, distinct on light and dark."""


def plot_map(
    points: NDArray[np.float32], labels: NDArray[np.uint8], wrong: NDArray[np.bool_], images: NDArray[np.int64]
) -> go.Figure:
    """Plot images as points of a plane, coloured by label; each point can be selected.

    Args:
        points: Shape (n, 2).
        labels: Shape (n,), 0 to 9.
        wrong: Shape (n,), whether the image is taken for another digit; those are crosses.
        images: Shape (n,), what a selected point stands for.
    """
    figure = go.Figure()
    for digit in range(10):
        rows = labels == digit
        figure.add_scattergl(
            x=points[rows, 0], y=points[rows, 1], mode="markers", name=str(digit), customdata=images[rows],
            marker={
                "color": DIGIT_COLOURS[digit],
                "size": np.where(wrong[rows], 9, 5),
                "symbol": np.where(wrong[rows], "x", "circle"),
                "line": {"width": 0},
            },
            hovertemplate=f"image %{{customdata}}, a {digit}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    figure.update_layout(
        height=520, margin={"l": 0, "r": 0, "t": 30, "b": 0}, clickmode="event+select", dragmode="pan",
        uirevision="stays", hovermode="closest",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
    )  # fmt: skip
    return figure


def plot_histogram(title: str, edges: NDArray[np.float32], counts: NDArray[np.int64]) -> go.Figure:
    """Plot how often values occur.

    Args:
        title: Above it.
        edges: Shape (n + 1,), ascending.
        counts: Shape (n,).
    """
    figure = go.Figure()
    figure.add_bar(x=(edges[1:] + edges[:-1]) / 2, y=counts, width=np.diff(edges), marker_color=BLUE)
    figure.update_yaxes(showticklabels=False)
    figure = _apply_layout(figure, 190, legend=False)
    figure.update_layout(
        bargap=0, title={"text": title, "font": {"size": 13}}, margin={"l": 4, "r": 4, "t": 34, "b": 8}
    )
    return figure


def plot_balance(counts: dict[str, int]) -> go.Figure:
    """Plot the number of images of each label, by its name."""
    total = max(1, sum(counts.values()))
    figure = go.Figure()
    figure.add_bar(
        x=list(counts), y=list(counts.values()), marker_color=BLUE, text=list(counts.values()), textposition="outside",
        customdata=[100 * count / total for count in counts.values()],
        hovertemplate="%{x}: %{y} images, %{customdata:.1f} %<extra></extra>", cliponaxis=False,
    )  # fmt: skip
    figure.update_xaxes(type="category", fixedrange=True)
    figure.update_yaxes(title_text="images", rangemode="tozero", fixedrange=True)
    return _apply_layout(figure, 320, legend=False)


def _apply_layout(figure: go.Figure, height: int, legend: bool = True) -> go.Figure:
    figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 30, "b": 8}, dragmode=False, showlegend=legend, bargap=0.25,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure
