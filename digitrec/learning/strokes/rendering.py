"""Training data from pen strokes: drawings of another kind than MNIST's images, in MNIST's frame.

Each drawing is prepared as a picture that is served: `ink_from`, then `FrameInk`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import keras
import numpy as np
from numpy.typing import NDArray

from digitrec.errors import BlankImageError, DatasetError
from digitrec.ink import ink_from
from digitrec.learning.data.examples import Examples
from digitrec.learning.layers.frame_ink import FrameInk
from digitrec.learning.strokes.drawing import draw, random_style, vary_handwriting
from digitrec.learning.strokes.printed_digits import Font, draw_printed_digits
from digitrec.learning.strokes.recordings import PenDigit
from digitrec.learning.strokes.variation import vary
from digitrec.training_rows import frame_pixels

CHUNK = 64
"""Drawings framed together: 20 MB of ink. More would leave the processor's cache and be no faster."""


def render(
    digits: Iterable[PenDigit], *, per_digit: int, seed: int, other_hands: bool = False, varied: bool = False
) -> Examples:
    """Draw each digit several times in random styles, and put the drawings into MNIST's frame.

    A drawing that leaves no ink, such as a lone dot under the thinnest brush, is left out.

    Args:
        digits: What to draw.
        per_digit: Drawings of each.
        seed: The same seed makes the same drawings of the same digits.
        other_hands: Whether each drawing is bent as `vary_handwriting` bends it.
        varied: Whether each recording is varied as `vary` varies it: hooks, gaps, slashes, bars.

    Returns:
        Examples in the order of the digits, `per_digit` each.

    Raises:
        DatasetError: Nothing to draw, or nothing left ink.
    """
    return render_with_rows(digits, per_digit=per_digit, seed=seed, other_hands=other_hands, varied=varied)[0]


def render_with_rows(
    digits: Iterable[PenDigit], *, per_digit: int, seed: int, other_hands: bool = False, varied: bool = False
) -> tuple[Examples, NDArray[np.intp]]:
    """Draw as `render` does, and return the digit that each drawing is of.

    Returns:
        Examples, and for each the place of its digit among `digits`, shape (n,).

    Raises:
        DatasetError: Nothing to draw, or nothing left ink.
    """
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    rows: list[int] = []
    inked = _inks(digits, per_digit, seed, other_hands, varied)
    while chunk := list(islice(inked, CHUNK)):
        images.append(frame_inks([ink for _, _, ink in chunk]))
        rows += [row for row, _, _ in chunk]
        labels += [label for _, label, _ in chunk]
    if not labels:
        raise DatasetError("no digit to draw: none was given, or none left ink on the canvas")
    return Examples(np.concatenate(images), np.array(labels, np.uint8)), np.array(rows, np.intp)


def render_printed(fonts: Sequence[Font], count: int, seed: int) -> Examples:
    """Draw printed digits as `draw_printed_digits` does, and put them into MNIST's frame."""
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    drawn = draw_printed_digits(fonts, count, seed)
    while chunk := list(islice(drawn, CHUNK)):
        labels += [label for label, _, _ in chunk]
        images.append(frame_inks([ink_from(canvas) for _, _, canvas in chunk]))
    return Examples(np.concatenate(images), np.array(labels, np.uint8))


def frame_inks(inks: Sequence[NDArray[np.float32]]) -> NDArray[np.uint8]:
    """Put drawings into MNIST's frame, by the layer that the served model has.

    Args:
        inks: At least one drawing, as `ink_from` returns it, all of one shape.

    Returns:
        Shape (n, 28, 28), uint8, 0 background to 255 full ink.
    """
    return frame_pixels(keras.ops.convert_to_numpy(FrameInk()(np.stack(inks)))[..., 0])


def _inks(
    digits: Iterable[PenDigit], per_digit: int, seed: int, other_hands: bool, varied: bool
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Each drawing that left ink: place of its digit, label, and ink of shape (CANVAS, CANVAS)."""
    for row, digit in enumerate(digits):
        for copy in range(per_digit):
            rng = np.random.default_rng([seed, row, copy])
            style = random_style(rng)
            if other_hands:
                style = vary_handwriting(style, rng)
            try:
                yield row, digit.label, ink_from(draw(vary(digit, rng) if varied else digit, style, rng))
            except BlankImageError:
                continue
