"""The digits that negatives are made from, split so that none is in both training and evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.negatives.alphabets import Character
from digitrec.learning.strokes.drawing import CANVAS
from digitrec.learning.strokes.handwriting import Stroke
from digitrec.learning.strokes.recordings import PenDigit

Canvas = NDArray[np.uint8]
"""Shape (280, 280): a grey picture as an app or a camera hands it over."""

PARTS = ("train", "validation", "test")
"""The parts of the negatives; no two share a font, a writer, an MNIST image or a word."""

WRITERS = {
    "validation": ("train-3", "train-11", "train-19", "train-27"),
    "test": ("train-6", "train-14", "train-22", "train-30"),
}
"""Who wrote the pen digits of these parts; those of all others are trained on."""

MNIST_VALIDATION_ROWS = 6_000
"""Number of the last MNIST training images that are for validation; the others are for training."""


@dataclass(frozen=True, eq=False)
class SourceDigits:
    """The digits that negatives of a part are made from.

    Attributes:
        part: train, validation or test; no digit is in two of them.
        mnist: Images.
        recordings: Pen strokes; may be empty.
        characters: Characters of other alphabets that do not look like a digit, as people drew them; may be empty.
        traced: The same, traced from fonts.
    """

    part: str
    mnist: Examples
    recordings: list[PenDigit]
    characters: Sequence[Character] = ()
    traced: Sequence[Character] = ()

    def random_image(self, rng: np.random.Generator, among: str = "0123456789") -> tuple[int, NDArray[np.float64]]:
        """An MNIST digit among those, cropped to its ink: its label and (height, width) ink in [0, 1]."""
        while True:
            row = int(rng.integers(len(self.mnist)))
            if str(self.mnist.labels[row]) in among:
                image = self.mnist.images[row]
                rows, columns = np.flatnonzero(image.max(1) > 40), np.flatnonzero(image.max(0) > 40)
                cropped = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
                return int(self.mnist.labels[row]), cropped / 255.0

    def random_recording(self, rng: np.random.Generator, among: str = "0123456789") -> tuple[int, list[Stroke]]:
        """A pen's digit among those: its label, and its strokes in a unit of its height, from the origin.

        Raises:
            DatasetError: There are no recordings.
        """
        if not self.recordings:
            raise DatasetError(f"no pen digits for the part {self.part}; give a file of strokes by its writers")
        while True:
            digit = self.recordings[int(rng.integers(len(self.recordings)))]
            if str(digit.label) in among:
                points = np.concatenate(digit.strokes)
                low, height = points.min(0), max(float(np.ptp(points[:, 1])), 1e-6)
                return digit.label, [(stroke - low) / height for stroke in digit.strokes]

    def choose_pen(self, rng: np.random.Generator) -> bool:
        """Decide at random whether the next drawing is made of a recording, as half of them are, or of MNIST images."""
        return bool(self.recordings) and bool(rng.integers(2))


def source_digits(
    part: str,
    mnist: tuple[Examples, Examples],
    pen: list[PenDigit] | None = None,
    characters: Sequence[Character] = (),
) -> SourceDigits:
    """Choose the digits that negatives of a part are made from.

    Args:
        part: One of `PARTS`.
        mnist: Training and test images, as `datasets.load_mnist` returns them.
        pen: Recordings of digits, as `strokes.read_strokes` returns them, by all writers; without any, what is made
            of digits is made of MNIST's alone.
        characters: Characters of other alphabets, of all parts, without those that look like a digit.

    Raises:
        DatasetError: No such part, or pen digits of which this part gets some but not all ten.
    """
    if part not in PARTS:
        raise DatasetError(f"part {part!r} is none of {', '.join(PARTS)}")
    train, test = mnist
    images = {
        "train": train.take(slice(0, -MNIST_VALIDATION_ROWS)),
        "validation": train.take(slice(-MNIST_VALIDATION_ROWS, None)),
        "test": test,
    }[part]
    held_back = {writer: name for name, writers in WRITERS.items() for writer in writers}
    recordings = [digit for digit in pen or () if held_back.get(digit.writer, "train") == part]
    lacking = sorted(set(range(10)) - {digit.label for digit in recordings})
    if recordings and lacking:
        raise DatasetError(
            f"the {len(recordings)} pen digits for the part {part} lack {', '.join(map(str, lacking))}; give recordings"
            " of all ten digits by its writers, or none"
        )
    own = [character for character in characters if character.part == part]
    return SourceDigits(
        part, images, recordings, [one for one in own if not one.traced], [one for one in own if one.traced]
    )


def paste(parts: list[tuple[NDArray[np.float64], float, float, float]], rng: np.random.Generator) -> Canvas:
    """Images of ink on one canvas, of any size, somewhere.

    Args:
        parts: Ink (h, w) in [0, 1], its left and upper edge and its height, all three in one unit of any size.
        rng: Decides on size and place.

    Returns:
        Shape (280, 280), uint8, 0 ink on 255.
    """
    right = max(x + height * ink.shape[1] / ink.shape[0] for ink, x, _, height in parts)
    bottom = max(y + height for _, _, y, height in parts)
    unit = CANVAS * rng.uniform(0.25, 0.92) / max(right, bottom)
    left, top = (rng.uniform(2, max(CANVAS - unit * side - 2, 3)) for side in (right, bottom))
    page = np.zeros((CANVAS, CANVAS))
    for ink, x, y, height in parts:
        tall = max(2, round(unit * height))
        wide = max(2, round(unit * height * ink.shape[1] / ink.shape[0]))
        picture = Image.fromarray(np.pad(ink, 1).astype(np.float32)).resize((wide, tall), Image.Resampling.BICUBIC)
        row, column = round(top + unit * y), round(left + unit * x)
        there = page[row : row + tall, column : column + wide]
        np.maximum(there, np.asarray(picture).clip(0, 1)[: there.shape[0], : there.shape[1]], out=there)
    return np.rint(255 * (1 - page)).astype(np.uint8)
