"""The ink of one digit, without its paper, its neighbours and the lines that it stands on.

The single-digit network takes ink on nothing. In a photograph the paper has shades and lines, and another digit may
touch; so each digit is cut out with a little of what is around it, its paper is levelled, and ink that comes in from
outside is left out.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.detection.lines import Lines, find_lines
from digitrec.detection.maps import Floats
from digitrec.detection.spread import spread

SIDE = 48
"""Side of a crop, in pixels: what the digit's box is scaled to, with its surroundings."""

AROUND = 0.14
"""How far a crop reaches beyond the digit's box, as a share of its longer side."""

FAINTEST = 0.25
"""Share of the strongest difference from the paper that counts as no ink."""

MOSTLY = 0.8
"""Share of the ink in a box that must lie on lines for nothing else to be there."""

HARDLY = 0.4
"""Share of the ink in a box below which what comes in from outside is left out."""


def inks_of(picture: NDArray[np.uint8], boxes: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Cut digits out of a picture.

    Args:
        picture: Shape (height, width), grey.
        boxes: Shape (n, 4): left, top, right, bottom in its pixels.

    Returns:
        Shape (n, SIDE, SIDE), float32, 0 background to 1 full ink; and for each, shape (n,), whether its ink is that of
        lines, which go on beyond its box: those of ruled and squared paper, or the edge of a shadow or a sheet.
    """
    if not len(boxes):
        return np.zeros((0, SIDE, SIDE), np.float32), np.zeros(0, bool)
    _, inner, ink = crops_of(picture, boxes)
    return separate(ink, inner, find_lines(ink > 0.5))


def crops_of(picture: NDArray[np.uint8], boxes: Floats) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Cut squares around boxes out of a picture, and level the paper of each.

    Args:
        picture: Shape (height, width), grey.
        boxes: Shape (n, 4), n at least 1: left, top, right, bottom in its pixels.

    Returns:
        Three of shape (n, SIDE, SIDE): how far each pixel is from the paper, to the side on which the ink is, 0 to 255;
        whether it lies in the box; and its ink, 0 to 1, where the strongest difference in the box is full ink.
    """
    middles, reach = _middles_and_reach(boxes)
    crops = np.stack([_cut(picture, middle, half) for middle, half in zip(middles, reach, strict=True)])
    inner = are_inside(boxes, boxes)
    depth = _difference_from_paper(crops, inner)
    return depth, inner, ink_of(depth, strongest(depth, inner))


def strongest(depth: Floats, area: NDArray[np.bool_]) -> Floats:
    """The strongest difference from the paper in an area of each crop, but for specks. Takes (n, SIDE, SIDE).

    Returns:
        Shape (n, 1, 1).
    """
    peak: Floats = np.percentile(np.where(area, depth, 0).reshape(len(depth), -1), 98, axis=1)[:, None, None]
    return peak


def ink_of(depth: Floats, peak: Floats) -> Floats:
    """Ink, 0 to 1, of differences from the paper (n, SIDE, SIDE), where `peak` (n, 1, 1) is full ink."""
    ink: Floats = ((depth / np.maximum(peak, 1e-3) - FAINTEST) / (1 - FAINTEST)).clip(0, 1)
    return ink


def separate(ink: Floats, inner: NDArray[np.bool_], lines: Lines) -> tuple[Floats, NDArray[np.bool_]]:
    """Separate the ink of digits from all else in their crops.

    Args:
        ink: As `crops_of` returns it.
        inner: As `crops_of` returns it.
        lines: As `find_lines` finds them in the ink.

    Returns:
        What `inks_of` returns.
    """
    mine = (ink > 0.5) & inner
    are_lines = (mine & (lines[0] | lines[1])).sum((1, 2)) > MOSTLY * np.maximum(mine.sum((1, 2)), 1)
    foreign = spread(~inner, ink > 0)
    # A digit that touches something is cut off at its box; only what hardly reaches into the box is left out.
    cut_off = (ink * (foreign & inner)).sum((1, 2)) < HARDLY * (ink * inner).sum((1, 2))
    ink = ink * inner * ~(foreign & cut_off[:, None, None])
    return np.asarray(ink, np.float32), are_lines


def squares_of(boxes: Floats) -> Floats:
    """Where the crops of `inks_of` lie in the picture.

    Args:
        boxes: Shape (n, 4): left, top, right, bottom in its pixels.

    Returns:
        Shape (n, 3): left and top of each crop, and how many pixels of the picture one of its pixels covers.
    """
    middles, reach = _middles_and_reach(boxes)
    return np.concatenate([middles - reach[:, None], 2 * reach[:, None] / SIDE], axis=1, dtype=np.float32)


def box_in(square: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], beyond: int = 0) -> list[float]:
    """Where some rows and columns of a crop lie in the picture: left, top, right, bottom.

    Args:
        square: Where the crop lies, as `squares_of` returns it.
        rows: Ascending, at least one.
        columns: Ascending, at least one.
        beyond: How many pixels of the crop the box is larger by, on each side.
    """
    left, top, scale = square
    return [
        left + scale * (columns[0] - beyond),
        top + scale * (rows[0] - beyond),
        left + scale * (columns[-1] + 1 + beyond),
        top + scale * (rows[-1] + 1 + beyond),
    ]


def nowhere_in(square: Floats) -> list[float]:
    """A box of width 0, for a crop in which nothing is found."""
    left, top, _ = square
    return [left, top, left, top]


def are_inside(areas: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Which pixels of crops lie in an area, or a pixel beyond it.

    Args:
        areas: Shape (n, 4): left, top, right, bottom in pixels of the picture.
        boxes: Shape (n, 4): what each crop is around.

    Returns:
        Shape (n, SIDE, SIDE).
    """
    middles, reach = _middles_and_reach(boxes)
    places = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE * 2 - 1
    x, y = (middles[:, axis, None] + reach[:, None] * places for axis in (0, 1))
    slack = 2 * reach[:, None] / SIDE * 1.5
    across = (x > areas[:, :1] - slack) & (x < areas[:, 2:3] + slack)
    down = (y > areas[:, 1:2] - slack) & (y < areas[:, 3:] + slack)
    inside: NDArray[np.bool_] = down[:, :, None] & across[:, None, :]
    return inside


def _middles_and_reach(boxes: Floats) -> tuple[Floats, Floats]:
    """Middles of the crops, (n, 2), and how far they reach from there, (n,)."""
    reach: Floats = np.float32(0.5 + AROUND) * (boxes[:, 2:] - boxes[:, :2]).max(1)
    middles: Floats = (boxes[:, :2] + boxes[:, 2:]) / np.float32(2)
    return middles, reach


def _cut(picture: NDArray[np.uint8], middle: Floats, half: np.float32) -> Floats:
    """A square of the picture, scaled to `SIDE`; beyond the picture its edge goes on."""
    left, top = (middle - half).tolist()
    box = left, top, left + 2 * float(half), top + 2 * float(half)
    low = int(np.floor(left)) - 1, int(np.floor(top)) - 1
    high = int(np.ceil(box[2])) + 1, int(np.ceil(box[3])) + 1
    rows = np.arange(low[1], high[1]).clip(0, picture.shape[0] - 1)
    columns = np.arange(low[0], high[0]).clip(0, picture.shape[1] - 1)
    part = Image.fromarray(picture[rows[:, None], columns[None]])
    within = (box[0] - low[0], box[1] - low[1], box[2] - low[0], box[3] - low[1])
    return np.asarray(part.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=within), np.float32)


def _difference_from_paper(crops: Floats, inner: NDArray[np.bool_]) -> Floats:
    """How far each pixel is from the paper, to the side on which the ink is; (n, SIDE, SIDE), 0 and more.

    The paper is a plane through the pixels near the median, fitted twice: once without what lies far from it.
    """
    n = len(crops)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5
    basis = np.stack([np.ones(SIDE * SIDE, np.float32), x.ravel(), y.ravel()], 1)
    flat = crops.reshape(n, -1)
    off = flat - np.median(flat, 1, keepdims=True)
    spread = np.percentile(np.abs(off), 40, axis=1, keepdims=True) * 2 + 2
    rest = off
    for _ in range(2):
        weight = (np.abs(rest) < spread).astype(np.float32)
        gram = np.einsum("np,pi,pj->nij", weight, basis, basis) + 1e-3 * np.eye(3, dtype=np.float32)
        moment = np.einsum("np,pi->ni", weight * off, basis)
        plane = np.linalg.solve(gram, moment[..., None])[..., 0]
        rest = off - plane @ basis.T
    rest = rest.reshape(crops.shape)
    dark, bright = ((np.where(inner, side * rest, 0).clip(0) ** 2).sum((1, 2)) for side in (-1, 1))
    towards: NDArray[np.float64] = np.where(dark >= bright, -1.0, 1.0)[:, None, None]
    return (towards * rest).clip(0).astype(np.float32)
