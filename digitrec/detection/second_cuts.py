"""Second ways to cut digits out: parted from neighbours that they overlap, and without the lines that they stand on.

Each counts only where the single-digit network doubts it less than the first one, and names what the detector names.
"""

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.crops import SIDE, are_inside, ink_of, squares_of, strongest
from digitrec.detection.lines import Lines
from digitrec.detection.maps import Floats
from digitrec.detection.spread import beside, spread, with_neighbours

SHARED = (0.03, 0.5)
"""Shares of a box's width that its neighbour covers, at least and at most, where the two overlap."""

LEVEL = 0.5
"""Least share of a box's height that its neighbour stands beside."""

INSET = (0.2, 0.08)
"""How far from its box's edges, left and right, and above and below, a digit must reach, as shares of the sides: pieces
of ink nearer to the edge are a neighbour's."""

REST = 0.15
"""Least strength of a digit's ink, as a share of that of the lines under it."""

ABOVE_PAPER = 6.0
"""Least strength of a digit's ink, in standard deviations of the bare paper around."""

LEAST_STROKES = 30
"""Least pixels of strokes beside the lines."""

ACROSS = 5
"""Widest line, in pixels of a crop, across which strokes go on."""


def cut_again(
    depth: Floats,
    inner: NDArray[np.bool_],
    ink: Floats,
    lines: Lines,
    first: Floats,
    boxes: Floats,
    wanted: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], Floats]:
    """Cut digits out a second time: without lines, and parted from neighbours.

    Args:
        depth: As `crops_of` returns it.
        inner: As `crops_of` returns it.
        ink: As `crops_of` returns it.
        lines: As `find_lines` finds them in the ink.
        first: The digits as `separate` cut them out.
        boxes: Shape (n, 4): left, top, right, bottom.
        wanted: Shape (n,): which digits.

    Returns:
        The rows of m cuts, some of which may be of the same digit, and their ink, shape (m, SIDE, SIDE).
    """
    some = np.flatnonzero(wanted)
    crossed, without = take_lines_out(depth[some], inner[some], ink[some], (lines[0][some], lines[1][some]))
    overlapped, parted = part_neighbours(first, boxes)
    touched = wanted[overlapped]
    return np.concatenate([some[crossed], overlapped[touched]]), np.concatenate([without, parted[touched]])


def part_neighbours(ink: Floats, boxes: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Cut digits off in the middle of what their boxes share with those of neighbours on the left and right.

    Args:
        ink: Shape (n, SIDE, SIDE), as `separate` returns it.
        boxes: Shape (n, 4): left, top, right, bottom.

    Returns:
        The m rows in which ink was cut off, and what is left of it, shape (m, SIDE, SIDE).
    """
    left, top, right, bottom = (boxes[:, side] for side in range(4))
    low, high = np.maximum(left[:, None], left), np.minimum(right[:, None], right)
    wide, tall = (right - left)[:, None], (bottom - top)[:, None]
    level = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    overlapping = (high - low >= SHARED[0] * wide) & (high - low <= SHARED[1] * wide) & (level >= LEVEL * tall)
    squares = squares_of(boxes)
    columns = squares[:, :1] + squares[:, 2:] * (np.arange(SIDE, dtype=np.float32) + np.float32(0.5))
    own = np.ones((len(boxes), SIDE), bool)
    for row, other in np.argwhere(overlapping):
        middle = (low[row, other] + high[row, other]) / 2
        first = left[row] + right[row] <= left[other] + right[other]
        own[row] &= (columns[row] < middle) if first else (columns[row] > middle)
    inked = ink > 0
    rows = np.flatnonzero((inked & ~own[:, None, :]).any((1, 2)))
    inset = (boxes[:, 2:] - boxes[:, :2]) * np.array(INSET, np.float32)
    core = are_inside(np.concatenate([boxes[:, :2] + inset, boxes[:, 2:] - inset], axis=1), boxes)
    part = inked[rows] & own[rows][:, None, :]
    return rows, ink[rows] * spread(core[rows], part)


def take_lines_out(
    depth: Floats, inner: NDArray[np.bool_], ink: Floats, lines: Lines
) -> tuple[NDArray[np.intp], Floats]:
    """Take lines that go on beyond boxes out of them, and leave the strokes that go across.

    Args:
        depth: As `crops_of` returns it.
        inner: As `crops_of` returns it.
        ink: As `crops_of` returns it.
        lines: As `find_lines` finds them in the ink.

    Returns:
        The m rows with lines and other ink, and that ink, shape (m, SIDE, SIDE).
    """
    rows = np.flatnonzero(((lines[0] | lines[1]) & (ink > 0.5) & inner).any((1, 2)))
    if not rows.size:
        return rows, ink[rows]
    depth, inner, level, upright = depth[rows], inner[rows], beside(lines[0][rows], 1), beside(lines[1][rows], 2)
    bare = ~with_neighbours(ink[rows] > 0)
    noise = np.sqrt((depth * depth * bare).sum((1, 2)) / np.maximum(bare.sum((1, 2)), 1))
    rest = inner & ~level & ~upright
    peak = strongest(depth, rest)
    without = ink_of(depth, peak)
    strokes = (without > 0.3) & rest
    across = (_between(strokes) & level) | (np.swapaxes(_between(np.swapaxes(strokes, 1, 2)), 1, 2) & upright)
    least = np.maximum(REST * strongest(depth, inner)[:, 0, 0], ABOVE_PAPER * noise)
    good = (peak[:, 0, 0] > least) & (strokes.sum((1, 2)) > LEAST_STROKES)
    return rows[good], (without * (rest | (across & inner)))[good].astype(np.float32)


def _between(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels with marked ones near above and below. Takes and returns (n, side, side)."""
    above, below = marked.copy(), marked.copy()
    for _ in range(ACROSS):
        above[:, 1:] |= above[:, :-1]
        below[:, :-1] |= below[:, 1:]
    return above & below
