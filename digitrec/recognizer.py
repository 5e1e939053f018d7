"""From a picture to an answer: one ONNX Runtime session behind one `predict()`."""

import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, overload

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from digitrec.artifacts import CARD_NAME, model_path, read_card, read_model, sha256
from digitrec.decoding import Batch, ImageLike, Pixels, pictures_in, pixels_from
from digitrec.detection import second_look
from digitrec.detection.detector import Detector, detector_beside
from digitrec.detection.judgement import Judged
from digitrec.display import to_html
from digitrec.errors import BlankImageError, DigitrecError, ModelIntegrityError
from digitrec.ink import ink_from_pixels

OUTPUTS = {"probabilities": (10,), "doubt": (), "model_input": (28, 28)}
"""The graph's outputs, by name, and their shapes for one drawing; all float32. Its one input is `ink`, (n, h, w)."""

DOUBT_THRESHOLD = 0.5
"""Doubt from which on a drawing counts as no digit. The model is calibrated to this line when it is exported."""

NOT_ONE = 0.9
"""Least doubt of a photograph without a digit, and of any picture with several."""

PIXELS_PER_RUN = 8_000_000
"""Most ink pixels that `predict_batch` holds at once: 32 MB of float32, a hundred canvases of 280x280."""

Waiting = dict[tuple[int, ...], list[tuple[int, NDArray[np.float32], Pixels]]]
"""By the shape of their ink: pictures' positions in a batch, their ink and their pixels."""

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
        box: Left, top, right and bottom of the digit in the picture, where it was cut out of a photograph or of other
            things; None where all ink of the picture was taken for the drawing. In pixels of the picture, or of the
            one that it was averaged down to.
    """

    digit: int
    confidence: float
    probabilities: NDArray[np.float32]
    doubt: float
    model_input: NDArray[np.float32]
    box: tuple[float, float, float, float] | None = None

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
        self._given = None if path is None else self.path.absolute()  # the shipped model may lie elsewhere there
        self._threads = threads
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: warnings about the graph are no use to who predicts
        # The card first: it says which files belong together, whatever is published meanwhile.
        self.card = read_card(self.path.parent) if (self.path.parent / CARD_NAME).exists() else None
        model = read_model(self.path, self.card)
        self.sha256 = sha256(model)
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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by path: unpickling loads the file again, since ONNX Runtime's session cannot be copied."""
        return _loaded, (self._given, self._threads)

    @cached_property
    def detector(self) -> Detector:
        """The detector that this model looks again with; loaded at first use."""
        return detector_beside(self.path.parent, self.card)

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
            image: One of

                - a path, the bytes of a file, or a binary file object: PNG, JPEG, WebP, GIF, BMP, TIFF, PBM, PGM or PPM
                  of up to 20 MB; docs/pictures.md says which kinds of these. Of an animation the first picture counts.
                  A photograph is turned as its EXIF orientation says;
                - a `PIL.Image.Image` of any mode;
                - an array, a tensor, or nested lists, of shape (h, w), (h, w, 1), (h, w, 3) for RGB or (h, w, 4) for
                  RGBA, a batch of one of these, or 784 numbers in a row for 28x28. Booleans; integers from 0 to 1, to
                  255, to 4095 or to 65535; floats from 0 to 1 or to 255. A tensor must be on the CPU and without a
                  gradient.

                Of any size, up to 50 million pixels; ink dark or light, in any colour, or in the alpha channel alone.
                It is neither cropped nor scaled nor inverted first: the model does that.

        Raises:
            BlankImageError: No ink in it.
            InvalidImageError: Not a picture, or of a kind that is not read.
            ImageTooLargeError: More bytes or pixels than allowed, or too costly to decode.
            OverloadedError: The machine has no time or memory left to decode it now.
        """
        return self.predict_pixels(pixels_from(image))

    def predict_pixels(self, pixels: Pixels) -> Prediction:
        """Recognize the digit in pixels, as `digitrec.decoding.pixels_from` returned them.

        Raises:
            BlankImageError: No ink in them.
        """
        try:
            with _one_at_a_time:
                ink = ink_from_pixels(pixels, margins=False)
        except BlankImageError:
            faint = self._find_faint(pixels)
            if faint is None:
                raise
            return faint
        return self._look_again(pixels, ink, _predictions(self.run(ink[np.newaxis]))[0])

    def _find_faint(self, pixels: Pixels) -> Prediction | None:
        """The one digit of a photograph whose ink is fainter than the light on it varies; None where there is none."""
        found = None if second_look.is_canvas(pixels) else second_look.digits_in(pixels, self.run, self.detector)
        return _prediction_of(found) if found is not None and len(found) == 1 else None

    def _look_again(self, pixels: Pixels, ink: NDArray[np.float32], first: Prediction) -> Prediction:
        """Ask the detector, where the picture is no canvas with a single drawing on it that is surely a digit.

        Args:
            pixels: The picture.
            ink: What was found on it, (height, width).
            first: The answer to all of the ink. It stays wherever the detector finds the same.
        """
        plain = second_look.is_canvas(pixels)
        if plain and first.is_digit and not second_look.may_be_several(ink):
            return first
        found = second_look.digits_in(pixels, self.run, self.detector, canvas=plain)
        if found is None:
            return first
        if len(found) == 1:
            if plain and (first.is_digit or not second_look.stands_clear(found, pixels)):
                return first
            one = _prediction_of(found)
            if first.is_digit:
                return first if first.digit == one.digit else one
            return one if one.doubt < second_look.SURE else replace(one, doubt=max(one.doubt, NOT_ONE))
        drawn = first.is_digit and second_look.has_mostly_plain_border(pixels)
        if len(found) == 0:
            return first if plain or drawn else replace(first, doubt=max(first.doubt, NOT_ONE))
        if drawn and found.doubts[1] > second_look.SURE:
            return first
        return replace(_prediction_of(found), doubt=max(first.doubt, NOT_ONE))

    @overload
    def predict_batch(self, images: Batch, *, errors: Literal["raise"] = "raise") -> list[Prediction]: ...

    @overload
    def predict_batch(self, images: Batch, *, errors: Literal["return"]) -> list[Prediction | DigitrecError]: ...

    def predict_batch(
        self, images: Batch, *, errors: Literal["raise", "return"] = "raise"
    ) -> list[Prediction] | list[Prediction | DigitrecError]:
        """Recognize many pictures, those of one size together. The answers are those of `predict`, in order.

        Args:
            images: Any iterable of what `predict` takes, mixed as you like: paths, bytes, binary files,
                `PIL.Image.Image`, arrays. Or an array, a tensor or a data frame of shape (n, h, w), (n, h, w, 1),
                (n, h, w, 3), (n, h, w, 4) or (n, 784).
            errors: "raise" stops at the first picture that cannot be answered; "return" puts the error in its place.

        Returns:
            A `Prediction` for each picture, in order; with `errors="return"`, a `DigitrecError` in the place of each
            that cannot be answered.

        Raises:
            DigitrecError: As `predict`, of the first picture that cannot be answered, named by its position; or the
                whole is one picture.
            ValueError: `errors` is neither "raise" nor "return".
        """
        if errors not in ("raise", "return"):
            raise ValueError(f'errors is {errors!r}; pass "raise" or "return"')
        answers: dict[int, Prediction | DigitrecError] = {}
        waiting: Waiting = defaultdict(list)
        pixels_waiting = 0
        for position, image in enumerate(pictures_in(images)):
            try:
                pixels = pixels_from(image)
                try:
                    ink = ink_from_pixels(pixels)
                except BlankImageError:
                    faint = self._find_faint(pixels)
                    if faint is None:
                        raise
                    answers[position] = faint
                    continue
            except DigitrecError as error:
                if errors == "raise":
                    raise type(error)(f"image {position}: {error}") from error
                answers[position] = error
                continue
            if pixels_waiting + ink.size > PIXELS_PER_RUN:
                answers.update(self._answer(waiting))
                waiting.clear()
                pixels_waiting = 0
            waiting[ink.shape].append((position, ink, pixels))
            pixels_waiting += ink.size
        answers.update(self._answer(waiting))
        return [answers[position] for position in range(len(answers))]

    def _answer(self, waiting: Waiting) -> dict[int, Prediction]:
        """Run the graph once for each size. Takes `Waiting`, returns predictions by position."""
        answers = {}
        for group in waiting.values():
            predictions = _predictions(self.run(np.stack([ink for _, ink, _ in group])))
            for first, (position, ink, pixels) in zip(predictions, group, strict=True):
                answers[position] = self._look_again(pixels, ink, first)
        return answers

    def run(self, ink: NDArray[np.float32]) -> GraphOutputs:
        """Run the graph on ink as it is.

        Args:
            ink: Shape (n, height, width), float32, 0 to 1.

        Returns:
            The graph's outputs.
        """
        return GraphOutputs(*self._session.run(list(OUTPUTS), {"ink": ink}))


def _loaded(path: Path | None, threads: int) -> Recognizer:
    return Recognizer(path, threads=threads)


def _prediction_of(found: Judged) -> Prediction:
    """The least doubted of the digits that were found, as a prediction."""
    row = found.probabilities[0]
    left, top, right, bottom = map(float, found.boxes[0])
    return Prediction(
        digit=int(row.argmax()),
        confidence=float(row.max()),
        probabilities=row,
        doubt=float(found.doubts[0]),
        model_input=found.frames[0],
        box=(left, top, right, bottom),
    )


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
    """Recognize the digit in a picture of any size with the shipped model.

    Args:
        image: One of

            - a path, the bytes of a file, or a binary file object: PNG, JPEG, WebP, GIF, BMP, TIFF, PBM, PGM or PPM
              of up to 20 MB; docs/pictures.md says which kinds of these. Of an animation the first picture counts.
              A photograph is turned as its EXIF orientation says;
            - a `PIL.Image.Image` of any mode;
            - an array, a tensor, or nested lists, of shape (h, w), (h, w, 1), (h, w, 3) for RGB or (h, w, 4) for
              RGBA, a batch of one of these, or 784 numbers in a row for 28x28. Booleans; integers from 0 to 1, to
              255, to 4095 or to 65535; floats from 0 to 1 or to 255. A tensor must be on the CPU and without a
              gradient.

            Of any size, up to 50 million pixels; ink dark or light, in any colour, or in the alpha channel alone.
            It is neither cropped nor scaled nor inverted first: the model does that.

    Returns:
        The digit, how sure the network is, and how much speaks against it being a digit at all.

    Raises:
        BlankImageError: No ink in it.
        InvalidImageError: Not a picture, or of a kind that is not read.
        ImageTooLargeError: More bytes or pixels than allowed, or too costly to decode.
        OverloadedError: The machine has no time or memory left to decode it now.
        ModelNotFoundError: The shipped model is missing.
        ModelIntegrityError: The shipped model is not the file its card describes.
    """
    return shared_recognizer().predict(image)


@overload
def predict_batch(images: Batch, *, errors: Literal["raise"] = "raise") -> list[Prediction]: ...


@overload
def predict_batch(images: Batch, *, errors: Literal["return"]) -> list[Prediction | DigitrecError]: ...


def predict_batch(
    images: Batch, *, errors: Literal["raise", "return"] = "raise"
) -> list[Prediction] | list[Prediction | DigitrecError]:
    """Recognize many pictures with the shipped model, those of one size together.

    Args:
        images: Any iterable of what `predict` takes, mixed as you like: paths, bytes, binary files,
            `PIL.Image.Image`, arrays. Or an array, a tensor or a data frame of shape (n, h, w), (n, h, w, 1),
            (n, h, w, 3), (n, h, w, 4) or (n, 784).
        errors: "raise" stops at the first picture that cannot be answered; "return" puts the error in its place.

    Returns:
        A `Prediction` for each picture, in order; with `errors="return"`, a `DigitrecError` in the place of each that
        cannot be answered.

    Raises:
        DigitrecError: As `predict`, of the first picture that cannot be answered, named by its position; or the whole
            is one picture.
        ValueError: `errors` is neither "raise" nor "return".
    """
    recognizer = shared_recognizer()
    if errors == "return":
        return recognizer.predict_batch(images, errors="return")
    return recognizer.predict_batch(images, errors=errors)
