"""From a picture to an answer: one ONNX Runtime session behind one `predict()`."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from digitrec.artifacts import CARD_NAME, model_path, read_card, read_model, sha256
from digitrec.decoding import ImageLike, pixels_from
from digitrec.display import to_html
from digitrec.errors import DigitrecError, ModelIntegrityError
from digitrec.ink import ink_from, ink_from_pixels

OUTPUTS = {"probabilities": (10,), "doubt": (), "model_input": (28, 28)}
"""The graph's outputs, by name, and their shapes for one drawing; all float32. Its one input is `ink`, (n, h, w)."""

DOUBT_THRESHOLD = 0.5
"""Doubt from which on a drawing counts as no digit. The model is calibrated to this line when it is exported."""

PIXELS_PER_RUN = 8_000_000
"""Most ink pixels that `predict_batch` holds at once: 32 MB of float32, a hundred canvases of 280x280."""

_one_at_a_time = threading.Lock()
"""Held while ink is found. NumPy lets go of the interpreter's lock at each of its many short steps and waits for it
again: two threads at once would do less than one."""


@dataclass(frozen=True, eq=False, repr=False)
class Prediction:
    """What the network says of one picture.

    Attributes:
        digit: The most probable digit, 0 to 9; the best guess, even where the drawing is doubted.
        confidence: Its probability among the ten, 0 to 1, calibrated: of the answers given at 0.9, nine in ten are
            right. It takes for granted that the drawing is a digit.
        probabilities: Shape (10,), float32, one for each digit; they sum to 1.
        doubt: How much speaks against it being a digit at all, 0 to 1.
        is_digit: Whether the doubt is below 0.5, a line drawn so that hardly any real digit is doubted.
        model_input: Shape (28, 28), float32, 0 background to 1 full ink: the drawing as the network saw it.
    """

    digit: int
    confidence: float
    probabilities: NDArray[np.float32]
    doubt: float
    model_input: NDArray[np.float32]

    @property
    def is_digit(self) -> bool:
        """Whether the drawing counts as a digit; see the class."""
        return self.doubt < DOUBT_THRESHOLD

    def __repr__(self) -> str:
        """On one line, without the arrays."""
        return (
            f"Prediction(digit={self.digit}, confidence={self.confidence:.4f}, is_digit={self.is_digit},"
            f" doubt={self.doubt:.4f})"
        )

    def _repr_html_(self) -> str:
        """For notebooks: the digit, a bar for each of the ten, and what the network saw."""
        return to_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, ready for JSON; without `model_input`, which is a picture."""
        return {
            "digit": self.digit,
            "confidence": self.confidence,
            "is_digit": self.is_digit,
            "doubt": self.doubt,
            "probabilities": self.probabilities.tolist(),
        }


class GraphOutputs(NamedTuple):
    """What the graph gives for n drawings, all float32.

    Attributes:
        probabilities: Shape (n, 10).
        doubt: Shape (n,), 0 to 1.
        model_input: Shape (n, 28, 28), the framed drawings.
    """

    probabilities: NDArray[np.float32]
    doubt: NDArray[np.float32]
    model_input: NDArray[np.float32]


class Recognizer:
    """A digit recognizer read from an ONNX file; safe to share between threads.

    Attributes:
        path: The file.
        sha256: Its SHA-256, 64 hexadecimal digits, as on its card.
        card: The model card beside it: origin, data, configuration and figures. None where there is none.
    """

    def __init__(self, path: str | Path | None = None, *, threads: int = 1) -> None:
        """Load a model.

        Args:
            path: An ONNX file made by `training.export`; the shipped model by default.
            threads: Threads for one prediction. One digit is too small a job to be shared out, so 1 is fastest.

        Raises:
            ModelNotFoundError: No such file.
            ModelIntegrityError: Not the file its card describes, not ONNX, or not a digit recognizer.
        """
        self.path = Path(path) if path is not None else model_path()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: warnings about the graph are no use to who predicts
        model = read_model(self.path)
        self.sha256 = sha256(model)
        # Read now: the files may be replaced later, and the card must be that of the model in memory.
        self.card = read_card(self.path.parent) if (self.path.parent / CARD_NAME).exists() else None
        try:
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except DigitrecError:
            raise
        except Exception as error:  # ONNX Runtime has its own exception for each way in which a file can be broken
            raise ModelIntegrityError(
                f"{self.path} is not a readable ONNX model; restore it or export again"
            ) from error
        if flaw := self._flaw():
            raise ModelIntegrityError(
                f"{self.path} is no digit recognizer: {flaw}; make one with: python -m training.export RUN"
            )

    def _flaw(self) -> str | None:
        """What keeps the graph from being a digit recognizer, judged by its names and by two blank drawings."""
        inputs = [node.name for node in self._session.get_inputs()]
        outputs = [node.name for node in self._session.get_outputs()]
        if inputs != ["ink"] or not set(OUTPUTS) <= set(outputs):
            return f"it maps {inputs} to {outputs}, not ['ink'] to {list(OUTPUTS)}"
        try:
            shapes = [output.shape for output in self.run(np.zeros((2, 30, 40), np.float32))]
        except Exception:  # ONNX Runtime's own again
            return "it cannot answer two drawings of 40x30 pixels"
        expected = [(2, *shape) for shape in OUTPUTS.values()]
        return None if shapes == expected else f"its answers to two drawings have the shapes {shapes}, not {expected}"

    def predict(self, image: ImageLike) -> Prediction:
        """Recognize the digit in a picture of any size.

        Args:
            image: Anything `digitrec.ink.ink_from` takes.

        Raises:
            BlankImageError: No ink in it.
            InvalidImageError: Not a picture.
            ImageTooLargeError: More bytes or pixels than allowed.
        """
        pixels = pixels_from(image)
        with _one_at_a_time:
            ink = ink_from_pixels(pixels, margins=False)
        return _predictions(self.run(ink[np.newaxis]))[0]

    def predict_batch(self, images: Iterable[ImageLike]) -> list[Prediction]:
        """Recognize many pictures, those of one size together. The answers are those of `predict`, in order.

        Raises:
            DigitrecError: As `predict`, of the first picture that cannot be answered, named by its position.
        """
        answers: dict[int, Prediction] = {}
        waiting: dict[tuple[int, ...], list[tuple[int, NDArray[np.float32]]]] = defaultdict(list)
        pixels_waiting = 0
        for position, image in enumerate(images):
            try:
                ink = ink_from(image)
            except DigitrecError as error:
                raise type(error)(f"image {position}: {error}") from error
            if pixels_waiting + ink.size > PIXELS_PER_RUN:
                answers.update(self._answer(waiting))
                waiting.clear()
                pixels_waiting = 0
            waiting[ink.shape].append((position, ink))
            pixels_waiting += ink.size
        answers.update(self._answer(waiting))
        return [answers[position] for position in range(len(answers))]

    def _answer(self, waiting: dict[tuple[int, ...], list[tuple[int, NDArray[np.float32]]]]) -> dict[int, Prediction]:
        """Run the graph once for each size. Takes (position, ink) by shape, returns predictions by position."""
        answers = {}
        for group in waiting.values():
            predictions = _predictions(self.run(np.stack([ink for _, ink in group])))
            answers.update({position: predictions[row] for row, (position, _) in enumerate(group)})
        return answers

    def run(self, ink: NDArray[np.float32]) -> GraphOutputs:
        """Run the graph on ink as it is.

        Args:
            ink: Shape (n, height, width), float32, 0 to 1.

        Returns:
            The graph's outputs.
        """
        return GraphOutputs(*self._session.run(list(OUTPUTS), {"ink": ink}))


def _predictions(answers: GraphOutputs) -> list[Prediction]:
    digits = answers.probabilities.argmax(1)
    return [
        Prediction(int(digit), float(probabilities[digit]), probabilities, float(doubt), frame)
        for digit, probabilities, doubt, frame in zip(digits, *answers, strict=True)
    ]


_shared: Recognizer | None = None
_shared_lock = threading.Lock()


def shared_recognizer() -> Recognizer:
    """The shipped model, loaded at first use and kept."""
    global _shared
    if _shared is None:
        with _shared_lock:
            if _shared is None:
                _shared = Recognizer()
    return _shared


def predict(image: ImageLike) -> Prediction:
    """Recognize the digit in a picture with the shipped model; see `Recognizer.predict`."""
    return shared_recognizer().predict(image)


def predict_batch(images: Iterable[ImageLike]) -> list[Prediction]:
    """Recognize many pictures with the shipped model; see `Recognizer.predict_batch`."""
    return shared_recognizer().predict_batch(images)
