"""Characters of many scripts as a pen would write them: the middle lines of printed ones, traced into strokes.

Few alphabets have been recorded with a pen, but fonts have hundreds. A font's outline is thinned to its skeleton (Zhang
and Suen 1984, as scikit-image has it), whose branches are joined where one goes straight on into another. The fonts are
files of the machine that trains; none ships.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digitrec.learning.strokes.handwriting import resample, round_corners
from digitrec.learning.strokes.printed_digits import find_font_files

FAMILIAR = ("LATIN", "GREEK", "CYRILLIC", "FULLWIDTH LATIN", "TURNED GREEK", "DUPLOYAN")
"""Scripts whose letters other negatives show, and shorthand, whose letters are single lines."""

NAME = re.compile(r"(?P<script>[A-Z ]+?) (?:CAPITAL |SMALL |INDEPENDENT |VOWEL )*(?:LETTER|SYLLABLE|SYLLABICS)\b")
"""How a letter's Unicode name begins; hieroglyphs and ideograms are called otherwise."""

SIZE = 200
"""The size in pixels at which a font is drawn to be traced."""

MOST = 50
"""More branches than any letter has: the box that stands for letters which a font of last resort lacks."""

STRAIGHT = np.cos(np.radians(45))
"""Two branches that meet are one stroke if it turns by less than this."""

Point = tuple[int, int]
"""Row and column of a pixel."""


@dataclass(frozen=True)
class Letter:
    """A letter that a font has.

    Attributes:
        script: Its script, by its Unicode name: Coptic, Old Hungarian.
        sign: The letter, one character.
        font: The file.
    """

    script: str
    sign: str
    font: Path


def find_letters(folders: Sequence[Path], most: int, rng: np.random.Generator) -> list[Letter]:
    """The letters of unfamiliar scripts in the fonts below some folders, by script.

    Args:
        folders: Searched through.
        most: At most so many of each script, chosen at random.
        rng: Chooses.
    """
    found: dict[str, dict[str, Path]] = {}
    for path in find_font_files(folders):
        try:
            charmap = FT2Font(str(path)).get_charmap()
        except RuntimeError:  # not a font that can be read
            continue
        for code in charmap:
            name = NAME.match(unicodedata.name(chr(code), ""))
            is_letter = unicodedata.category(chr(code)) in ("Lu", "Ll", "Lo")  # no mark, modifier or symbol
            if name is not None and is_letter and not name["script"].startswith(FAMILIAR):
                found.setdefault(name["script"].title(), {}).setdefault(chr(code), path)
    letters = []
    for script, fonts in sorted(found.items()):
        signs = sorted(fonts)
        chosen = sorted(rng.permutation(len(signs))[:most])
        letters += [Letter(script, signs[number], fonts[signs[number]]) for number in chosen]
    return letters


def trace_letter(letter: Letter) -> list[NDArray[np.float64]]:
    """Trace a letter's middle lines.

    Returns:
        Its strokes, each of shape (points, 2), x and y in pixels with y down, without dots, which have no middle line;
        empty where the font draws nothing else, or more than a letter.
    """
    # scikit-image takes half a second to import.
    from skimage.morphology import skeletonize

    face = ImageFont.truetype(str(letter.font), SIZE)
    left, top, right, bottom = (int(side) for side in face.getbbox(letter.sign))
    page = Image.new("L", (max(1, right - left + 8), max(1, bottom - top + 8)), 0)
    ImageDraw.Draw(page).text((4 - left, 4 - top), letter.sign, fill=255, font=face)
    ink = np.asarray(page) > 127
    skeleton = skeletonize(ink)
    length = int(skeleton.sum())
    if length == 0:
        return []
    width = ink.sum() / length
    branches = [path for path in _branches(skeleton) if len(path) > width]  # shorter ones are corners of the outline
    if len(branches) > MOST:
        return []
    # Without the steps of the pixels.
    return [resample(round_corners(path, 3), straight=True) for path in _join(branches, reach=width)]


def _branches(skeleton: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """The lines between ends and crossings of a skeleton, and its rings: points (n, 2), x and y."""
    pixels = {(int(row), int(column)) for row, column in np.argwhere(skeleton)}
    around = {pixel: list(_neighbours(pixel, pixels)) for pixel in pixels}
    seen: set[frozenset[Point]] = set()
    paths = []
    nodes = sorted(pixel for pixel in pixels if len(around[pixel]) != 2)
    for start in [*nodes, *sorted(pixels)]:
        for step in around[start]:
            path = [start]
            while frozenset((path[-1], step)) not in seen:
                seen.add(frozenset((path[-1], step)))
                path.append(step)
                onwards = [pixel for pixel in around[step] if pixel != path[-2]]
                if len(around[step]) != 2 or not onwards:
                    break
                step = onwards[0]
            if len(path) > 1:
                paths.append(np.array(path, float)[:, ::-1])
    return paths


def _neighbours(pixel: Point, pixels: set[Point]) -> Iterator[Point]:
    """The pixels beside one; those at a corner only where no path leads around it."""
    row, column = pixel
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        if (row + down, column + right) in pixels:
            yield row + down, column + right
    for down, right in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        if (row + down, column + right) in pixels and not {(row, column + right), (row + down, column)} & pixels:
            yield row + down, column + right


def _join(paths: list[NDArray[np.float64]], reach: float) -> list[NDArray[np.float64]]:
    """Join paths whose ends are within `reach` where one goes on into the other, the straightest first."""
    while True:
        ends = [(number, path[::-1] if at else path) for number, path in enumerate(paths) for at in (False, True)]
        pairs = [
            (float(_direction(one) @ -_direction(other)), first, one, second, other)
            for (first, one), (second, other) in combinations(ends, 2)
            if first != second and np.hypot(*(one[0] - other[0])) <= reach
        ]
        straightest = max(pairs, key=lambda pair: pair[0], default=None)
        if straightest is None or straightest[0] < STRAIGHT:
            return paths
        _, first, one, second, other = straightest
        rest = [path for number, path in enumerate(paths) if number not in (first, second)]
        paths = [*rest, np.concatenate([one[::-1], other])]


def _direction(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction in which a path begins, of length 1."""
    ahead = path[min(len(path) - 1, 15)] - path[0]
    direction: NDArray[np.float64] = ahead / max(float(np.hypot(*ahead)), 1e-6)
    return direction
