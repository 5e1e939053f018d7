"""A page that scenes are composed on: what is on it, where there is room, and which digits lie where."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.reader.hands import Ink
from digitrec.learning.reader.papers import Field
from digitrec.learning.reader.writing import MINUS, Written

SIDE = 160
"""Side of a scene, in pixels."""

SMALLEST, LARGEST, BEYOND = 9.0, 96.0, 125.0
"""Heights in pixels: digits between the first two are to be found, those above the third are not; others are ignored.
Serving shrinks the picture until each digit is of a height to be found."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and the digits in it.

    Attributes:
        picture: Shape (side, side), uint8.
        boxes: Shape (n, 4), float32: left, top, right, bottom in pixels.
        labels: Shape (n,), int32: 0 to 9, `MINUS` or `POINT`.
        ignored: Shape (m, 4), float32: where neither finding nor missing something counts.
    """

    picture: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    labels: NDArray[np.int32]
    ignored: NDArray[np.float32]


class Page:
    """A page being composed.

    Attributes:
        picture: Shape (side, side), float32, brightness 0 to 1, before light falls on it.
        blocked: Shape (side, side), bool: where something is, so that nothing else is placed there.
    """

    def __init__(self, paper: Field) -> None:
        """Begin with a paper."""
        self.picture = paper
        self.side = len(paper)
        self.blocked = np.zeros(paper.shape, bool)
        self.boxes: list[NDArray[np.float32]] = []
        self.labels: list[int] = []
        self.ignored: list[NDArray[np.float32]] = []

    def cover(self, coverage: Field, tone: float | Field) -> None:
        """Draw over the whole page: towards a tone, by coverage."""
        self.picture = self.picture + coverage * (np.float32(tone) - self.picture)

    def has_room(self, left: int, top: int, wide: int, tall: int, margin: int) -> bool:
        """Whether nothing is in a rectangle, or within the margin around it."""
        there = self.blocked[max(top - margin, 0) : top + tall + margin, max(left - margin, 0) : left + wide + margin]
        return not there.any()

    def block(self, left: int, top: int, wide: int, tall: int) -> None:
        """Keep a rectangle from being written on."""
        self.blocked[max(top, 0) : max(top + tall, 0), max(left, 0) : max(left + wide, 0)] = True

    def paste(self, ink: Ink, left: int, top: int, contrast: float, grain: Field | None = None) -> None:
        """Draw ink with its upper left corner there; what lies outside of the page is lost.

        Args:
            ink: Shape (height, width), 0 to 255.
            left: Column of its left edge, may be below 0.
            top: Row of its upper edge.
            contrast: How much darker than the paper full ink is, 0 to 1 for black; below 0, brighter by that share.
            grain: Factors on the coverage, as pencil and chalk have them; the page's shape.
        """
        tall, wide = ink.shape
        rows = slice(max(top, 0), min(top + tall, self.side))
        columns = slice(max(left, 0), min(left + wide, self.side))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        part = ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        coverage = part * np.float32(abs(contrast) / 255)
        if grain is not None:
            coverage = coverage * grain[rows, columns]
        there = self.picture[rows, columns]
        there += coverage * ((0 if contrast >= 0 else 1) - there)
        self.blocked[rows, columns] = True

    def note(self, written: Written, left: int, top: int) -> None:
        """Remember where the digits of a number lie that was pasted there."""
        for box, label in zip(
            written.boxes + np.array([left, top, left, top], np.float32), written.labels, strict=True
        ):
            self.note_box(box, int(label))

    def note_box(self, box: NDArray[np.float32], label: int) -> None:
        """Remember a digit or a sign, by what of its box is on the page and how large it is."""
        inside = box.clip(0, self.side)
        share = np.prod(inside[2:] - inside[:2]) / max(float(np.prod(box[2:] - box[:2])), 1e-6)
        size = float(max(box[2:] - box[:2]))
        if share <= 0.02 or (size > BEYOND and label < MINUS):
            return
        if label < 0 or share < 0.7 or size > LARGEST or (size < SMALLEST and label < MINUS):
            self.ignored.append(inside)
            return
        self.boxes.append(inside)
        self.labels.append(label)

    def scene(self, picture: NDArray[np.uint8]) -> Scene:
        """What was composed, with the picture that came of it."""
        return Scene(
            picture,
            np.array(self.boxes, np.float32).reshape(-1, 4),
            np.array(self.labels, np.int32),
            np.array(self.ignored, np.float32).reshape(-1, 4),
        )
