"""Evaluations, read from the files that `training.evaluate` writes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard.models.choice import ModelChoice
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.evaluation.metrics import Evaluation, evaluate
from digitrec.learning.evaluation.predictions import PREDICTIONS, Predictions
from digitrec.prediction import DOUBT_THRESHOLD


@dataclass(frozen=True, eq=False)
class EvaluationResult:
    """A model's predictions of all test images, and the figures computed from them.

    Attributes:
        predictions: The predictions.
        evaluation: The figures.
        digits: Shape (n,), the predicted digits.
        is_current: Whether the model file is still the one that was evaluated.
    """

    predictions: Predictions
    evaluation: Evaluation
    digits: NDArray[np.intp]
    is_current: bool

    @property
    def doubted(self) -> int:
        """The number of test images that are doubted."""
        return int((self.predictions.doubt >= DOUBT_THRESHOLD).sum())

    def cell(self, label: int, digit: int) -> NDArray[np.intp]:
        """Positions of the images with a label and a predicted digit, the highest confidence first."""
        places = np.flatnonzero((self.predictions.labels == label) & (self.digits == digit))
        return places[np.argsort(-self.predictions.probabilities[places, digit], kind="stable")]


def load_evaluation(subject: ModelChoice) -> EvaluationResult | None:
    """Load the evaluation of a model; None if there is none.

    Raises:
        DatasetError: Its file is broken.
    """
    file = subject.evaluation_dir / PREDICTIONS
    if not file.is_file():
        return None
    return _read(
        str(subject.evaluation_dir),
        file.stat().st_mtime_ns,
        str(subject.evaluated_file),
        _changed(subject.evaluated_file),
    )


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@st.cache_resource(max_entries=6, show_spinner=False)
def _read(folder: str, written: int, model_file: str, changed: int) -> EvaluationResult:
    """Read an evaluation; the times are only keys of the cache."""
    predictions = Predictions.load(Path(folder))
    try:
        evaluation = evaluate(predictions.probabilities, predictions.labels)
    except ValueError as error:
        raise DatasetError(f"{Path(folder) / PREDICTIONS}: {error}; evaluate the model again") from error
    path = Path(model_file)
    current = path.is_file() and sha256(path.read_bytes()) == predictions.model
    return EvaluationResult(predictions, evaluation, predictions.probabilities.argmax(1), current)
