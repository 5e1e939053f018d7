"""Digits in rings: to the detector, a digit and the ring that somebody drew around it are one digit, mostly a 0."""

import numpy as np

from digitrec.detection.crops import box_in, nowhere_in, squares_of
from digitrec.detection.maps import Floats
from digitrec.detection.slashed import is_slash
from digitrec.detection.spread import rings_in, with_neighbours

STRONGEST = 99.2
"""Percentile of what a ring encloses that counts as the strongest ink there: most of it is bare paper."""

REST = 0.15
"""Least strength of a digit's ink, as a share of its ring's: a pencilled digit may be circled by a marker."""

ABOVE_PAPER = 6.0
"""Least strength of a digit's ink, in standard deviations of the bare paper around."""

ENCLOSED = 0.3
"""Least height of a digit, as a share of its ring's: what is smaller is a dot in a 0, or dirt."""


def boxes_in_rings(depth: Floats, ink: Floats, boxes: Floats) -> Floats:
    """Where digits are that a closed ring in each box encloses without touching them. A slash is none: it makes a 0.

    Args:
        depth: Differences from the paper in crops around the boxes, as `crops_of` returns them.
        ink: The ink in them, as it returns it.
        boxes: Shape (n, 4): left, top, right, bottom in pixels of the picture.

    Returns:
        Shape (n, 4), float32: boxes in pixels of the picture; of width 0 where there is no ring with ink in it.
    """
    inked = ink > 0
    around, ring = rings_in(inked)
    hole = ~around & ~with_neighbours(with_neighbours(ring))
    enclosed = np.where(hole, depth, 0)
    strongest = np.percentile(enclosed.reshape(len(depth), -1), STRONGEST, axis=1)
    bare = ~with_neighbours(inked)
    noise = np.sqrt((depth * depth * bare).sum((1, 2)) / np.maximum(bare.sum((1, 2)), 1))
    least = np.maximum(REST * np.where(ring, depth, 0).max((1, 2)), ABOVE_PAPER * noise)
    found = enclosed > np.maximum(strongest / 3, 1e-3)[:, None, None]
    squares = squares_of(boxes)
    inside = []
    for crop in range(len(boxes)):
        rows, columns = np.flatnonzero(found[crop].any(1)), np.flatnonzero(found[crop].any(0))
        tall = np.flatnonzero(ring[crop].any(1))
        nothing = strongest[crop] < least[crop] or not rows.size or not tall.size
        if nothing or rows[-1] - rows[0] < ENCLOSED * (tall[-1] - tall[0]) or is_slash(found[crop]):
            inside.append(nowhere_in(squares[crop]))
            continue
        inside.append(box_in(squares[crop], rows, columns))
    return np.array(inside, np.float32)
