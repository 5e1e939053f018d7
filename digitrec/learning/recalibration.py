"""Calibration of a run: its temperature and doubt, fitted on its validation data and on writers of other folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.training_data import TrainingData, load_training_data
from digitrec.learning.evaluation.reliability import expected_calibration_error
from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.models.calibration import (
    CALIBRATION,
    MAX_DOUBTED_SHARE,
    MAX_DOUBTED_STRANGERS,
    doubt_scores,
    fit_calibration,
)
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.models.cnn import compute_logits
from digitrec.learning.runs.provenance import PROVENANCE, check_data, current_commit
from digitrec.learning.runs.run import Run
from digitrec.training_rows import NOT_A_DIGIT

LabelledLogits = tuple[NDArray[np.float32], NDArray[np.uint8]]
"""Logits (n, 11) and labels (n,), 0 to 9."""

CSV = "csv"
"""The part of a run's validation data that `--validation-csv` names."""


@dataclass(frozen=True)
class OutOfFold:
    """Drawings by writers that the network which classifies them was not trained on, of all folds.

    Attributes:
        count: Drawings.
        accuracy: Share of them that are read right, 0 to 1.
        calibration_error: Expected calibration error, 0 to 1.
        doubted: Share of them that are doubted, 0 to 1.
    """

    count: int
    accuracy: float
    calibration_error: float
    doubted: float


def recalibrate(run: Run, folds: Mapping[str, LabelledLogits] | None = None, *, command: str = "") -> Calibration:
    """Fit a finished run's temperature and doubt again, on the validation data that its configuration names.

    Args:
        run: A run that is done.
        folds: What `out_of_fold_logits` returns, to be fitted to as well.
        command: The command line, for the record.

    Raises:
        DatasetError: The run is not done, or its data is not what it was.
        filelock.Timeout: Another process holds the run.
    """
    data = _load_data(run)
    how: dict[str, Any] = {"command": command, "commit": current_commit()}
    if folds:
        how["folds"] = list(folds)
    with run.hold():
        fitted = calibrate(run, data, folds)
        run.write_json(PROVENANCE, {**run.read_json(PROVENANCE), "calibrated": how})
    return fitted


def calibrate(run: Run, data: TrainingData, folds: Mapping[str, LabelledLogits] | None = None) -> Calibration:
    """Fit temperature and doubt of the run's best network, and write them to `calibration.json`.

    Args:
        run: The run.
        data: Its data; the network is asked about the validation digits and negatives.
        folds: More digits to fit to, by a name for each set, of writers that are strangers to their network.
    """
    cnn = load_cnn(run)
    digits = {name: (compute_logits(cnn, part), part.labels) for name, part in data.validation_by_source.items()}
    negatives = None if data.negatives is None else compute_logits(cnn, data.negatives)
    max_doubted = MAX_DOUBTED_STRANGERS if folds else MAX_DOUBTED_SHARE
    fitted = fit_calibration({**digits, **(folds or {})}, negatives, max_doubted)
    run.write_json(CALIBRATION, fitted.to_dict())
    return fitted


def out_of_fold_logits(folds: Sequence[Run]) -> dict[str, LabelledLogits]:
    """Classify the drawings that each run holds out, by the name of the run.

    Four writers of validation are few to tell how sure a network may be of strangers; the held-out writers of several
    runs are more.

    Args:
        folds: Runs that are done, of the same architecture, with other writers in `--validation-csv` each. They may be
            shorter than the run to be calibrated: a network that has learned less is less sure, and doubts more.

    Raises:
        DatasetError: A run is not done, its data is not what it was, or it validates on no drawings.
    """
    logits = {}
    for fold in folds:
        drawings = _load_data(fold).validation_by_source.get(CSV)
        if drawings is None:
            raise DatasetError(f"{fold.path} validates on no drawings; train it with --validation-csv")
        logits[fold.name] = (compute_logits(load_cnn(fold), drawings), drawings.labels)
    return logits


def measure_out_of_fold(folds: Mapping[str, LabelledLogits], calibration: Calibration) -> OutOfFold:
    """Measure a calibration on the drawings of all folds together."""
    logits = np.concatenate([part for part, _ in folds.values()])
    labels = np.concatenate([part for _, part in folds.values()])
    digits = logits[:, :NOT_A_DIGIT].astype(np.float64)
    probabilities = softmax(digits / calibration.temperature, axis=1).astype(np.float32)
    scores = doubt_scores(logits, calibration.temperature, calibration.trained)
    return OutOfFold(
        len(labels),
        float((digits.argmax(1) == labels).mean()),
        expected_calibration_error(probabilities, labels),
        float((scores >= calibration.threshold).mean()),
    )


def _load_data(run: Run) -> TrainingData:
    """The data of a run that is done.

    Raises:
        DatasetError: It is not done, or its data is not what it was.
    """
    check_done(run)
    # Settings that an older run lacks do not change its data.
    data = load_training_data(TrainConfig.from_older(run.config))
    check_data(run, run.read_json(PROVENANCE), data)
    return data


def check_done(run: Run) -> None:
    """Refuse a run that is not done.

    Raises:
        DatasetError: It is not.
    """
    if run.status.state != "done":
        raise DatasetError(f"{run.path} is {run.status.state}, not done; continue it with --resume")
