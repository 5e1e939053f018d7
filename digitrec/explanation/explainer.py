"""From a picture to an explanation of its answer, behind the recognizer's own framing."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.artifacts import EXPLANATION_NAME
from digitrec.decoding import ImageLike, Pixels, sized_pixels_from
from digitrec.detection.crops import crops_of, separate, squares_of, strongest
from digitrec.detection.grey import grey_from_pixels
from digitrec.detection.lines import find_lines
from digitrec.errors import BlankImageError
from digitrec.explanation.attribution import attribute
from digitrec.explanation.changes import confirm_map
from digitrec.explanation.explanation import Explanation
from digitrec.explanation.graph import ExplanationGraph, Floats
from digitrec.explanation.picture import Place, grey_of, lay_onto
from digitrec.forks import ForkableLock
from digitrec.ink import find_margins, ink_from_pixels
from digitrec.recognizer import Recognizer, shared_recognizer
from digitrec.sheets import on_its_sheet

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

LEAST_DEPTH = 8.0
"""Least difference from the paper, of 255, that counts as a digit in a box: what a photograph's noise stays below."""


class Explainer:
    """Explains the answers of a recognizer; safe to share between threads.

    Attributes:
        recognizer: Whose answers.
        graph: Its network, opened.
    """

    def __init__(self, recognizer: Recognizer | str | Path | None = None) -> None:
        """Load what explains.

        Args:
            recognizer: A recognizer, or the ONNX file of one; the shipped model by default.

        Raises:
            ModelNotFoundError: No such model, or none beside it that explains.
            ModelIntegrityError: A file is not the one its card describes, or not of its kind.
        """
        self.recognizer = recognizer if isinstance(recognizer, Recognizer) else Recognizer(recognizer)
        # By the card that the recognizer was read with: another version may have been published since.
        self.graph = ExplanationGraph(self.recognizer.path.with_name(EXPLANATION_NAME), card=self.recognizer.card)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the recognizer, which is pickled by its path: unpickling loads the files again."""
        return type(self), (self.recognizer,)

    def explain(self, image: ImageLike, digit: int | None = None, *, box: Box | None = None) -> Explanation:
        """Explain why a picture shows a digit, or why it does not.

        Args:
            image: What `digitrec.predict` takes.
            digit: The digit asked about, 0 to 9; the answer by default.
            box: Of a picture with several digits, where the one in question stands, as `ReadDigit.box`: left, top,
                right and bottom in pixels of the picture.

        Raises:
            ValueError: `digit` is no digit, or `box` no box in the picture.
            BlankImageError: No ink in it, or none in the box.
            InvalidImageError: Not a picture, or of a kind that is not read.
            ImageTooLargeError: More bytes or pixels than allowed, or too costly to decode.
            OverloadedError: The machine has no time or memory left to decode it now.
        """
        check_digit(digit)
        shown, size = sized_pixels_from(image)
        pixels = on_its_sheet(shown)
        if box is None:
            prediction = self.recognizer.predict_pixels(pixels)
            probabilities, found = prediction.probabilities, prediction.box
        else:
            found = check_box(box, size, pixels.shape[1] / size[0])
            probabilities = None
        ink, corner = _ink_and_corner(pixels, found)
        if probabilities is None:
            probabilities = self.recognizer.run(ink[np.newaxis]).probabilities[0]
        frame, place = self.graph.place(ink)
        predicted = int(probabilities.argmax())
        asked = predicted if digit is None else int(digit)
        frame_map = attribute(self.graph, frame, asked)
        picture = grey_of(shown)
        return Explanation(
            digit=asked,
            predicted=predicted,
            probability=float(probabilities[asked]),
            for_and_against=lay_onto(frame_map, Place(*place).within_crop(*corner), picture.shape),
            frame=frame,
            frame_map=frame_map,
            picture=picture,
            finding=confirm_map(self.graph, frame, frame_map, asked, predicted),
        )


def _ink_and_corner(pixels: Pixels, box: Box | None) -> tuple[Floats, tuple[float, float, float]]:
    """The ink of a picture, or of the digit in a box, and where it lies: top, left and pixels to one of its own."""
    if box is None:
        # The ink that the answer was given to: of another cut, the frame may lie a pixel beside its own.
        margins = find_margins(pixels)
        top, left = (margins[0], margins[2]) if margins else (0, 0)
        return ink_from_pixels(pixels, margins=False), (float(top), float(left), 1.0)
    picture = grey_from_pixels(pixels)
    if picture is None:
        raise BlankImageError("no ink: nothing in this picture stands out from its background")
    boxes = np.array([box], np.float32)
    left, top, scale = squares_of(boxes)[0].tolist()
    return _ink_in_box(picture, boxes), (top, left, scale)


def _ink_in_box(picture: NDArray[np.uint8], boxes: Floats) -> Floats:
    """The ink of the digit in the one box (1, 4), as its answer is given to it.

    Raises:
        BlankImageError: There is none, or it belongs to something that reaches in from outside.
    """
    depth, inner, ink = crops_of(picture, boxes)
    inks, _ = separate(ink, inner, find_lines(ink > 0.5))
    if float(strongest(depth, inner).max()) < LEAST_DEPTH or not inks.any():
        raise BlankImageError("no ink: nothing in this box stands out from its paper; pass the box of a digit")
    return np.asarray(inks[0], np.float32)


def check_box(box: Box, size: tuple[int, int], scale: float) -> Box:
    """Refuse a box that is none in a picture, and scale another one.

    Args:
        box: Left, top, right and bottom.
        size: Width and height of the picture.
        scale: Factor to multiply the box by.

    Raises:
        ValueError: It is none.
    """
    edges = numbers_in(box)
    if len(edges) == 4 and all(map(math.isfinite, edges)):
        left, top, right, bottom = edges
        inside = 0 <= left < right <= size[0] + 1 and 0 <= top < bottom <= size[1] + 1
        if inside and max(right - left, bottom - top) >= 1:
            return left * scale, top * scale, right * scale, bottom * scale
    raise ValueError(f"box is {box!r}; pass left, top, right and bottom of a digit in this {size[0]}x{size[1]} picture")


def numbers_in(box: object) -> tuple[float, ...]:
    """The numbers of a sequence or an array; none of anything else."""
    try:
        return tuple(map(float, box))  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return ()


def check_digit(digit: object) -> None:
    """Refuse anything but a digit; None stands for the answer.

    Raises:
        ValueError: It is none.
    """
    whole = isinstance(digit, int | np.integer) and not isinstance(digit, bool)
    if digit is not None and not (whole and 0 <= int(digit) <= 9):  # type: ignore[call-overload]
        raise ValueError(f"digit is {digit!r}; pass a whole number from 0 to 9, or nothing for the answer")


_shared: Explainer | None = None
_shared_lock = ForkableLock()


def shared_explainer() -> Explainer:
    """What explains the shipped model, loaded at first use and kept."""
    global _shared
    if _shared is None:
        with _shared_lock:
            if _shared is None:
                _shared = Explainer(shared_recognizer())
    return _shared


def explain(image: ImageLike, digit: int | None = None, *, box: Box | None = None) -> Explanation:
    """Explain why a picture shows a digit, or why it does not, with the shipped model.

    Args:
        image: What `digitrec.predict` takes.
        digit: The digit asked about, 0 to 9, as in "why not 9?"; the answer by default.
        box: Of a picture with several digits, where the one in question stands, as `ReadDigit.box`: left, top, right
            and bottom in pixels of the picture.

    Returns:
        A heat map in the picture's own pixels: what speaks for the digit, and what against it.

    Raises:
        ValueError: `digit` is no digit, or `box` no box in the picture.
        BlankImageError: No ink in it, or none in the box.
        InvalidImageError: Not a picture, or of a kind that is not read.
        ImageTooLargeError: More bytes or pixels than allowed, or too costly to decode.
        OverloadedError: The machine has no time or memory left to decode it now.
        ModelNotFoundError: The shipped model is missing, or what explains it.
        ModelIntegrityError: The shipped model is not the file its card describes.
    """
    return shared_explainer().explain(image, digit, box=box)
