"""Zeros whose slash does not touch them: the detector takes the slash for a 1, and may not see the 0 around it."""

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.crops import box_in, crops_of, nowhere_in, squares_of
from digitrec.detection.maps import Floats
from digitrec.detection.spread import rings_in

INKED = 0.3
"""Ink from which on a pixel of a slash counts."""

SLANT, STRAIGHT = 0.5, 0.9
"""Least width of a slash, in its heights, and how nearly all of its ink lies on a line: the absolute correlation of
rows and columns. A 1 in a ring stands more upright, or has a flag."""

WIDER = 3.0
"""Side of the square in which a 0 is looked for, in lengths of its slash."""

ROUND = (0.35, 1.4)
"""Width of a 0's hole, in its heights, at least and at most."""

STROKE = 3
"""Width of a 0's stroke that its box is given around the hole, in pixels of a crop."""


def is_slash(marked: NDArray[np.bool_]) -> bool:
    """Whether marked pixels (side, side) are a bare, slanted stroke."""
    rows, columns = np.nonzero(marked)
    if not rows.size or np.ptp(columns) < SLANT * np.ptp(rows):
        return False
    down, across = rows - rows.mean(), columns - columns.mean()
    return bool(abs((down * across).sum()) > STRAIGHT * np.sqrt((down * down).sum() * (across * across).sum()))


def boxes_around_slashes(picture: NDArray[np.uint8], boxes: Floats) -> Floats:
    """Where zeros are that enclose slashes without touching them.

    Args:
        picture: Shape (height, width), grey.
        boxes: Shape (n, 4): left, top, right, bottom of slashes in its pixels.

    Returns:
        Shape (n, 4), float32; of width 0 where no closed line is around the slash.
    """
    if not len(boxes):
        return boxes
    half = WIDER / 2 * (boxes[:, 2:] - boxes[:, :2]).max(1, keepdims=True)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    wide = np.concatenate([middles - half, middles + half], 1).astype(np.float32)
    _, _, ink = crops_of(picture, wide)
    inked = ink > INKED
    around, ring = rings_in(inked)
    hole = ~around & ~ring
    squares = squares_of(wide)
    found = []
    for crop in range(len(boxes)):
        rows, columns = np.flatnonzero(hole[crop].any(1)), np.flatnonzero(hole[crop].any(0))
        tall, across = (np.ptp(line) + 1 if line.size else 1 for line in (rows, columns))
        middle = len(ink[crop]) // 2
        if not hole[crop, middle, middle] or not ROUND[0] * tall < across < ROUND[1] * tall:
            found.append(nowhere_in(squares[crop]))
            continue
        found.append(box_in(squares[crop], rows, columns, beyond=STROKE))
    return np.array(found, np.float32)
