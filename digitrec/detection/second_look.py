"""When the picture of one digit is more than that: whether to look again, and what the detector then finds.

A clean canvas with one digit on it is answered at once. Where the border is not of one colour, where the ink may be
several digits' and is doubted a little, or where the answer is doubted, the detector looks for digits;
`digitrec.predict` decides by what it finds.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from digitrec.decoding import Pixels
from digitrec.detection.detector import Detector
from digitrec.detection.dots import is_dotted_stroke
from digitrec.detection.grey import grey_from_pixels
from digitrec.detection.judgement import Judged, Outputs, judge, least_doubts, may_be_cut_off
from digitrec.detection.maps import DIGIT, Floats
from digitrec.detection.spread import edges_of, spread, with_neighbours
from digitrec.ink import is_rgba, words

THRESHOLD = 0.5
"""Doubt from which on what was found is no digit."""

SURE = 0.2
"""Doubt below which digits are found for certain, so that they outweigh the answer to all of the ink."""

PICKED = 0.05
"""Doubt below which a digit is picked out of a canvas's drawing that is doubted as a whole."""

CERTAIN = 0.01
"""Doubt below which a drawing on a canvas is one digit, however wide: the single-digit network has learned to doubt
several side by side. In 6,000 pairs by writers of validation, apart, touching and overlapping, on canvases and at
28x28, the detector found 19 that the network before had taken for one digit, none of them with a doubt below 0.048; in
3,000, apart and nearly touching, the network that ships took 22 for one, none with a doubt below 0.047. Of MNIST's
training images that are wide, 95 % had one below 0.0023."""

NEARLY_DOUBTED = 0.05
"""Doubt from which on a drawing on a canvas is looked at as if it were doubted: a frame around a digit may be a weak 0.
Of 440 digits in rings and boxes by writers of validation, 11 were taken for another digit without it, none with it; of
1,959 digits without a ring no answer changed."""

WIDE = 1.1
"""Width of a drawing, in its heights, from which on it may be two digits side by side."""

PART = 0.5
"""Least height of a second digit, as a share of the tallest one's; what is smaller is a stray mark."""

STOREY = 0.3
"""Least height of each of two digits one above the other, as a share of both; the bar of a 5 is lower."""

RIVAL, NOTHING_BESIDE = 0.1, 0.03
"""Doubt from which on a digit does not count beside one whose doubt is below the second: a line may be a weak 1."""

CLEAR = (0.35, 0.12)
"""Room to the left and right of a digit, and above and below it, in its heights, that must be free of ink where a digit
is picked out of a drawing that is doubted as a whole: letters of a word stand closer."""

SLACK, STRAY = 0.06, 0.1
"""How far a box may be off, in heights of the digit, and how much of its ink may lie in the room around it."""

TALL = 0.12
"""Least height of such a digit, as a share of the picture: the eye of a face is no 0."""

MARGIN = 0.4
"""Room that a tight crop is given on each side, as a share of its longer side."""

CLEAN = 0.3
"""Share of a crop's outermost pixels that have exactly the brightness of their median, from which on it is of a drawing
or a scan; in a photograph hardly any two pixels are alike."""

TINY = 24
"""Side below which a picture is a scan of one digit: a digit has twelve pixels at least, and a photograph is larger."""

CROP = 256
"""Longest side at which a tight crop is looked at. Of a larger one every second, third ... pixel is taken."""

INKED = 0.2
"""Ink from which on a pixel counts."""

COARSE = 96
"""Side to which a drawing is made smaller, to see what hangs together."""

PLAIN = 0.8
"""Share of a canvas's outermost pixels that are of its colour; a drawing may touch an edge."""


class Answer(Protocol):
    """What is needed of a `Prediction`: the digit, and the doubt that it is one, 0 to 1."""

    @property
    def digit(self) -> int:
        """0 to 9."""

    @property
    def doubt(self) -> float:
        """0 to 1."""


def is_canvas(pixels: Pixels) -> bool:
    """Whether a picture is a blank canvas with a drawing on it, and neither a photograph nor ruled nor framed.

    Its border is mostly of one colour; what touches two opposite edges is a line or a bar.
    """
    (top, bottom, left, right), plain = _edges(pixels)
    return plain and not (top and bottom) and not (left and right)


def has_mostly_plain_border(pixels: Pixels) -> bool:
    """Whether the outermost pixels are of one colour but for where a drawing, or a line, touches an edge."""
    return _edges(pixels)[1]


def _edges(pixels: Pixels) -> tuple[list[int], bool]:
    """How many pixels of each edge are not of the colour of two opposite corners, and whether most of all are.

    Returns:
        The numbers at the upper, lower, left and right edge, and whether they are few.
    """
    plane = words(pixels) if is_rgba(pixels) else pixels
    colour = plane[0, 0] if (plane[0, 0] == plane[-1, -1]).all() else plane[0, -1]
    sides = [plane[0] != colour, plane[-1] != colour, plane[:, 0] != colour, plane[:, -1] != colour]
    if plane.ndim == 3:
        sides = [side.any(1) for side in sides]
    numbers = [int(np.count_nonzero(side)) for side in sides]
    return numbers, sum(numbers) < (1 - PLAIN) * sum([len(side) for side in sides])


def is_settled(ink: Floats, first: Answer) -> bool:
    """Whether a drawing on a canvas is surely what the single-digit network takes it for: no need to look again.

    Args:
        ink: Shape (h, w), 0 to 1.
        first: What the network takes it for.
    """
    if first.doubt >= NEARLY_DOUBTED or may_be_ring(first) or may_be_several(ink, first):
        return False
    return not is_dotted_stroke(ink, first.digit)


def may_be_ring(first: Answer) -> bool:
    """Whether a 0 on a canvas may be a ring that somebody drew around a digit: it is doubted, if only a little."""
    return first.digit == 0 and first.doubt >= CERTAIN


def may_be_several(ink: Floats, first: Answer) -> bool:
    """Whether a drawing on a canvas may be several digits, that the single-digit network takes for one.

    Args:
        ink: Shape (h, w), 0 to 1.
        first: What the network takes it for. It has learned to doubt digits side by side, if only a little, but not
            those one above the other.
    """
    inked = ink > INKED
    if first.doubt < CERTAIN:
        return first.digit != 8 and _has_storeys(inked)  # an 8 may be written as one circle above the other
    return _has_storeys(inked) or _is_wide_or_parted(inked)


def _has_storeys(inked: NDArray[np.bool_]) -> bool:
    """Whether a gap goes through a drawing from left to right, with something tall on both sides."""
    rows = np.flatnonzero(inked.any(1))
    gaps = np.flatnonzero(np.diff(rows) > 1)
    if not gaps.size:
        return False
    tall = rows[-1] - rows[0] + 1
    return any(min(rows[gap] - rows[0], rows[-1] - rows[gap + 1]) + 1 > STOREY * tall for gap in gaps)


def _is_wide_or_parted(inked: NDArray[np.bool_]) -> bool:
    """Whether a drawing is wide, or a gap goes through it from top to end, with something tall on both sides."""
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    if not rows.size:
        return False
    tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    if wide > WIDE * tall:
        return True
    if columns[-1] - columns[0] + 1 == len(columns):
        return False
    for gap in np.flatnonzero(np.diff(columns) > 1):
        beside = inked[:, : columns[gap] + 1], inked[:, columns[gap + 1] :]
        if min(np.ptp(np.flatnonzero(part.any(1))) for part in beside) > PART * tall:
            return True
    return False


def digits_in(
    pixels: Pixels, run: Callable[[Floats], Outputs], detector: Detector, *, canvas: bool = False, sure: int = 0
) -> Judged | None:
    """The digits in a picture that neither network doubts, without what is small beside the tallest of them.

    Args:
        pixels: As `pixels_from` returned them.
        run: The single-digit network.
        detector: The detector.
        canvas: Whether it is a canvas, on which whatever looks like a digit may be one.
        sure: How many digits are looked for: where it can be seen early that fewer are sure, the rest is left out.

    Returns:
        What was found, the least doubted first; None where nothing stands out from a plain background, or fewer are
        sure than are looked for.
    """
    picture = grey_from_pixels(pixels)
    if picture is None:
        return None
    found = detector.find(picture)
    found = found.take(found.kinds == DIGIT)
    least = least_doubts(found.scores)
    if (least <= SURE).sum() < sure:
        return None
    judged = judge(picture, found.take(least < THRESHOLD), run)
    judged = judged.take(judged.doubts < THRESHOLD)
    tall = judged.boxes[:, 3] - judged.boxes[:, 1]
    judged = judged.take(tall > PART * tall.max(initial=0))
    if not canvas:
        cut = may_be_cut_off(judged.boxes, judged.probabilities.argmax(1), picture.shape)
        judged = judged.take(~cut | cut.all())
    if not canvas and judged.doubts.min(initial=1) < NOTHING_BESIDE:
        judged = judged.take(judged.doubts < RIVAL)
    return judged.take(np.argsort(judged.doubts, kind="stable"))


def is_tight_crop(pixels: Pixels, digit: int, run: Callable[[Floats], Outputs], detector: Detector) -> bool:
    """Whether a digit fills its picture to the edges: with room around it, the detector finds it and nothing else.

    That needs no detector where the picture is tiny.

    Args:
        pixels: A picture in which the detector found no digit.
        digit: What the single-digit network takes all of its ink for.
        run: The single-digit network.
        detector: The detector.
    """
    picture = grey_from_pixels(pixels)
    if picture is None:
        return False
    if max(picture.shape) < TINY:
        return True
    step = max(1, max(picture.shape) // CROP)
    picture = picture[::step, ::step]
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    background = np.sort(edge)[len(edge) // 2]
    room = int(MARGIN * max(picture.shape))
    found = digits_in(np.pad(picture, room, constant_values=background), run, detector, canvas=True)
    if found is None or len(found) != 1 or int(found.probabilities[0].argmax()) != digit:
        return False
    return bool(found.doubts[0] < SURE or (edge == background).mean() >= CLEAN)


def stands_clear(found: Judged, pixels: Pixels) -> bool:
    """Whether the least doubted digit is one among other things, such as a frame or buttons, and no part of a drawing.

    Args:
        found: Digits, as `digits_in` found them.
        pixels: The picture.
    """
    picture = grey_from_pixels(pixels)
    left, top, right, bottom = (float(edge) for edge in found.boxes[0])
    tall = bottom - top
    sure = found.doubts[0] <= PICKED and found.network_doubts[0] < THRESHOLD
    cut_out = found.network_doubts[0] <= PICKED  # of a digit in a ring the detector is not sure
    if picture is None or not (sure or cut_out) or tall < TALL * len(picture):
        return False
    x, y = np.arange(picture.shape[1]) + 0.5, np.arange(picture.shape[0])[:, None] + 0.5
    across, down = ((right - left) / 2 + CLEAR[0] * tall, tall / 2 + CLEAR[1] * tall)
    around = ((x - (left + right) / 2) / across) ** 2 + ((y - (top + bottom) / 2) / down) ** 2 < 1
    slack = SLACK * tall
    near = (x > left - slack) & (x < right + slack) & (y > top - slack) & (y < bottom + slack)
    room = around & ~near
    if not room.any():
        return False
    difference = np.abs(picture.astype(np.float32) - np.median(picture[room]))
    inked = difference > 0.35 * np.percentile(difference[near], 95)
    clear = sure and inked[room].sum() < STRAY * inked[near].sum()
    return bool(clear or (cut_out and _is_alone_in_ring(inked, near)))


def _is_alone_in_ring(inked: NDArray[np.bool_], near: NDArray[np.bool_]) -> bool:
    """Whether a digit has a closed line around it, or a disc behind it, that it does not touch, and nothing else in it.

    Args:
        inked: Shape (h, w): the ink of a picture.
        near: The same shape: where the digit is.
    """
    ink, digit = _smaller(inked), _smaller(near)
    outside = spread(edges_of(ink), ~ink)
    ring = spread(edges_of(ink) | with_neighbours(outside), ink)
    inside = ink & ~ring  # nothing, where the digit touches what is around it, or nothing is
    return bool((inside & ~digit).sum() < STRAY * (inside & digit).sum())


def _smaller(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marked pixels (h, w) in squares of so many that `COARSE` are left at most, (1, ., .)."""
    step = -(-max(marked.shape) // COARSE)
    high, wide = (-(-side // step) for side in marked.shape)
    whole = np.zeros((high * step, wide * step), bool)
    whole[: marked.shape[0], : marked.shape[1]] = marked
    rows = np.asarray(whole.reshape(high, step, wide * step).any(1))
    return np.asarray(rows.reshape(1, high, wide, step).any(3))
