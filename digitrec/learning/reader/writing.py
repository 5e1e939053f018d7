"""Numbers as a hand writes them: digits, minus signs and decimal points side by side, and where each of them lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitrec.learning.reader.hands import Hand, Ink, cropped

MINUS, POINT = 10, 11
"""Labels of the two signs that belong to numbers, after the ten digits."""


@dataclass(frozen=True, eq=False)
class Written:
    """A number as ink.

    Attributes:
        ink: Shape (height, width), 0 to 255.
        boxes: Shape (n, 4), float32: left, top, right and bottom of each sign, in pixels of `ink`.
        labels: Shape (n,), 0 to 9, `MINUS`, `POINT`, or -1 for a sign that is none of them.
    """

    ink: Ink
    boxes: NDArray[np.float32]
    labels: NDArray[np.int32]


@dataclass(frozen=True)
class Layout:
    """How the signs of a number stand.

    Attributes:
        gap: Distance between two boxes, as a share of the height; below 0 they overlap.
        overlap: Share of the narrower box's width that overlaps the one before, in place of `gap` where above 0.
        slope: Angle of the line, in radians, falling to the right.
        uneven: Standard deviation of a sign's place up and down and, by half, of its height, as shares of the height.
        tilted: Whether each sign is turned with the line.
    """

    gap: float
    overlap: float = 0.0
    slope: float = 0.0
    uneven: float = 0.02
    tilted: bool = True


def random_layout(rng: np.random.Generator) -> Layout:
    """A layout: apart, nearly touching or overlapping; level or sloping; even or not."""
    kind = rng.random()
    gap, overlap = float(rng.uniform(0.08, 0.5)), 0.0
    if kind < 0.3:
        gap = float(rng.uniform(-0.03, 0.06))
    elif kind < 0.55:
        overlap = float(rng.uniform(0.02, 0.17))
    return Layout(
        gap,
        overlap,
        slope=float(rng.normal(0, 0.1)) if rng.random() < 0.4 else 0.0,
        uneven=float(rng.uniform(0.03, 0.12)) if rng.random() < 0.4 else 0.015,
        tilted=bool(rng.integers(2)),
    )


def random_text(rng: np.random.Generator, digits: int) -> str:
    """A number of so many digits, one in eight with a minus sign, one in eight of the longer ones with a point."""
    text = "".join(str(digit) for digit in rng.integers(0, 10, digits))
    if digits > 1 and rng.random() < 0.12:
        place = int(rng.integers(1, digits))
        text = text[:place] + (".", ",")[rng.integers(2)] + text[place:]
    return "-" + text if rng.random() < 0.12 else text


def write(text: str, hand: Hand, height: float, layout: Layout, rng: np.random.Generator) -> Written:
    """Write a number.

    Args:
        text: Digits, `-`, `.` and `,`.
        hand: Who writes it; a digit that the hand lacks is left out.
        height: Of the digits, in pixels.
        layout: How they stand.
        rng: Decides on what is left.
    """
    stretch = float(np.exp(rng.normal(0, 0.12)))
    signs: list[tuple[Ink, float, int]] = []  # ink, how far its lower edge is above the baseline, label
    line = max(1.0, hand.brush * height)
    for sign in text:
        tall = height * float(np.exp(rng.normal(0, layout.uneven / 2)))
        if sign == "-":
            ink = _stroke(tall * rng.uniform(0.28, 0.6), line, float(rng.normal(0, 0.08)))
            signs.append((ink, tall * rng.uniform(0.35, 0.6), MINUS))
        elif sign == ".":
            ink = _dot(max(1.6, line * rng.uniform(1.0, 2.0)))
            signs.append((ink, tall * rng.uniform(-0.06, 0.08), POINT))
        elif sign == ",":
            ink = _stroke(max(2.5, tall * rng.uniform(0.14, 0.3)), line, float(rng.uniform(1.7, 2.4)))
            signs.append((ink, tall * rng.uniform(-0.22, -0.08), POINT))
        elif hand.digits[int(sign)]:
            drawings = hand.digits[int(sign)]
            signs.append((_scaled(drawings[rng.integers(len(drawings))], tall, stretch, hand.kind), 0.0, int(sign)))
    return _side_by_side(signs, height, layout, rng)


def _scaled(ink: Ink, tall: float, stretch: float, kind: str) -> Ink:
    size = max(2, round(tall * stretch * ink.shape[1] / ink.shape[0])), max(3, round(tall))
    scaled = np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BILINEAR))
    if kind == "mnist" and tall > 30:  # enlarged, MNIST's 20 pixels have no edges
        sharp = np.float32(min(4.0, tall / 20))
        return ((scaled.astype(np.float32) - 110) * sharp + 128).clip(0, 255).astype(np.uint8)
    peak = int(scaled.max())
    if peak < 250:  # a line is no fainter for being small
        return (scaled * np.float32(255 / max(peak, 64))).clip(0, 255).astype(np.uint8)
    return scaled


def _stroke(length: float, width: float, angle: float) -> Ink:
    reach = int(length + width) + 4
    page = Image.new("L", (4 * reach, 4 * reach), 0)
    x, y = 2 * length * np.cos(angle), 2 * length * np.sin(angle)
    middle = 2 * reach
    ends = [(middle - x, middle - y), (middle + x, middle + y)]
    ImageDraw.Draw(page).line(ends, fill=255, width=max(2, round(4 * width)))
    return cropped(np.asarray(page.reduce(4)))


def _dot(diameter: float) -> Ink:
    side = int(diameter) + 3
    page = Image.new("L", (4 * side, 4 * side), 0)
    low, high = 2 * side - 2 * diameter, 2 * side + 2 * diameter
    ImageDraw.Draw(page).ellipse((low, low, high, high), fill=255)
    return cropped(np.asarray(page.reduce(4)))


def _side_by_side(
    signs: list[tuple[Ink, float, int]], height: float, layout: Layout, rng: np.random.Generator
) -> Written:
    """Place the signs along the baseline."""
    boxes: list[tuple[int, int, int, int]] = []
    placed: list[tuple[Ink, int]] = []
    x = 0.0
    before = 0.0
    for ink, above, label in signs:
        if layout.tilted and abs(layout.slope) > 0.04:
            turned = Image.fromarray(ink).rotate(-np.degrees(layout.slope), Image.Resampling.BILINEAR, expand=True)
            ink = cropped(np.asarray(turned))
        tall, wide = ink.shape
        if placed:
            apart = layout.gap * height * float(np.exp(rng.normal(0, 0.25)))
            if label >= MINUS or placed[-1][1] >= MINUS:  # a point does not hide in the digit beside it
                apart = max(apart, 0.06 * height)
            elif layout.overlap > 0:
                apart = -layout.overlap * min(wide, before)
            x += apart
        before = wide
        left = round(x)
        bottom = round(x * np.tan(layout.slope) - above + rng.normal(0, layout.uneven) * height)
        boxes.append((left, bottom - tall, left + wide, bottom))
        placed.append((ink, label))
        x += wide
    if not placed:
        return Written(np.zeros((1, 1), np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, np.int32))
    box = np.array(boxes)
    corner = box.min(0)[:2]
    box = box - np.tile(corner, 2)
    width, total = box[:, 2].max(), box[:, 3].max()
    page = np.zeros((total, width), np.uint8)
    for (ink, _), (left, top, right, bottom) in zip(placed, box, strict=True):
        np.maximum(page[top:bottom, left:right], ink, out=page[top:bottom, left:right])
    return Written(page, box.astype(np.float32), np.array([label for _, label in placed], np.int32))
