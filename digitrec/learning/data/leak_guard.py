"""The leak guard: rows that are MNIST test images, or that repeat an image that came before. Needs no Keras."""

import hashlib
from typing import NamedTuple

from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.data.mnist import MNIST

MNIST_TEST = "MNIST test images"


class Original(NamedTuple):
    """Where an image came first.

    Attributes:
        source: What it stands in: `MNIST_TEST`, `digitrec.learning.data.mnist.MNIST`, or a file.
        row: Its position there, from 0.
        label: Its label there.
    """

    source: str
    row: int
    label: int


class DroppedRow(NamedTuple):
    """A row that must not be trained on.

    Attributes:
        row: Its position among the examples checked, from 0.
        label: Its own label.
        original: The same image, pixel by pixel.
    """

    row: int
    label: int
    original: Original

    @property
    def is_leak(self) -> bool:
        """Whether it is an MNIST test image; else it repeats an earlier image."""
        return self.original.source == MNIST_TEST


class LeakGuard:
    """Lets each image through once, and MNIST's test images never."""

    def __init__(self, test: Examples) -> None:
        """Know the images that nobody may train on.

        Args:
            test: MNIST's test images.
        """
        self._seen: dict[bytes, Original] = {}
        self.leaks = self.duplicates = 0
        self.check(MNIST_TEST, test)
        self.leaks = 0

    def check(self, source: str, part: Examples) -> list[DroppedRow]:
        """Find the rows to drop, count them in `leaks` and `duplicates`, and remember the others.

        Args:
            source: The name of what they stand in.
            part: The rows, in their order.
        """
        dropped = []
        for row, (image, label) in enumerate(zip(part.images, part.labels.tolist(), strict=True)):
            digest = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
            here = Original(source, row, label)
            twin = self._seen.setdefault(digest, here)
            if twin is not here:  # one file may be given twice, and then both are equal
                dropped.append(DroppedRow(row, label, twin))
        leaks = sum(one.is_leak for one in dropped)
        self.leaks += leaks
        self.duplicates += len(dropped) - leaks
        return dropped


class Inspection(NamedTuple):
    """What is in a CSV file, before anything is trained on it.

    Attributes:
        examples: All of its rows.
        leaks: The rows that are MNIST test images.
        repeated: The rows whose image stands further up, or among MNIST's training images.
    """

    examples: Examples
    leaks: list[DroppedRow]
    repeated: list[DroppedRow]

    @property
    def used(self) -> int:
        """Rows that would be trained on."""
        return len(self.examples) - len(self.leaks) - len(self.repeated)


def inspect_csv(path: str, mnist: tuple[Examples, Examples], *, negatives: bool = False) -> Inspection:
    """Look into a CSV file as the trainer would, with the same guard.

    Args:
        path: A file in Kaggle's layout.
        mnist: MNIST's training and test images.
        negatives: Whether it shows what is no digit, with the label 10.

    Raises:
        DatasetError: Not that layout; the message names file, row and column.
    """
    examples = load_csv(path, negatives)
    train, test = mnist
    guard = LeakGuard(test)
    guard.check(MNIST, train)
    dropped = guard.check(str(path), examples)
    return Inspection(examples, [one for one in dropped if one.is_leak], [one for one in dropped if not one.is_leak])
