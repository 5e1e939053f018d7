"""Printed digits: the ten digits in many fonts, as a scan, a screenshot or a photograph shows them.

The fonts are files of the machine that trains; none ships. A family serves one part alone, so that validation and test
show fonts that training never saw.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from digitrec.errors import DatasetError
from digitrec.learning.strokes.drawing import CANVAS
from digitrec.recognizer import predict

ENDINGS = (".ttf", ".otf", ".t1", ".pfb")

PARTS = {"validation": (0, 1), "test": (2, 3)}
"""Of ten shares of names, by their digest, those that these parts get; training gets the others."""

FAINT = 200
"""The darkest ink of a canvas on which hardly anything is to be seen."""

LEGIBLE = 7
"""So many of a font's ten digits the shipped recognizer must read: fonts of symbols have others in their places."""

Canvas = NDArray[np.uint8]
"""Shape (280, 280): a grey picture, 0 ink on 255."""


@dataclass(frozen=True)
class Font:
    """A font file.

    Attributes:
        family: The first three letters of the file's name, which all its styles and widths share, and relatives such
            as FreeSans and FreeSerif too.
        path: The file.
    """

    family: str
    path: Path

    @property
    def part(self) -> str:
        """The part that this family serves: train, validation or test."""
        return part_of(self.family)


def part_of(name: str) -> str:
    """The part that what has this name serves: train, validation or test, by a digest."""
    share = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10
    return next((part for part, shares in PARTS.items() if share in shares), "train")


def find_font_files(folders: Sequence[Path]) -> list[Path]:
    """The files below some folders whose names end as those of fonts do, sorted."""
    return sorted({path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in ENDINGS})


def find_fonts(folders: Sequence[Path], part: str) -> list[Font]:
    """The fonts below some folders that serve a part, by name.

    Raises:
        DatasetError: There are none.
    """
    files = find_font_files(folders)
    fonts = [Font(path.stem[:3].lower(), path) for path in files]
    own = [font for font in fonts if font.part == part and _has_digits(font.path)]
    if not own:
        raise DatasetError(
            f"none of the {len(files)} fonts below {', '.join(map(str, folders))} serves the part {part}; install more,"
            " such as Debian's packages fonts-*"
        )
    return own


def draw_printed_digits(fonts: Sequence[Font], count: int, seed: int) -> Iterator[tuple[int, Font, Canvas]]:
    """Draw digits in some fonts, all digits alike: triples of label, font and canvas.

    The same seed draws the same ones, and a larger count begins with those of a smaller.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        font = fonts[int(rng.integers(len(fonts)))]
        canvas = draw_printed_digit(number % 10, font.path, rng)
        while canvas.min() > FAINT:  # a hairline that was averaged away
            canvas = draw_printed_digit(number % 10, font.path, rng)
        yield number % 10, font, canvas


def draw_printed_digit(label: int, font: Path, rng: np.random.Generator) -> Canvas:
    """Draw a digit in print, somewhere on the canvas, thin or bold, crisp, blurred, coarse or thresholded."""
    face = _face(font, 160)
    left, top, right, bottom = face.getbbox(str(label))
    weight = int(rng.integers(1, 9)) if rng.random() < 0.3 else 0
    margin = 12 + weight
    ink = Image.new("L", (int(right - left) + 2 * margin, int(bottom - top) + 2 * margin), 0)
    ImageDraw.Draw(ink).text((margin - left, margin - top), str(label), fill=255, font=face, stroke_width=weight)
    if rng.random() < 0.15:  # thinner than any font: what a faint print leaves
        thin = ink.filter(ImageFilter.MinFilter(int(rng.choice([3, 5, 7]))))
        ink = thin if np.asarray(thin).mean() > 0.3 * np.asarray(ink).mean() else ink
    ink = ink.rotate(float(rng.normal(0, 4)), Image.Resampling.BILINEAR, expand=True)
    box = ink.getbbox()
    ink = ink.crop(box) if box else ink
    height = CANVAS * rng.uniform(0.15, 0.9)
    size = (max(2, round(ink.width * height / ink.height * np.exp(rng.normal(0, 0.1)))), max(2, round(height)))
    ink = _degraded(ink, rng).resize(size, Image.Resampling.BICUBIC)
    page = np.full((CANVAS, CANVAS), 255, np.uint8)
    y = int(rng.integers(0, max(1, CANVAS - ink.height + 1)))
    x = int(rng.integers(0, max(1, CANVAS - ink.width + 1)))
    there = page[y : y + ink.height, x : x + ink.width]
    there[:] = 255 - np.asarray(ink)[: there.shape[0], : there.shape[1]]
    return page


def _degraded(ink: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The ink after a coarse scan, a blur, a threshold or a JPEG file; untouched in half of the cases."""
    if rng.random() < 0.5:
        return ink
    ink = ImageOps.expand(ink, border=max(4, ink.height // 6))  # a blur needs room
    rows = int(np.exp(rng.uniform(np.log(10), np.log(60))))
    columns = max(3, round(rows * ink.width / ink.height))
    coarse = ink.resize((columns, rows), Image.Resampling.BOX)
    match rng.integers(4):
        case 0:
            coarse = coarse.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.4, 1.2))))
        case 1:
            level = int(rng.uniform(70, 180))
            coarse = coarse.point(lambda value: 255 * (value > level))
        case 2:
            file = io.BytesIO()
            coarse.save(file, "JPEG", quality=int(rng.integers(15, 70)))
            coarse = Image.open(file).point(lambda value: 0 if value < 16 else value)
        case _:
            pass
    return coarse if coarse.getbbox() else ink


@cache
def _face(font: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), size)


def _has_digits(font: Path) -> bool:
    """Whether what the font has in the digits' places are digits."""
    try:
        drawings = [_plain(label, font) for label in range(10)]
        return sum(predict(drawing).digit == label for label, drawing in enumerate(drawings)) >= LEGIBLE
    except (OSError, ValueError):  # not a font that can be read, or no ink
        return False


def _plain(label: int, font: Path) -> Canvas:
    page = Image.new("L", (120, 120), 255)
    ImageDraw.Draw(page).text((40, 20), str(label), fill=0, font=_face(font, 64))
    return np.asarray(page)
