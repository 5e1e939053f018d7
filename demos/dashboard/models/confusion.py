"""The confusion matrix, and the images behind each of its cells."""

from typing import Any

import numpy as np
import streamlit as st

from demos.dashboard import charts
from demos.dashboard.images import gallery
from demos.dashboard.models.evaluation import Judgement
from demos.dashboard.models.image import look
from demos.wording import format_percent
from digitrec.learning.data.examples import Examples

SHOWN = 24
"""Most images of a cell that are shown at once."""

IS, TAKEN_FOR = "confusion-is", "confusion-taken-for"


def show_confusion(found: Judgement, test: Examples) -> None:
    """Show the matrix and, beside it, the images of the chosen cell.

    Args:
        found: A model's answers.
        test: The test images.
    """
    matrix, images = st.columns([3, 2], gap="medium")
    with matrix:
        unit = st.segmented_control(
            "Cells", ["Counts", "Row %"], default="Counts", required=True, label_visibility="collapsed"
        )
        chosen = (_chosen(IS, _worst(found)[0]), _chosen(TAKEN_FOR, _worst(found)[1]))
        st.plotly_chart(
            charts.confusion(
                found.evaluation, shares=unit == "Row %", chosen=chosen, dark=st.context.theme.type == "dark"
            ),
            key="confusion",
            on_select=_take_cell,
            selection_mode="points",
            config={**charts.CONFIG, "doubleClick": False, "doubleClickDelay": 1},  # two quick taps are two taps
            alt="Confusion matrix; choose a cell with the two lists beside it",
        )
    with images:
        st.caption(
            "Click a cell (with a finger, tap it twice), or choose here, to see its images. Click the figure under an"
            " image to look into it."
        )
        with st.container(horizontal=True):
            label = st.selectbox("is a", range(10), key=IS, width=110)
            digit = st.selectbox("taken for", range(10), key=TAKEN_FOR, width=110)
        places = found.cell(label, digit)
        _words_of_cell(found, label, digit, len(places))
        shown = places[:SHOWN]
        sure = found.predictions.probabilities[shown, digit]
        gallery(
            [test.images[place] for place in shown],
            [format_percent(float(p), 1) for p in sure],
            alts=[f"test image {place}, a {label} taken for {digit}" for place in shown],
            key=f"cell-{label}-{digit}",
            on_look=lambda position: look(found, test, int(shown[position])),
        )


def _chosen(key: str, default: int) -> int:
    """A cell's row or column, from the lists beside the matrix; set before they are drawn, so that it begins there."""
    value = st.session_state.setdefault(key, default)
    return int(value)


def _worst(found: Judgement) -> tuple[int, int]:
    """The cell with most mistakes."""
    counts = np.array(found.evaluation.confusion) * (1 - np.eye(10, dtype=int))
    label, digit = np.unravel_index(int(counts.argmax()), counts.shape)
    return int(label), int(digit)


def _take_cell() -> None:
    """A cell was clicked: the lists beside the matrix follow."""
    if cell := clicked_cell(st.session_state["confusion"]):
        st.session_state[IS], st.session_state[TAKEN_FOR] = cell


def clicked_cell(event: Any) -> tuple[int, int] | None:
    """The cell of a selection event of the confusion matrix, as (what it is, what it was taken for)."""
    points = event["selection"]["points"]
    if not points:  # the second click on a cell takes the selection back; its images stay
        return None
    return int(points[-1]["y"]), int(points[-1]["x"])


def _words_of_cell(found: Judgement, label: int, digit: int, count: int) -> None:
    support = found.evaluation.per_class[label].support
    if count == 0:
        st.write(f"No {label} was taken for {digit}.")
        return
    what = f"recognized as {digit}" if label == digit else f"taken for {digit}"
    more = f" The {SHOWN} surest:" if count > SHOWN else ""
    st.write(f"**{count:,} of {support:,}** images of a {label} {'was' if count == 1 else 'were'} {what}.{more}")
