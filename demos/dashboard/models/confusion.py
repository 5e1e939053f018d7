"""The confusion matrix, and the images behind each of its cells."""

from typing import Any

import numpy as np
import streamlit as st

from demos.dashboard import charts
from demos.dashboard.images import show_gallery
from demos.dashboard.models.evaluation import EvaluationResult
from demos.dashboard.models.image import open_image_dialog
from demos.dashboard.widget_values import RESENT
from demos.wording import format_percent
from digitrec.learning.data.examples import Examples

SHOWN = 24
"""Images of a cell that are shown at most."""

LABEL, PREDICTED = "confusion-label", "confusion-predicted"


def show_confusion(result: EvaluationResult, test: Examples) -> tuple[int, int]:
    """Show the matrix beside the images of the chosen cell.

    Args:
        result: A model's predictions.
        test: The test images.

    Returns:
        The chosen cell: label and predicted digit.
    """
    matrix, images = st.columns([3, 2], gap="medium")
    with matrix:
        unit = st.segmented_control(
            "Cells", ["Counts", "Row %"], default="Counts", required=True, label_visibility="collapsed"
        )
        chosen = (_chosen(LABEL, _worst(result)[0]), _chosen(PREDICTED, _worst(result)[1]))
        st.plotly_chart(
            charts.plot_confusion(
                result.evaluation, shares=unit == "Row %", chosen=chosen, dark=st.context.theme.type == "dark"
            ),
            key="confusion",
            on_select=_take_cell,
            selection_mode="points",
            config={**charts.PLOTLY_CONFIG, "doubleClick": False, "doubleClickDelay": 1},  # two quick taps are two taps
            alt="Confusion matrix; choose a cell with the two lists beside it",
        )
    with images:
        st.caption(
            "Click a cell (on a touch screen, tap it twice), or choose it here, to see its images. Click the confidence"
            " under an image for details."
        )
        with st.container(horizontal=True):
            label = st.selectbox("label", range(10), key=LABEL, width=110, persist_state=RESENT)
            digit = st.selectbox("predicted", range(10), key=PREDICTED, width=110, persist_state=RESENT)
        places = result.cell(label, digit)
        _describe_cell(result, label, digit, len(places))
        shown = places[:SHOWN]
        sure = result.predictions.probabilities[shown, digit]
        show_gallery(
            [test.images[place] for place in shown],
            [format_percent(float(p), 1) for p in sure],
            alts=[f"test image {place}, a {label} predicted as {digit}" for place in shown],
            key=f"cell-{label}-{digit}",
            on_select=lambda position: open_image_dialog(result, test, int(shown[position])),
        )
    return label, digit


def _chosen(key: str, default: int) -> int:
    """A row or column from the lists beside the matrix; the default is set before they are drawn."""
    value = st.session_state.setdefault(key, default)
    return int(value)


def _worst(result: EvaluationResult) -> tuple[int, int]:
    """Find the cell with the most mistakes."""
    counts = np.array(result.evaluation.confusion) * (1 - np.eye(10, dtype=int))
    label, digit = np.unravel_index(int(counts.argmax()), counts.shape)
    return int(label), int(digit)


def _take_cell() -> None:
    """Set the lists beside the matrix to the clicked cell."""
    if cell := cell_from_event(st.session_state["confusion"]):
        st.session_state[LABEL], st.session_state[PREDICTED] = cell


def cell_from_event(event: Any) -> tuple[int, int] | None:
    """Read the cell, as (label, predicted digit), from a selection event of the confusion matrix."""
    points = event["selection"]["points"]
    if not points:  # a second click on a cell ends the selection; its images stay
        return None
    return int(points[-1]["y"]), int(points[-1]["x"])


def _describe_cell(result: EvaluationResult, label: int, digit: int, count: int) -> None:
    support = result.evaluation.per_class[label].support
    if count == 0:
        st.write(f"No {label} was predicted as {digit}.")
        return
    more = f" The {SHOWN} with the highest confidence:" if count > SHOWN else ""
    were = "was" if count == 1 else "were"
    st.write(f"**{count:,} of {support:,}** images of a {label} {were} predicted as {digit}.{more}")
