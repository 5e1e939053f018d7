"""From a picture to an answer: one ONNX Runtime session behind one `predict()`."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from digitrec.artifacts import CARD_NAME, model_path, read_card, read_model, sha256
from digitrec.batch import Steps, predict_many
from digitrec.decoding import Batch, ImageLike, Pixels, pixels_from
from digitrec.detection import second_look
from digitrec.detection.detector import Detector, detector_beside
from digitrec.detection.dots import is_dotted_stroke
from digitrec.errors import BlankImageError, DigitrecError, ModelIntegrityError
from digitrec.forks import ForkableLock, in_a_graph
from digitrec.ink import ink_from_pixels
from digitrec.prediction import GraphOutputs, Prediction, prediction_of, predictions_of
from digitrec.sheets import on_its_sheet

OUTPUTS = {"probabilities": (10,), "doubt": (), "model_input": (28, 28)}
"""The graph's outputs, by name, and their shapes for one drawing; all float32. Its one input is `ink`, (n, h, w)."""

NOT_ONE = 0.9
"""Least doubt of a photograph without a digit, and of any picture with several."""

_one_at_a_time = ForkableLock()
"""Held while ink is found. NumPy lets go of the interpreter's lock at each of its many short steps and waits for it
again: two threads at once would do less than one."""


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
            with in_a_graph:
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
        pixels = on_its_sheet(pixels)
        try:
            with _one_at_a_time:
                ink = ink_from_pixels(pixels, margins=False)
        except BlankImageError:
            faint = self._find_faint(pixels)
            if faint is None:
                raise
            return faint
        return self._look_again(pixels, ink, predictions_of(self.run(ink[np.newaxis]))[0])

    def _find_faint(self, pixels: Pixels) -> Prediction | None:
        """The one digit of a photograph whose ink is fainter than the light on it varies; None where there is none."""
        found = None if second_look.is_canvas(pixels) else second_look.digits_in(pixels, self.run, self.detector)
        return prediction_of(found) if found is not None and len(found) == 1 else None

    def _look_again(self, pixels: Pixels, ink: NDArray[np.float32], first: Prediction) -> Prediction:
        """Ask the detector, where the picture is no canvas with a single drawing on it that is surely a digit.

        Args:
            pixels: The picture.
            ink: What was found on it, (height, width).
            first: The answer to all of the ink. It stays wherever the detector finds the same.
        """
        plain = second_look.is_canvas(pixels)
        if plain and second_look.is_settled(ink, first):
            return first
        if plain and is_dotted_stroke(ink, first.digit):
            return replace(first, doubt=max(first.doubt, NOT_ONE))
        if plain and first.doubt < second_look.NEARLY_DOUBTED and not second_look.may_be_ring(first):
            found = second_look.digits_in(pixels, self.run, self.detector, canvas=True, sure=2)
            if found is None or len(found) < 2 or found.doubts[1] > second_look.SURE:
                return first
            return replace(prediction_of(found), doubt=max(first.doubt, NOT_ONE))
        found = second_look.digits_in(pixels, self.run, self.detector, canvas=plain)
        if found is None:
            return first
        if len(found) == 1:
            if plain and not second_look.stands_clear(found, pixels):
                return first
            one = prediction_of(found)
            if first.is_digit:
                return first if first.digit == one.digit else one
            return one if one.doubt < second_look.SURE else replace(one, doubt=max(one.doubt, NOT_ONE))
        drawn = first.is_digit and second_look.has_mostly_plain_border(pixels)
        if len(found) == 0:
            stays = (
                plain
                or drawn
                or (first.is_digit and second_look.is_tight_crop(pixels, first.digit, self.run, self.detector))
            )
            return first if stays else replace(first, doubt=max(first.doubt, NOT_ONE))
        if drawn and found.doubts[1] > second_look.SURE:
            return first
        return replace(prediction_of(found), doubt=max(first.doubt, NOT_ONE))

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
                `PIL.Image.Image`, arrays; a column of a data frame, too. Or an array, a tensor or a data frame of
                shape (n, h, w), (n, h, w, 1), (n, h, w, 3), (n, h, w, 4) or (n, 784).
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
        steps = Steps(self.run, self._look_again, self._find_faint)
        return predict_many(images, steps, stop_at_errors=errors == "raise")

    def run(self, ink: NDArray[np.float32]) -> GraphOutputs:
        """Run the graph on ink as it is.

        Args:
            ink: Shape (n, height, width), float32, 0 to 1.

        Returns:
            The graph's outputs.
        """
        with in_a_graph:
            return GraphOutputs(*self._session.run(list(OUTPUTS), {"ink": ink}))


def _loaded(path: Path | None, threads: int) -> Recognizer:
    return Recognizer(path, threads=threads)


_shared: Recognizer | None = None
_shared_lock = ForkableLock()


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
            `PIL.Image.Image`, arrays; a column of a data frame, too. Or an array, a tensor or a data frame of
            shape (n, h, w), (n, h, w, 1), (n, h, w, 3), (n, h, w, 4) or (n, 784).
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
