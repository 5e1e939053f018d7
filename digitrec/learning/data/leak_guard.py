"""The leak guard: rows that are MNIST test images, inverted or not, and rows that repeat an earlier image."""

import hashlib
from typing import NamedTuple

from digitrec.learning.data.examples import Examples

MNIST_TEST = "MNIST test images"


class Original(NamedTuple):
    """The first occurrence of an image.

    Attributes:
        source: Where it is: `MNIST_TEST`, `digitrec.learning.data.mnist.MNIST`, or a file.
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
        original: The same image, pixel by pixel; an MNIST test image may be its inverse instead.
    """

    row: int
    label: int
    original: Original

    @property
    def is_leak(self) -> bool:
        """Whether it is an MNIST test image, inverted or not; else it repeats an earlier image."""
        return self.original.source == MNIST_TEST


class LeakGuard:
    """Finds rows that must be dropped: MNIST test images, and images seen before."""

    def __init__(self, test: Examples) -> None:
        """Start with the images that must not be trained on.

        Args:
            test: MNIST's test images.
        """
        self._seen: dict[bytes, Original] = {}
        self.leaks = self.duplicates = 0
        self.check(MNIST_TEST, test)
        self.check(MNIST_TEST, Examples(255 - test.images, test.labels))
        self.leaks = self.duplicates = 0

    def check(self, source: str, part: Examples) -> list[DroppedRow]:
        """Find the rows to drop, count them in `leaks` and `duplicates`, and remember the others.

        Args:
            source: Name of the file or data set they come from.
            part: The rows, in their order.
        """
        dropped = []
        for row, (image, label) in enumerate(zip(part.images, part.labels.tolist(), strict=True)):
            digest = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
            here = Original(source, row, label)
            first = self._seen.setdefault(digest, here)
            if first is not here:  # one file may be given twice, and then both are equal
                dropped.append(DroppedRow(row, label, first))
        leaks = sum(one.is_leak for one in dropped)
        self.leaks += leaks
        self.duplicates += len(dropped) - leaks
        return dropped
