"""The graph behind explanations: an ONNX file beside the recognizer's, exported with it from the same weights."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from digitrec.artifacts import CARD_NAME, read_card, read_model
from digitrec.errors import ModelIntegrityError
from digitrec.forks import in_a_graph

Floats = NDArray[np.float32]

INPUTS = ("ink", "frames", "digit")
"""Ink (m, h, w), frames (n, 28, 28), both float32 and 0 to 1, and for each frame the digit asked about, (n,) int32."""

OUTPUTS = ("frame", "place", "logits", "gradient", "filters")
"""Outputs that every such graph has, all float32.

Of the ink: `frame`, (m, 28, 28), as the recognizer frames it, and `place`, (m, 3): the frame's top and left edge on the
drawing, and how many of its pixels a frame pixel covers. Of the frames: `logits`, (n, 11), ten digits and the
non-digit, and `gradient`, (n, 28, 28), of the digit's log odds among the ten. Of neither: `filters`, (rows, columns,
filters), the kernels of the first convolution. Besides, of the frames, `activation_1` and so on, (n, rows, columns,
filters): what leaves each convolution with its normalization, ReLU and pooling.
"""

NO_INK = np.zeros((1, 1, 1), np.float32)
NO_FRAMES, NO_DIGIT = np.zeros((1, 28, 28), np.float32), np.zeros(1, np.int32)
"""What goes in where the other part of the graph is asked."""


class ExplanationGraph:
    """The opened network; safe to share between threads.

    Attributes:
        activations: Names of the outputs that hold activations, from the first convolution to the last.
        temperature: Divisor of the digits' logits, as the recognizer calibrates its confidence.
        threshold: Doubt score, in nats, from which on the recognizer sees no digit; infinity where it is unknown.
    """

    def __init__(self, path: Path, *, card: Mapping[str, Any] | None = None, threads: int = 1) -> None:
        """Load a graph.

        Args:
            path: An ONNX file made by `training.export`.
            card: The card of the recognizer that is explained; by default the one beside the file.
            threads: Threads for one run.

        Raises:
            ModelNotFoundError: No such file.
            ModelIntegrityError: Not the file its card describes, not ONNX, or not such a graph.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        if card is None and path.with_name(CARD_NAME).exists():
            card = read_card(path.parent)
        model = read_model(path, card)
        try:
            with in_a_graph:
                self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has its own exception for each way in which a file can be broken
            raise ModelIntegrityError(f"{path} is not a readable ONNX model; export again") from error
        inputs = {node.name for node in self._session.get_inputs()}
        outputs = [node.name for node in self._session.get_outputs()]
        if inputs != set(INPUTS) or not set(OUTPUTS) <= set(outputs):
            raise ModelIntegrityError(
                f"{path} explains nothing: it maps {sorted(inputs)} to {outputs}; make it with:"
                " python -m training.export RUN"
            )
        self.activations = sorted(
            (name for name in outputs if name.startswith("activation_")), key=lambda name: int(name.rpartition("_")[2])
        )
        self.temperature, self.threshold = read_calibration(card or {})

    def run(
        self, ink: Floats, frames: Floats, digit: NDArray[np.int32], outputs: tuple[str, ...]
    ) -> Mapping[str, Floats]:
        """Run the graph. Takes `INPUTS` and the names of outputs; returns these by name."""
        feed = dict(zip(INPUTS, (ink, frames, digit), strict=True))
        with in_a_graph:
            return dict(zip(outputs, self._session.run(list(outputs), feed), strict=True))

    def place(self, ink: Floats) -> tuple[Floats, tuple[float, float, float]]:
        """Frame one drawing.

        Args:
            ink: Shape (h, w), 0 to 1.

        Returns:
            The frame, (28, 28), and its place on the drawing: top, left and scale, in pixels.
        """
        found = self.run(ink[np.newaxis], NO_FRAMES, NO_DIGIT, ("frame", "place"))
        top, left, scale = map(float, found["place"][0])
        return found["frame"][0], (top, left, scale)

    def gradient(self, frames: Floats, digit: int) -> tuple[Floats, Floats]:
        """What a digit's log odds among the ten are, and how each pixel would change them.

        Args:
            frames: Shape (n, 28, 28), 0 to 1.
            digit: 0 to 9.

        Returns:
            The log odds, (n,), in nats, and their gradients, (n, 28, 28).
        """
        found = self.run(NO_INK, frames, np.full(len(frames), digit, np.int32), ("logits", "gradient"))
        return log_odds(found["logits"], digit), found["gradient"]

    def probabilities_of(self, frames: Floats) -> Floats:
        """Probabilities of the ten digits, (n, 10), of frames (n, 28, 28), before they are calibrated."""
        digits = np.zeros(len(frames), np.int32)
        return softmax(self.run(NO_INK, frames, digits, ("logits",))["logits"][:, :10])

    def answers_to(self, frames: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """What the recognizer answers to frames (n, 28, 28).

        Returns:
            Calibrated probabilities of the ten digits, (n, 10), and whether it sees no digit, (n,).
        """
        digits = np.zeros(len(frames), np.int32)
        logits = self.run(NO_INK, frames, digits, ("logits",))["logits"]
        largest = logits[:, :10].max(1)
        likely = largest + np.log(np.exp(logits[:, :10] - largest[:, np.newaxis]).sum(1))
        return softmax(logits[:, :10] / self.temperature), logits[:, 10] - likely > self.threshold

    def filters(self) -> Floats:
        """The kernels of the first convolution, shape (rows, columns, filters)."""
        return self.run(NO_INK, NO_FRAMES, NO_DIGIT, ("filters",))["filters"]

    def features(self, frames: Floats) -> Floats:
        """What the last convolution makes of frames (n, 28, 28), from which the logits are computed: (n, features)."""
        name = self.activations[-1]
        found = self.run(NO_INK, frames, np.zeros(len(frames), np.int32), (name,))[name]
        return found.reshape(len(frames), -1)

    def activate(self, frame: Floats) -> list[Floats]:
        """What leaves each convolution for one frame (28, 28): arrays of shape (rows, columns, filters)."""
        found = self.run(NO_INK, frame[np.newaxis], NO_DIGIT, tuple(self.activations))
        return [found[name][0] for name in self.activations]


def read_calibration(card: Mapping[str, Any]) -> tuple[float, float]:
    """Temperature and doubt threshold of a recognizer, from its card; 1 and infinity where the card names none."""
    calibration = card.get("calibration", {})
    trained = calibration.get("trained", False)  # otherwise doubt is no matter of the logit for non-digits
    return calibration.get("temperature", 1.0), calibration.get("threshold", math.inf) if trained else math.inf


def log_odds(logits: Floats, digit: int) -> Floats:
    """The log odds of a digit among the ten, (n,), of logits (n, 11)."""
    others = np.where(np.arange(10) == digit, -np.inf, logits[:, :10])
    largest = others.max(1)
    return np.asarray(logits[:, digit] - largest - np.log(np.exp(others - largest[:, np.newaxis]).sum(1)), np.float32)


def softmax(logits: Floats) -> Floats:
    """Probabilities of logits, along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)
