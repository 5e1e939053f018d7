"""A model's predictions on MNIST's test images, stored in a file next to its evaluation. Needs no Keras."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.files import atomic_path
from digitrec.learning.runs.arrays import read_arrays
from digitrec.prediction import GraphOutputs
from digitrec.training_rows import frame_pixels

PREDICTIONS = "predictions.npz"
"""Name of the file, in a run directory or another folder with an evaluation."""

MAX_BYTES = 100_000_000
"""Bytes that it may unpack to: those of MNIST's 10,000 test images take 8 million."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions for n labelled images.

    Attributes:
        probabilities: Shape (n, 10), float32, each row summing to 1.
        doubt: Shape (n,), float32, 0 to 1.
        model_input: Shape (n, 28, 28), uint8, 0 background to 255 full ink: the framed drawings, rounded.
        labels: Shape (n,), uint8, 0 to 9.
        model: Hexadecimal SHA-256 of the model's file.
    """

    probabilities: NDArray[np.float32]
    doubt: NDArray[np.float32]
    model_input: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    model: str

    @classmethod
    def from_outputs(cls, outputs: GraphOutputs, labels: NDArray[np.uint8], model: str) -> "Predictions":
        """Take the outputs of a graph; the framed drawings are rounded to 256 levels.

        Args:
            outputs: For n images.
            labels: Shape (n,), uint8.
            model: Hexadecimal SHA-256 of the model's file.
        """
        return cls(outputs.probabilities, outputs.doubt, frame_pixels(outputs.model_input), labels, model)

    def save(self, folder: Path) -> Path:
        """Write `predictions.npz` into a folder, whole or not at all; returns its path."""
        path = folder / PREDICTIONS
        with atomic_path(path) as temporary:
            np.savez_compressed(
                temporary,
                probabilities=self.probabilities,
                doubt=self.doubt,
                model_input=self.model_input,
                labels=self.labels,
                model=np.array(self.model),
            )
        return path

    @classmethod
    def load(cls, folder: Path) -> "Predictions":
        """Read what `save` wrote.

        Raises:
            DatasetError: No such file, or not one that `save` wrote.
        """
        path = folder / PREDICTIONS
        remedy = "evaluate the model again: python -m training.evaluate"
        with read_arrays(path, MAX_BYTES, remedy) as file:
            loaded = cls(
                probabilities=file["probabilities"],
                doubt=file["doubt"],
                model_input=file["model_input"],
                labels=file["labels"],
                model=str(file["model"]),
            )
        count = len(loaded.labels)
        shapes = [loaded.probabilities.shape, loaded.doubt.shape, loaded.model_input.shape]
        if shapes != [(count, 10), (count,), (count, 28, 28)]:
            raise DatasetError(f"{path} holds arrays of shapes {shapes} for {count} images; {remedy}")
        return loaded
