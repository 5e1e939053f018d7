"""Models that answer, each loaded once."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard.models.choice import Subject
from demos.dashboard.paths import version_of
from digitrec import Prediction, Recognizer


def answer(subject: Subject, drawing: NDArray[np.uint8]) -> Prediction:
    """What a model makes of a drawing.

    Args:
        subject: Whose model; it must be exported.
        drawing: Shape (h, w, 4), uint8: the canvas as it is.

    Raises:
        BlankImageError: No ink in it.
        ModelNotFoundError: Not exported yet.
        ModelIntegrityError: Its file is broken.
    """
    return recognizer_of(subject.served).predict(drawing)


def recognizer_of(path: Path) -> Recognizer:
    """The recognizer of an ONNX file, loaded anew only when the file has changed."""
    return _load(str(path), version_of(path))


@st.cache_resource(max_entries=8, show_spinner=False)
def _load(path: str, version: tuple[int, int]) -> Recognizer:
    """`version` is there for the cache alone: another one means another file under this name."""
    return Recognizer(path)
