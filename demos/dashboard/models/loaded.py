"""Recognizers of the models on the pages, each loaded once."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard.models.choice import ModelChoice
from demos.dashboard.paths import file_version
from digitrec import Prediction, Recognizer


def predict_with(subject: ModelChoice, drawing: NDArray[np.uint8]) -> Prediction:
    """Predict a drawing with a model.

    Args:
        subject: Whose model; it must be exported.
        drawing: Shape (h, w, 4), uint8: the canvas as it is.

    Raises:
        BlankImageError: No ink in it.
        ModelNotFoundError: Not exported yet.
        ModelIntegrityError: Its file is broken.
    """
    return get_recognizer(subject.onnx_file).predict(drawing)


def get_recognizer(path: Path) -> Recognizer:
    """Get the recognizer of an ONNX file, loaded again only when the file has changed."""
    return _load(str(path), file_version(path))


@st.cache_resource(max_entries=8, show_spinner=False)
def _load(path: str, version: tuple[int, int]) -> Recognizer:
    """Load a recognizer; `version` is only a key of the cache."""
    return Recognizer(path)
