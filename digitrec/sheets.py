"""The sheet that a drawing is on, where a line or a margin of another colour surrounds it.

A screenshot has the line around a canvas, or the page beside it. To `digitrec.ink` the background is what the border
shows: of grey, white paper is as far away as black ink, and the drawing would be gone.
"""

import numpy as np
from numpy.typing import NDArray

from digitrec.decoding import Pixels
from digitrec.ink import is_rgba, words

LEAST_SIDE = 16
"""Least width and height of a sheet in pixels: a digit on it has twelve."""

NESTED = 4
"""Lines and margins, one within the other, up to which a sheet is looked for."""

PAPER = 0.5
"""Share of a rectangle's pixels that are of the colour of its edge, from which on it is a sheet, and not a line."""

DRAWN = 0.2
"""Least height of what is on a sheet, as a share of the sheet's: a rectangle with a dot in it is a 0 with a dot."""

Edges = tuple[int, int, int, int]
"""Of a rectangle: its first row, the row behind its last one, and the columns."""


def on_its_sheet(pixels: Pixels) -> Pixels:
    """Give all that surrounds a drawing's sheet the colour of the sheet.

    Only what is exact counts: a rectangle of one colour along its whole edge, on a picture whose border is of one
    colour. A drawing by hand has none.

    Args:
        pixels: The picture, as `digitrec.decoding.pixels_from` returned it.

    Returns:
        The same shape; the picture itself where it is all sheet.
    """
    plane = words(pixels) if is_rgba(pixels) else pixels
    edges = _find_sheet(plane) if has_plain_border(plane) else None
    if edges is None:
        return pixels
    top, bottom, left, right = edges
    alone = pixels.copy()
    paper = pixels[top, left]
    alone[:top] = paper
    alone[bottom:] = paper
    alone[:, :left] = paper
    alone[:, right:] = paper
    return alone


def has_plain_border(pixels: Pixels | NDArray[np.uint32]) -> bool:
    """Whether all outermost pixels are of one colour, as those of a canvas are and of a photograph are not."""
    corner = pixels[0, 0]
    return bool(
        (pixels[0] == corner).all()
        and (pixels[-1] == corner).all()
        and (pixels[:, 0] == corner).all()
        and (pixels[:, -1] == corner).all()
    )


def _find_sheet(plane: Pixels | NDArray[np.uint32]) -> Edges | None:
    """The innermost rectangle of a picture with a plain border that is a sheet with a drawing on it."""
    part, top, left = plane, 0, 0
    for depth in range(NESTED + 1):
        drawn = _differs(part, part[0, 0])
        inside = _box_of(drawn)
        if inside is None:
            return None
        within = part[inside[0] : inside[1], inside[2] : inside[3]]
        if has_plain_border(within):
            part, top, left = within, top + inside[0], left + inside[2]
            continue
        small = min(len(part), len(part[0])) < LEAST_SIDE or len(within) < DRAWN * len(part)
        if depth == 0 or small or drawn.mean() > 1 - PAPER:
            return None
        # What shows the picture's own background is a hole: a thick 8 of straight strokes has two.
        holes = drawn & ~_differs(part, plane[0, 0])
        return None if holes.sum() > drawn.sum() / 2 else (top, top + len(part), left, left + len(part[0]))
    return None


def _differs(plane: Pixels | NDArray[np.uint32], colour: Pixels) -> NDArray[np.bool_]:
    """Which pixels are of another colour, (h, w)."""
    other: NDArray[np.bool_] = plane != colour
    return other if other.ndim == 2 else np.asarray(other.any(2))


def _box_of(marked: NDArray[np.bool_]) -> Edges | None:
    """The box around marked pixels, None without any."""
    rows = np.flatnonzero(marked.any(1))
    if not rows.size:
        return None
    columns = np.flatnonzero(marked.any(0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
