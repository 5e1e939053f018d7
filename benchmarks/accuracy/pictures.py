"""The pictures of the benchmark: MNIST's, scans of another data set, and drawings on a canvas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.mnist import data_dir
from digitrec.learning.negatives.alphabets import Character
from digitrec.learning.negatives.generator import draw_negative, draw_negatives
from digitrec.learning.negatives.source_digits import SourceDigits, source_digits
from digitrec.learning.strokes.drawing import CANVAS, SMOOTH, Style, draw
from digitrec.learning.strokes.printed_digits import draw_printed_digits, find_fonts
from digitrec.learning.strokes.recordings import PenDigit

USPS_FILE = "usps_train.npz"
STROKES_FILE = "pendigits_train_strokes.jsonl.gz"
CHARACTERS_FILE = "omniglot_small1_strokes.jsonl.gz"
NEGATIVES = 5_000
"""Number of pictures of non-digits."""

FURTHER = {"mark": "test", "close digits": "test", "character": "validation", "compound character": "validation"}
"""Kinds of non-digits that have rows of their own, and the part that each is drawn for: no alphabet serves the test.
They came later than the others, whose figures they would change."""

PRINTED = 1_000
"""Number of printed digits."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one kind.

    Attributes:
        name: Of the kind, as the JSON file has it.
        what: The same for a reader.
        images: Shape (n, height, width), uint8.
        labels: Shape (n,), uint8, 0 to 9; None where no picture shows a digit.
        white_paper: Whether the ink is black on white; otherwise white on black, as in MNIST.
    """

    name: str
    what: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8] | None = None
    white_paper: bool = False

    def __len__(self) -> int:
        """How many."""
        return len(self.images)

    def first(self, count: int | None) -> "Pictures":
        """The first of them, or all."""
        labels = None if self.labels is None else self.labels[:count]
        return replace(self, images=self.images[:count], labels=labels)


@dataclass(frozen=True)
class Way:
    """A way to draw recorded digits on the canvas.

    Attributes:
        what: How, for a reader.
        style: Size, brush and place.
        corner: Whether the place is one of the four corners, by chance, instead.
        stray_dot: Whether a dot as thick as the brush lies anywhere on the canvas, by chance even on the digit.
    """

    what: str
    style: Style
    corner: bool = False
    stray_dot: bool = False


WAYS = {
    "usual": Way("usual brush", Style(size=190, brush=18)),
    "thin": Way("thin brush", Style(size=190, brush=2)),
    "thick": Way("thick brush", Style(size=190, brush=40)),
    "corner": Way("quarter-size in a corner", Style(size=60, brush=10), corner=True),
    "filled": Way("canvas filled", Style(size=255, brush=18)),
    "stray_dot": Way("usual brush, a stray dot", Style(size=190, brush=18), stray_dot=True),
}


def drawings(digits: Sequence[PenDigit], seed: int = 0) -> Iterator[Pictures]:
    """Draw the digits in all `WAYS`, without slant or tremble of our own, on canvases of 280x280.

    Args:
        digits: What to draw, without doubtful ones where these are excluded.
        seed: Seed of the corners and of the dots' places.
    """
    labels = np.array([digit.label for digit in digits], np.uint8)
    for number, (name, way) in enumerate(WAYS.items()):
        images = np.stack(
            [
                _drawn(digit, way, np.random.default_rng([seed, number, position]))
                for position, digit in enumerate(digits)
            ]
        )
        yield Pictures(f"strokes_{name}", f"drawings, {way.what}", images, labels, white_paper=True)


def _drawn(digit: PenDigit, way: Way, rng: np.random.Generator) -> NDArray[np.uint8]:
    style = way.style
    if way.corner:
        left, top = rng.integers(0, 2, 2)
        style = replace(style, left=float(left), top=float(top))
    canvas = draw(digit, style, rng)
    if way.stray_dot:
        canvas = np.minimum(canvas, _dot(rng.uniform(style.brush / 2, CANVAS - style.brush / 2, 2), style.brush))
    return canvas


def _dot(middle: NDArray[np.float64], diameter: float) -> NDArray[np.uint8]:
    """A black disc on a white canvas, with the soft edge of a canvas' brush. Shape (280, 280)."""
    picture = Image.new("L", (SMOOTH * CANVAS, SMOOTH * CANVAS), 255)
    x, y = SMOOTH * middle
    radius = SMOOTH * diameter / 2
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return np.asarray(picture.reduce(SMOOTH))


def usps() -> Pictures | None:
    """The training images of USPS, scanned 16x16 digits that are not trained on; None where the file is missing.

    Raises:
        DatasetError: The file is there and holds something else.
    """
    path = _at_hand(USPS_FILE)
    if path is None:
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            images, labels = file["x"], file["y"]
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{path} does not hold arrays x and y: {error}") from error
    return Pictures("usps", "USPS", images, labels)


def default_strokes() -> Path | None:
    """The file of recorded pen strokes in `data_dir()`; None where it is not at hand."""
    return _at_hand(STROKES_FILE)


def printed(count: int = PRINTED) -> Pictures:
    """Draw printed digits in those fonts of Matplotlib's of whose families none was trained or validated on."""
    fonts = find_fonts([Path(matplotlib.get_data_path()) / "fonts" / "ttf"], "test")
    drawn = list(draw_printed_digits(fonts, count, seed=0))
    labels = np.array([label for label, _, _ in drawn], np.uint8)
    return Pictures("printed", "printed digits", np.stack([canvas for _, _, canvas in drawn]), labels, white_paper=True)


def characters_file() -> Path | None:
    """The file of characters of other alphabets in `data_dir()`; None where it is not at hand."""
    return _at_hand(CHARACTERS_FILE)


def _at_hand(name: str) -> Path | None:
    folder = data_dir()
    return folder / name if folder is not None and (folder / name).exists() else None


def negatives(mnist: tuple[Examples, Examples], pen: list[PenDigit], count: int = NEGATIVES) -> list[Pictures]:
    """Draw pictures of non-digits, by kind, from writers, fonts, words and some signs that training never saw.

    Args:
        mnist: Training and test images, as `load_mnist` gives them.
        pen: Recorded strokes, of all writers.
        count: How many, of all kinds together.
    """
    kinds: dict[str, list[NDArray[np.uint8]]] = {}
    for kind, canvas in draw_negatives(source_digits("test", mnist, pen), count, seed=0):
        kinds.setdefault(kind, []).append(canvas)
    return [_non_digits(kind, canvases) for kind, canvases in sorted(kinds.items())]


def further_negatives(
    mnist: tuple[Examples, Examples], pen: list[PenDigit], characters: Sequence[Character], each: int = NEGATIVES // 10
) -> list[Pictures]:
    """Draw as many pictures of each kind in `FURTHER`.

    Args:
        mnist: As `negatives` takes it.
        pen: As `negatives` takes it.
        characters: Characters of other alphabets that do not look like a digit; without any, their kinds are left out.
        each: How many of each kind.
    """
    drawn = []
    for number, (kind, part) in enumerate(FURTHER.items()):
        source: SourceDigits = source_digits(part, mnist, pen, characters)
        if "character" in kind and not source.characters:
            continue
        rngs = (np.random.default_rng([number, position]) for position in range(each))
        drawn.append(_non_digits(kind, [draw_negative(kind, source, rng) for rng in rngs]))
    return drawn


def _non_digits(kind: str, canvases: Sequence[NDArray[np.uint8]]) -> Pictures:
    return Pictures(f"no_digit_{kind.replace(' ', '_')}", f"no digit: {kind}", np.stack(canvases), white_paper=True)
