"""What an evaluation found, read from the files that `training.evaluate` left."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard.models.choice import Subject
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.evaluation.metrics import Evaluation, evaluate
from digitrec.learning.evaluation.predictions import PREDICTIONS, Predictions
from digitrec.recognizer import DOUBT_THRESHOLD


@dataclass(frozen=True, eq=False)
class Judgement:
    """Answers to all test images, and the figures that follow from them.

    Attributes:
        predictions: The answers.
        evaluation: The figures.
        digits: Shape (n,), what each image was taken for.
        is_current: Whether the model file is still the one that was judged.
    """

    predictions: Predictions
    evaluation: Evaluation
    digits: NDArray[np.intp]
    is_current: bool

    @property
    def doubted(self) -> int:
        """Test images that count as no digit."""
        return int((self.predictions.doubt >= DOUBT_THRESHOLD).sum())

    def cell(self, label: int, digit: int) -> NDArray[np.intp]:
        """The images of a digit that were taken for another, or for itself, the surest first."""
        places = np.flatnonzero((self.predictions.labels == label) & (self.digits == digit))
        return places[np.argsort(-self.predictions.probabilities[places, digit], kind="stable")]


def judgement(subject: Subject) -> Judgement | None:
    """Read what an evaluation found; None where there is none.

    Raises:
        DatasetError: Its file is broken.
    """
    file = subject.evaluation / PREDICTIONS
    if not file.is_file():
        return None
    return _read(str(subject.evaluation), file.stat().st_mtime_ns, str(subject.judged), _changed(subject.judged))


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@st.cache_resource(max_entries=6, show_spinner=False)
def _read(folder: str, written: int, model_file: str, changed: int) -> Judgement:
    """The times are there for the cache alone: they tell when to read again."""
    predictions = Predictions.load(Path(folder))
    try:
        evaluation = evaluate(predictions.probabilities, predictions.labels)
    except ValueError as error:
        raise DatasetError(f"{Path(folder) / PREDICTIONS}: {error}; evaluate the model again") from error
    path = Path(model_file)
    current = path.is_file() and sha256(path.read_bytes()) == predictions.model
    return Judgement(predictions, evaluation, predictions.probabilities.argmax(1), current)
