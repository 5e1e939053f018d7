"""Strokes with a dot in line with them: `i` and `!`, which are no 1, and `?`, which is no 7.

The single-digit network cannot tell them. A dot as small as the brush does not count when a drawing is framed, lest a
slip of the pen make its digit smaller; it may even lie outside the frame. Of 1,536 ones by writers of validation with a
stray dot anywhere on the canvas, 5 have it where such a sign has; of 6,742 ones in MNIST's training images, 3 do.
"""

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.maps import Floats

INKED = 0.2
"""Ink from which on a pixel counts."""

SMALL = 0.3
"""Longest side of a dot, in heights of the stroke."""

FINE = 0.5
"""The same at least, in widths of the stroke: what is smaller is dust."""

NEAR = 0.5
"""Gap between the two, at most, in heights of the stroke."""

ASIDE = 0.08
"""How far the dot's middle may be beside where the stroke ends, or where its line goes on, in heights of the stroke."""

UPRIGHT = 0.2
"""Slant below which the lower end of a `?` goes, in columns a row; that of a 7 mostly slants more."""

BARE = 2.0
"""How wide a stroke may be anywhere, in its median widths: a flag or a foot, which `i` and `!` lack, is wider."""

HOOK, ARC = 1 / 3, 0.65
"""Share of an `i`, at its end, that may be a hook or a serif; of a `?`, that is no straight stroke."""


def is_dotted_stroke(ink: Floats, digit: int) -> bool:
    """Whether a drawing is an `i`, a `!` or a `?`: a stroke with a dot right above or below it, and nothing else.

    Args:
        ink: Shape (h, w), 0 to 1.
        digit: What the single-digit network takes it for.
    """
    if digit not in (1, 7):
        return False
    inked = ink > INKED
    rows = np.flatnonzero(inked.any(1))
    gaps = np.flatnonzero(np.diff(rows) > 1)
    if len(gaps) != 1:
        return False
    end, begin = int(rows[gaps[0]]) + 1, int(rows[gaps[0] + 1])
    upper, lower = inked[int(rows[0]) : end], inked[begin : int(rows[-1]) + 1]
    if len(upper) < len(lower):
        return digit == 1 and _is_dot_above(upper, lower, begin - end, HOOK, np.inf)
    end_free, slant = (0.0, np.inf) if digit == 1 else (ARC, UPRIGHT)
    return _is_dot_above(lower[::-1], upper[::-1], begin - end, end_free, slant)


def _is_dot_above(dot: NDArray[np.bool_], stroke: NDArray[np.bool_], gap: int, end: float, slant: float) -> bool:
    """Whether the one is a dot above the other, in line with it.

    Args:
        dot: Shape (h, w), without rows that are blank at its top or bottom.
        stroke: The same, of the same width.
        gap: Blank rows between them.
        end: Share of the stroke, at its lower end, that may have any form.
        slant: Columns a row by which the rest of it goes aside, at most.
    """
    tall = len(stroke)
    columns = np.flatnonzero(dot.any(0))
    across = int(columns[-1]) - int(columns[0]) + 1
    if max(len(dot), across) > SMALL * tall or gap > NEAR * tall:
        return False
    stroke = stroke[: int(np.ceil((1 - end) * tall))]
    left = stroke.argmax(1)
    right = stroke.shape[1] - stroke[:, ::-1].argmax(1)
    usual = float(np.median(right - left))
    if (right - left).max() > BARE * usual or max(len(dot), across) < FINE * usual:
        return False
    middles = (left + right) / 2
    half = len(stroke) // 2
    slope = float(middles[half:].mean() - middles[:half].mean()) / half  # columns a row, downwards
    top = float(middles[:half].mean()) - slope * half / 2
    above = (int(columns[0]) + int(columns[-1]) + 1) / 2
    in_line = top - slope * (gap + len(dot) / 2)
    slack = ASIDE * tall
    return abs(slope) < slant and min(top, in_line) - slack <= above <= max(top, in_line) + slack
