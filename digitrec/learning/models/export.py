"""Export of a run to the files that serve: FrameInk and CNN as one ONNX graph, checked against Keras."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitrec.artifacts import CARD_NAME, EXPLANATION_NAME, MODEL_NAME, models_dir, read_card, sha256
from digitrec.errors import DatasetError, ModelIntegrityError
from digitrec.files import write_json
from digitrec.learning.data.examples import scale_pixels
from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.models.calibration import CALIBRATION
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.models.cnn import build_recognizer
from digitrec.learning.models.explanation import export_explanation
from digitrec.learning.models.float16 import round_to_half, store_half_weights
from digitrec.learning.runs.provenance import PROVENANCE, current_commit, package_versions
from digitrec.learning.runs.run import Run
from digitrec.publication.replace import replace_model
from digitrec.recognizer import Recognizer

KERAS_NAME = "digitrec.keras"

TOLERANCE = 1e-5
"""Most that a probability, a doubt or a pixel of the framed drawing may differ between Keras and ONNX Runtime."""

CANVAS_SIZES = ((28, 28), (64, 48), (100, 100), (280, 280), (333, 517), (640, 480))
"""Heights and widths of the drawings that both are compared on, in addition to MNIST's images."""


@dataclass(frozen=True)
class Agreement:
    """The difference between Keras and ONNX Runtime.

    Attributes:
        images: Pictures compared.
        largest_difference: Over all probabilities, doubts and pixels of the framed drawings.
    """

    images: int
    largest_difference: float


def load_recognizer(run: Run) -> Any:
    """Load the run's best network as a Keras recognizer, its weights rounded as in the exported file.

    Raises:
        DatasetError: The run is not done, or its files are broken.
    """
    fitted = run.read_json(CALIBRATION)
    if not fitted:
        raise DatasetError(f"{run.path} has no {CALIBRATION}: it is not done; continue it with --resume")
    try:
        calibration = Calibration(**fitted)
    except TypeError as error:
        command = f"python -m training.calibrate {run.path}"
        raise DatasetError(f"{run.path / CALIBRATION} is not a calibration; fit it again: {command}") from error
    return build_recognizer(round_to_half(load_cnn(run)), calibration)


def export_run(run: Run, folder: Path | None = None, *, command: str = "") -> Agreement:
    """Write a run's recognizer as ONNX and Keras files, what explains it, and their card, in place of what is there.

    Nothing is written unless ONNX Runtime and Keras agree. What is replaced is kept, for `digitrec models roll-back`.

    Args:
        run: A run with a checkpoint.
        folder: Where the files go; the shipped models' folder by default.
        command: The command line, for the card.

    Raises:
        DatasetError: The run has no checkpoint.
        ModelIntegrityError: The exported graph disagrees with Keras by more than `TOLERANCE`.
    """
    folder = folder or models_dir()
    recognizer = load_recognizer(run)
    with tempfile.TemporaryDirectory() as temporary:
        onnx_file, keras_file = Path(temporary) / MODEL_NAME, Path(temporary) / KERAS_NAME
        recognizer(_drawings(*CANVAS_SIZES[0]))  # Keras exports no model that has never been called
        recognizer.export(onnx_file, format="onnx", verbose=False)
        store_half_weights(onnx_file)
        recognizer.save(keras_file)
        agreement = compare(recognizer, Recognizer(onnx_file))
        if not agreement.largest_difference <= TOLERANCE:
            raise ModelIntegrityError(
                f"refused: ONNX Runtime and Keras differ by {agreement.largest_difference:.2g} on the same drawings,"
                f" more than {TOLERANCE:g}; nothing was written"
            )
        files = {path.name: path.read_bytes() for path in (onnx_file, keras_file)}
    files[EXPLANATION_NAME] = export_explanation(network_of(recognizer))
    replace_model(folder, files, _card(run, files, agreement, command, recognizer.count_params()))
    return agreement


def network_of(recognizer: Any) -> Any:
    """The network in a Keras recognizer, which `build_recognizer` built."""
    return next(layer for layer in recognizer.layers if isinstance(layer, keras.Model))


def compare(recognizer: Any, exported: Recognizer) -> Agreement:
    """Run both on MNIST images and on drawings of several sizes."""
    mnist, _ = load_mnist()
    inks: list[NDArray[np.float32]] = [
        scale_pixels(mnist.images[:200]),
        *(_drawings(*size) for size in CANVAS_SIZES),
    ]
    largest = 0.0
    for ink in inks:
        expected = recognizer(ink, training=False)
        for name, found in exported.run(ink)._asdict().items():
            difference = np.abs(keras.ops.convert_to_numpy(expected[name]) - found).max()
            largest = max(largest, float(difference)) if np.isfinite(difference) else float("inf")
    return Agreement(sum(len(ink) for ink in inks), largest)


def _drawings(height: int, width: int) -> NDArray[np.float32]:
    """Eight scribbles on canvases of one size, thin and thick, and a blank one. Shape (9, height, width)."""
    rng = np.random.default_rng([height, width])
    inks = np.zeros((9, height, width), np.float32)
    for ink in inks[:8]:
        canvas = Image.new("L", (width, height))
        points = rng.uniform(0.05, 0.95, (6, 2)) * (width, height)
        thickness = int(rng.integers(1, max(2, min(height, width) // 8)))
        ImageDraw.Draw(canvas).line([(float(x), float(y)) for x, y in points], fill=255, width=thickness, joint="curve")
        ink[:] = scale_pixels(np.asarray(canvas))
    return inks


def _card(run: Run, files: dict[str, bytes], agreement: Agreement, command: str, parameters: int) -> dict[str, Any]:
    return {
        "name": "digitrec",
        "task": "handwritten digit recognition",
        "licence": "MIT",
        "parameters": parameters,
        "artifacts": {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in files.items()},
        "training": {
            "run": run.name,
            **run.read_json(PROVENANCE),
            "config": run.config,
            "history": run.history(),
        },
        "calibration": run.read_json(CALIBRATION),
        "export": {
            "command": command,
            "commit": current_commit(),
            "packages": package_versions(),
            "images_compared": agreement.images,
            "largest_difference": agreement.largest_difference,
        },
        "figures": {},
    }


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write a model card, whole or not at all."""
    write_json(folder / CARD_NAME, card)


def record_figure(folder: Path, name: str, figure: dict[str, Any]) -> None:
    """Add a published figure to a card.

    Args:
        folder: The folder of the card.
        name: What was measured, such as `mnist_test`.
        figure: Its values, and under `command` what measures it.
    """
    card = read_card(folder)
    card.setdefault("figures", {})[name] = {**figure, "commit": current_commit()}
    write_card(folder, card)
