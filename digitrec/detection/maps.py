"""From the detector's maps to what it found: boxes of digits, minus signs and decimal points."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STRIDE = 4
"""Pixels of the picture for each cell of the maps."""

DIGIT, MINUS, POINT = range(3)
"""What a heat map is of, by its channel; behind the heats come the ten digits' logits and four logarithms."""

HEATS, CLASSES = 3, 10

FRACTIONS = 16
"""Parts of a pixel that the edges of boxes are rounded to: what processors compute differently is less than that, and
they shall cut out the same pixels."""

MOST = 400
"""Most things found in one picture. A sudoku has 81 digits, a page of a calendar some 200."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in a picture, the surest first.

    Attributes:
        boxes: Shape (n, 4), float32: left, top, right and bottom in pixels.
        scores: Shape (n,), float32, 0 to 1.
        kinds: Shape (n,), int: `DIGIT`, `MINUS` or `POINT`.
        logits: Shape (n, 10), float32: which digit, for what is one.
    """

    boxes: Floats
    scores: Floats
    kinds: NDArray[np.intp]
    logits: Floats

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Found":
        """Some of what was found."""
        return Found(self.boxes[rows], self.scores[rows], self.kinds[rows], self.logits[rows])

    def scaled(self, factor: float) -> "Found":
        """The same in a picture so many times as large."""
        return Found(self.boxes * np.float32(factor), self.scores, self.kinds, self.logits)

    def moved(self, right: int, down: int) -> "Found":
        """The same in a picture with so many more pixels on the left and above."""
        return Found(self.boxes + np.array([right, down] * 2, np.float32), self.scores, self.kinds, self.logits)


def found_in(maps: Floats, threshold: float) -> Found:
    """The peaks of the heat maps.

    Args:
        maps: Shape (h, w, 17), as the detector gives them.
        threshold: Least score.

    Returns:
        At most `MOST` peaks, none of them suppressed by another yet.
    """
    heats = maps[..., :HEATS]
    least = np.float32(np.log(threshold / (1 - threshold)))
    peaks = (heats >= least) & (heats >= _greatest_around(heats))
    rows, columns, kinds = np.nonzero(peaks)
    order = np.argsort(-heats[rows, columns, kinds], kind="stable")[:MOST]
    rows, columns, kinds = rows[order], columns[order], kinds[order]
    there = maps[rows, columns]
    reach = np.exp(there[:, HEATS + CLASSES :].clip(-3, 5))
    x, y = columns + np.float32(0.5), rows + np.float32(0.5)
    boxes = np.stack([x - reach[:, 0], y - reach[:, 1], x + reach[:, 2], y + reach[:, 3]], 1) * np.float32(STRIDE)
    scores = (1 / (1 + np.exp(-heats[rows, columns, kinds]))).astype(np.float32)
    boxes = np.rint(boxes * np.float32(FRACTIONS)) / np.float32(FRACTIONS)
    return Found(boxes.astype(np.float32), scores, kinds, there[:, HEATS : HEATS + CLASSES])


def _greatest_around(heats: Floats) -> Floats:
    """The greatest value of each cell and its eight neighbours. Takes and returns (h, w, n)."""
    column = heats.copy()
    column[:-1] = np.maximum(heats[:-1], heats[1:])
    column[1:] = np.maximum(column[1:], heats[:-1])
    greatest = column.copy()
    greatest[:, :-1] = np.maximum(column[:, :-1], column[:, 1:])
    greatest[:, 1:] = np.maximum(greatest[:, 1:], column[:, :-1])
    return greatest


def suppress(found: Found, *, overlap: float = 0.25, within: float = 0.55) -> Found:
    """Leave of things that lie on one another the surest.

    Args:
        found: What was found.
        overlap: Intersection over union of two boxes from which on they are the same thing.
        within: Share of a smaller box inside of a larger one from which on it is a part of that.

    Returns:
        What is left, the surest first.
    """
    found = found.take(np.argsort(-found.scores, kind="stable"))
    common, areas = intersections(found.boxes, found.boxes), _areas(found.boxes)
    iou = common / np.maximum(areas[:, None] + areas[None] - common, 1e-6)
    inside: Floats = (common / np.maximum(np.minimum(areas[:, None], areas[None]), 1e-6)).astype(np.float32)
    around = _circles(found, inside, areas)
    found, iou, inside = found.take(~around), iou[~around][:, ~around], inside[~around][:, ~around]
    same = (iou > overlap) | ((inside > within) & (found.kinds[:, None] == found.kinds[None]))
    kept = np.ones(len(found), bool)
    for row in range(len(found)):
        if kept[row]:
            kept[row + 1 :] &= ~same[row, row + 1 :]
    return found.take(kept)


def _circles(found: Found, inside: Floats, areas: Floats) -> NDArray[np.bool_]:
    """Which zeros are circles drawn around another digit: no 0 has one inside of it.

    Args:
        found: The surest first.
        inside: Shape (n, n): share of the smaller of two boxes that lies in the larger.
        areas: Shape (n,).
    """
    named = found.logits.argmax(1)
    digits = found.kinds == DIGIT
    within = (inside > 0.9) & (areas[:, None] > 2 * areas[None]) & digits[:, None] & digits[None]
    surely = (found.scores > 0.3) & (named != 0)
    circles: NDArray[np.bool_] = (named == 0) & (within & surely[None]).any(1)
    return circles


def intersections(one: Floats, other: Floats) -> Floats:
    """Areas that boxes (n, 4) and (m, 4) have in common, shape (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    common: Floats = np.prod(np.maximum(high - low, 0), -1)
    return common


def _areas(boxes: Floats) -> Floats:
    areas: Floats = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), -1)
    return areas
