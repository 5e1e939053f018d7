"""Reading numbers on the page Try it: written on a wide canvas, or in a picture."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.boxes import draw_boxes, show_picture
from demos.dashboard.charts import INK
from demos.dashboard.paths import file_version
from demos.wording import count_of, format_percent
from digitrec import DigitrecError, Reader, Reading
from digitrec.artifacts import reader_path
from digitrec.decoding import ImageLike

LONGEST = 900
"""Longest side of the picture that is shown, in pixels."""


def show_reading(image: NDArray[np.uint8] | bytes) -> None:
    """Read a picture, and show it with a box around each digit, the text, and a row for each number.

    Args:
        image: A canvas, or the bytes of a file.
    """
    try:
        reading = get_reader().read(image)
        _show(image, reading)
    except DigitrecError as error:
        text = str(error)
        st.error(f"{text[:1].upper()}{text[1:]}.")


def get_reader() -> Reader:
    """The shipped reader, loaded once, and again when its file has changed."""
    return _load(file_version(reader_path()))


@st.cache_resource(max_entries=1, show_spinner=False)
def _load(version: tuple[int, int]) -> Reader:
    """Load the reader; `version` is only a key of the cache."""
    return Reader()


def _show(image: ImageLike, reading: Reading) -> None:
    if not reading:
        st.write("I can't see a number.")
    else:
        with st.container(key="answer-reading"):  # large, by a rule of `demos.streamlit_app` for this key
            st.title("  \n".join(reading.text.splitlines()), anchor=False)
        counted = f"{count_of(len(reading.numbers), 'number')}, {count_of(len(reading.digits), 'digit')}"
        st.caption(f"{counted}, read by the shipped models")
    shown = show_picture(image, LONGEST)
    boxes = [(shown.place(one.box), str(one.digit), INK) for one in reading.digits]
    words = reading.text.replace("\n", ", ") or "nothing"
    st.image(draw_boxes(shown.picture, boxes), alt=f"The picture, read as {words}", output_format="PNG")
    if reading:
        st.dataframe(
            [
                {
                    "number": number.text,
                    "sure": format_percent(number.confidence, 1),
                    "digits": ", ".join(f"{one.digit} {format_percent(one.confidence, 1)}" for one in number.digits),
                }
                for number in reading.numbers
            ],
            hide_index=True,
            key="read-numbers",
        )
