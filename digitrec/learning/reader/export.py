"""From a trained detector to the graph that serves it, and to its entry on the model card."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from digitrec.artifacts import CARD_NAME, READER_NAME, models_dir, read_card, sha256
from digitrec.detection.detector import Detector
from digitrec.detection.maps import CLASSES, HEATS
from digitrec.errors import ModelIntegrityError
from digitrec.learning.models.checkpoints import in_float32, load_checkpoint
from digitrec.learning.models.float16 import store_half_weights
from digitrec.learning.reader import losses  # noqa: F401 - registers what checkpoints name
from digitrec.learning.runs.provenance import PROVENANCE, current_commit, package_versions
from digitrec.learning.runs.run import Run
from digitrec.publication.replace import READER_ENTRY, replace_model
from digitrec.publication.versions import BESIDE

TOLERANCE = 0.02
"""Most that the probability of a digit's place, or of its class, may differ between Keras and the exported graph.
Weights are rounded to half precision, so that it is no smaller."""

SIZES = ((160, 160), (96, 224), (288, 288))


@dataclass(frozen=True)
class Agreement:
    """How far Keras and ONNX Runtime are apart.

    Attributes:
        images_compared: Pictures compared.
        largest_difference: Over all probabilities of places and classes.
    """

    images_compared: int
    largest_difference: float


def export_reader(run: Run, folder: Path | None = None, *, command: str = "") -> Agreement:
    """Write a run's detector as an ONNX file, and its entry on the card beside it.

    Args:
        run: A run of `training.train_reader` with a checkpoint.
        folder: Where the file goes; the shipped models' folder by default.
        command: The command line, for the card.

    Raises:
        DatasetError: The run has no checkpoint.
        ModelIntegrityError: The exported graph disagrees with Keras by more than `TOLERANCE`.
    """
    folder = folder or models_dir()
    detector = in_float32(load_checkpoint(run))
    pixels = keras.Input((None, None), name="pixels")
    served = keras.Model(pixels, detector(keras.ops.expand_dims(pixels, -1)))
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / READER_NAME
        served(np.zeros((1, 64, 64), np.float32))  # Keras exports no model that has never been called
        served.export(file, format="onnx", verbose=False)
        store_half_weights(file, rounded=True)
        agreement = _compare(served, Detector(file))
        data = file.read_bytes()
    if not agreement.largest_difference <= TOLERANCE:
        raise ModelIntegrityError(
            f"refused: ONNX Runtime and Keras differ by {agreement.largest_difference:.2g} on the same pictures, more"
            f" than {TOLERANCE:g}; nothing was written"
        )
    on_it = (folder / CARD_NAME).exists()
    card: dict[str, Any] = read_card(folder) if on_it else {"name": "digitrec", "artifacts": {}}
    card["artifacts"][READER_NAME] = {"sha256": sha256(data), "bytes": len(data)}
    card[READER_ENTRY] = {
        "task": "finding digits in pictures",
        "parameters": detector.count_params(),
        "training": {
            "run": run.name,
            **run.read_json(PROVENANCE),
            "config": run.config,
            "history": run.history(),
        },
        "export": {
            "command": command,
            "commit": current_commit(),
            "packages": package_versions(),
            **asdict(agreement),
        },
        "figures": {},
    }
    # The single-digit network stays, and so does what its figures were computed from.
    kept = {name: (folder / name).read_bytes() for name in BESIDE if (folder / name).is_file()}
    replace_model(folder, {READER_NAME: data, **kept}, card)
    return agreement


def _compare(served: Any, exported: Detector) -> Agreement:
    """Run both on pictures of several sizes: noise, gradients and strokes."""
    largest, count = 0.0, 0
    for size in SIZES:
        pictures = _pictures(*size)
        expected = keras.ops.convert_to_numpy(served(pictures, training=False))
        found = exported.maps(pictures)
        for one, other in zip(_probabilities(expected), _probabilities(found), strict=True):
            difference = float(np.abs(one - other).max())
            largest = max(largest, difference) if np.isfinite(difference) else float("inf")
        count += len(pictures)
    return Agreement(count, largest)


def _probabilities(maps: NDArray[np.float32]) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    places = 1 / (1 + np.exp(-maps[..., :HEATS]))
    classes = np.exp(maps[..., HEATS : HEATS + CLASSES])
    return places, classes / classes.sum(-1, keepdims=True)


def _pictures(height: int, width: int) -> NDArray[np.float32]:
    """Eight pictures, shape (8, height, width): coarse noise on a gradient, with thin and thick strokes."""
    rng = np.random.default_rng([height, width])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, width)
    made = []
    for _ in range(8):
        picture = rng.uniform(0.4, 1) - 0.3 * (rng.uniform() * x + rng.uniform() * y)
        for _stroke in range(4):
            a, b, c = rng.normal(0, 1, 3)
            distance = np.abs(a * (x - 0.5) + b * (y - 0.5) + 0.2 * c + 0.1 * np.sin(9 * x)) / np.hypot(a, b)
            picture = np.where(distance < rng.uniform(0.003, 0.04), rng.uniform(0, 0.4), picture)
        made.append((picture + rng.normal(0, 0.02, picture.shape)).clip(0, 1))
    return np.stack(made).astype(np.float32)
