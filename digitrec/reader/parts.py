"""Digits that stand apart on a blank canvas, or on one that was cropped to them: cut where no ink is.

Each part is judged by the single-digit network alone. It is surer of a whole clean digit than the detector is. Wherever
a part is doubted a little, the detector reads the picture.
"""

from itertools import pairwise

import numpy as np

from digitrec.decoding import Pixels
from digitrec.detection.dots import is_dotted_stroke
from digitrec.detection.maps import Floats
from digitrec.detection.second_look import CERTAIN, NEARLY_DOUBTED, has_mostly_plain_border, is_canvas
from digitrec.errors import BlankImageError
from digitrec.ink import ink_from_pixels
from digitrec.reader.reading import ReadDigit
from digitrec.recognizer import Recognizer

INKED = 0.15
"""Ink from which on a pixel counts."""

SURE = 0.9
"""Least confidence in each digit."""

TALL, WIDE = 0.45, 1.25
"""Least height of a part, as a share of the tallest, and its largest width, in its own heights: else it is a sign, a
stray mark, or digits that touch."""

ALIKE = 0.8
"""Least height of a part, as a share of the tallest, where ink touches two opposite edges: a number that was cropped
tightly does so, and a line beside lower digits, which is no 1."""

MOST = 40
"""Parts up to which it is tried."""


def separate_digits(pixels: Pixels, recognizer: Recognizer) -> list[ReadDigit] | None:
    """The digits on a blank canvas if all of them stand apart and are sure; None otherwise.

    An `i`, `!` or `?` that stands apart, too, is left out.

    Args:
        pixels: The picture; boxes are in its pixels.
        recognizer: Judges each part.
    """
    if not has_mostly_plain_border(pixels):
        return None
    try:
        ink = ink_from_pixels(pixels)
    except BlankImageError:
        return []
    boxes = [box for rows in _runs(ink, 1) for box in _columns(ink, *rows)]
    heights = [bottom - top for _, top, _, bottom in boxes]
    if not 0 < len(boxes) <= MOST or min(heights) < (TALL if is_canvas(pixels) else ALIKE) * max(heights):
        return None
    digits = []
    for left, top, right, bottom in boxes:
        if right - left > WIDE * (bottom - top):
            return None
        part = np.pad(ink[top:bottom, left:right], 1)
        answer = recognizer.run(part[np.newaxis])
        row, doubt = answer.probabilities[0], float(answer.doubt[0])
        digit = int(row.argmax())
        if doubt >= (CERTAIN if digit == 0 else NEARLY_DOUBTED) or row.max() < SURE:  # a 0 may be a ring
            return None
        if is_dotted_stroke(part, digit):
            continue
        box = float(left), float(top), float(right), float(bottom)
        digits.append(ReadDigit(digit, float(row.max()), row, doubt, box, answer.model_input[0]))
    return digits


def _columns(ink: Floats, top: int, bottom: int) -> list[tuple[int, int, int, int]]:
    """The parts of a line of writing, as left, top, right, bottom around their ink."""
    boxes = []
    for left, right in _runs(ink[top:bottom], 0):
        rows = np.flatnonzero((ink[top:bottom, left:right] > INKED).any(1))
        boxes.append((left, top + int(rows[0]), right, top + int(rows[-1]) + 1))
    return boxes


def _runs(ink: Floats, axis: int) -> list[tuple[int, int]]:
    """Runs of columns (axis 0) or rows (axis 1) with ink, as start and end.

    Rows are only parted where both sides are tall: the bar of a 5 is no line of writing.
    """
    inked = np.flatnonzero((ink > INKED).any(axis))
    if not inked.size:
        return []
    edges = [0, *(np.flatnonzero(np.diff(inked) > 1) + 1).tolist(), len(inked)]
    runs = [(int(inked[start]), int(inked[end - 1]) + 1) for start, end in pairwise(edges)]
    if axis == 1 and len(runs) > 1:
        tallest = max(end - start for start, end in runs)
        if any(end - start < TALL * tallest for start, end in runs):
            return [(runs[0][0], runs[-1][1])]
    return runs
