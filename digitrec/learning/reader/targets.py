"""What the detector shall answer: maps of where digits are, which they are, and how far their boxes reach.

After Zhou et al. (2019), "Objects as points": each digit is a peak in a heat map. Unlike there, a peak has the shape of
its box and the classes are a map of their own, so that where something is and what it is can be learned apart.
"""

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.reader.page import Scene
from digitrec.learning.reader.writing import MINUS, POINT

STRIDE = 4
"""Pixels of the picture for each cell of the maps."""

HEATS = 3
"""Heat maps: of digits, of minus signs, of points."""

CHANNELS = HEATS + 1 + 4 + 1 + 1
"""Of the targets: heats, class (-1 for none), the logarithms of four distances, weight, and whether the cell counts."""

SHARE = 0.16
"""Standard deviation of a peak, as a share of its box's sides."""

CORE = 0.35
"""Height of a peak from which on a cell learns class and box."""


def targets_of(scene: Scene) -> NDArray[np.float32]:
    """The maps of a scene.

    Returns:
        Shape (side / STRIDE, side / STRIDE, CHANNELS), float32. Distances are from a cell's middle to the left, upper,
        right and lower edge of the box, in cells.
    """
    side = len(scene.picture) // STRIDE
    maps = np.zeros((side, side, CHANNELS), np.float32)
    maps[..., HEATS] = -1
    maps[..., -1] = 1
    places = np.arange(side, dtype=np.float32) + np.float32(0.5)
    for left, top, right, bottom in scene.ignored / STRIDE:
        maps[int(max(top - 0.5, 0)) : int(bottom + 1.5), int(max(left - 0.5, 0)) : int(right + 1.5), -1] = 0
    for (left, top, right, bottom), label in zip(scene.boxes / STRIDE, scene.labels, strict=True):
        x, y, wide, tall = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
        row, column = min(int(y), side - 1), min(int(x), side - 1)
        # The peak lies on a cell's middle, so that exactly one cell is the centre.
        peaks = [
            np.exp(-0.5 * np.square((places - (at + 0.5)) / np.float32(max(SHARE * size, 0.55))))
            for at, size in ((row, tall), (column, wide))
        ]
        rows, columns = (_near(at, size, side) for at, size in ((row, tall), (column, wide)))
        peak = np.outer(peaks[0][rows], peaks[1][columns])
        heat = 0 if label < MINUS else 1 if label == MINUS else 2
        there = maps[rows, columns]
        mine = (peak >= CORE) & (peak > there[..., HEATS + 5])
        np.maximum(there[..., heat], peak, out=there[..., heat])
        if label <= POINT:
            distances = np.stack(
                np.broadcast_arrays(
                    places[columns][None] - left,
                    places[rows][:, None] - top,
                    right - places[columns][None],
                    bottom - places[rows][:, None],
                ),
                -1,
            )
            there[mine, HEATS + 1 : HEATS + 5] = np.log(distances[mine].clip(0.2))
            there[mine, HEATS] = label if label < MINUS else -1
            there[mine, HEATS + 5] = peak[mine]
        maps[row, column, -1] = 1
    return maps


def _near(at: int, size: float, side: int) -> slice:
    reach = int(3 * max(SHARE * size, 0.55)) + 1
    return slice(max(at - reach, 0), min(at + reach + 1, side))
