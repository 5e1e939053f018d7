"""Digits as ink, drawn once and pasted into many scenes: those of pens, of MNIST, and of printers' fonts.

A hand is one writer with one pen, or one font in one weight: all digits of a number come from the same hand. Ink is an
array of shape (height, width), uint8, 0 background to 255 full ink, cropped to the drawing.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digitrec.learning.data.examples import Examples
from digitrec.learning.negatives.printed import FONTS
from digitrec.learning.strokes.drawing import draw_strokes, random_style, vary_handwriting
from digitrec.learning.strokes.recordings import PenDigit

Ink = NDArray[np.uint8]
"""Shape (height, width), 0 background to 255 full ink."""

TALL = 88
"""Longer side of a pen's digit, in pixels, before it is scaled into a scene."""

BRUSHES = (0.025, 0.05, 0.09, 0.16)
"""Diameters of the brushes, as shares of a digit's longer side: a fineliner, a ballpoint, a felt pen, a marker."""


@dataclass(frozen=True, eq=False)
class Hand:
    """Digits by one writer with one pen, or of one font.

    Attributes:
        digits: For each of the ten digits, drawings of it; some may be missing.
        brush: Width of its line, as a share of a digit's height.
        kind: `pen`, `mnist` or `print`.
    """

    digits: tuple[tuple[Ink, ...], ...]
    brush: float
    kind: str


def cropped(ink: Ink, threshold: int = 30) -> Ink:
    """Cut off all rows and columns at the edges without ink; of ink that is nowhere above the threshold, nothing."""
    rows, columns = np.flatnonzero(ink.max(1) > threshold), np.flatnonzero(ink.max(0) > threshold)
    if not rows.size:
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def pen_hands(digits: Sequence[PenDigit], seed: int) -> list[Hand]:
    """The hands of recordings: each writer's digits, drawn with each of the brushes.

    Args:
        digits: Recordings.
        seed: The same seed draws the same ink.
    """
    by_writer: dict[str, list[PenDigit]] = defaultdict(list)
    for digit in digits:
        by_writer[digit.writer].append(digit)
    hands = []
    for number, (_, written) in enumerate(sorted(by_writer.items())):
        for level, brush in enumerate(BRUSHES):
            rng = np.random.default_rng([seed, number, level])
            drawings: list[list[Ink]] = [[] for _ in range(10)]
            for digit in written:
                style = dataclasses.replace(
                    vary_handwriting(random_style(rng), rng),
                    size=TALL,
                    left=0.5,
                    top=0.5,
                    brush=brush * TALL * rng.uniform(0.8, 1.25),
                    jitter=TALL * rng.uniform(0, 0.006),
                    coarse=0.0 if rng.random() < 0.85 else TALL * rng.uniform(0.05, 0.12),
                    bend=float(rng.uniform(0.0, 0.06)),
                    loose=float(rng.uniform(0.0, 0.05)),
                    dots=0,
                )
                ink = cropped(255 - draw_strokes(digit.strokes, style, rng, canvas=TALL + 20))
                if ink.shape[0] > TALL // 3:
                    drawings[digit.label].append(ink)
            hands.append(Hand(tuple(map(tuple, drawings)), brush, "pen"))
    return hands


def mnist_hand(examples: Examples) -> Hand:
    """All of MNIST's digits as one hand: each digit of a number is by somebody else, with much the same pen."""
    drawings: list[list[Ink]] = [[] for _ in range(10)]
    for image, label in zip(examples.images, examples.labels, strict=True):
        drawings[int(label)].append(cropped(image, 60))
    return Hand(tuple(map(tuple, drawings)), 0.13, "mnist")


def printed_hands(part: str) -> list[Hand]:
    """A hand for each font of a part and each of three weights."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [
        Hand(tuple((_printed(str(folder / f"{font}.ttf"), str(digit), weight),) for digit in range(10)), 0.1, "print")
        for font in FONTS[part]
        for weight in (0, 1, 3)
    ]


def _printed(font: str, text: str, weight: int) -> Ink:
    face = ImageFont.truetype(font, 110)
    left, top, right, bottom = face.getbbox(text, stroke_width=weight)
    page = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
    ImageDraw.Draw(page).text((2 - left, 2 - top), text, fill=255, font=face, stroke_width=weight)
    return cropped(np.asarray(page))


SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abfgcd")
"""Which of the seven segments each digit lights: a on top, then clockwise, g in the middle."""

_ENDS = {
    "a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1)),
}  # fmt: skip


def segment_hands() -> Iterator[Hand]:
    """Digits of displays with seven segments, in three widths of line."""
    for line in (5, 9, 14):
        drawings = []
        for lit in SEGMENTS:
            page = Image.new("L", (70, 110), 0)
            pen = ImageDraw.Draw(page)
            for name in lit:
                (x0, y0), (x1, y1) = _ENDS[name]
                pen.line([(12 + 42 * x0, 12 + 42 * y0), (12 + 42 * x1, 12 + 42 * y1)], fill=255, width=line)
            drawings.append((cropped(np.asarray(page)),))
        yield Hand(tuple(drawings), line / 88, "print")
