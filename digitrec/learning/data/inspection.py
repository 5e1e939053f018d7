"""Inspection of a CSV file before it is used: `inspect_csv` finds what the trainer would drop or refuse.

The dashboard's pages Data and New run show its result.
"""

from typing import NamedTuple

from digitrec.learning.data.examples import Examples
from digitrec.learning.data.flaws import Flaw, find_flaws, mean_images
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.data.leak_guard import DroppedRow, LeakGuard
from digitrec.learning.data.mnist import MNIST


class Inspection(NamedTuple):
    """The content of a CSV file.

    Attributes:
        examples: All of its rows.
        leaks: The rows that are MNIST test images, inverted or not.
        repeated: The rows whose image stands further up, or among MNIST's training images.
        flaws: Flaws of the images. The trainer refuses a file with any, unless `allow_flawed_data` is set.
    """

    examples: Examples
    leaks: list[DroppedRow]
    repeated: list[DroppedRow]
    flaws: list[Flaw]

    @property
    def used(self) -> int:
        """Rows that would be trained on."""
        return len(self.examples) - len(self.leaks) - len(self.repeated)

    @property
    def summary(self) -> str:
        """What would be used, such as `262 images, 0 new`."""
        count = len(self.examples)
        return f"{count:,} {'image' if count == 1 else 'images'}, {self.used:,} new"


def inspect_csv(path: str, mnist: tuple[Examples, Examples], *, negatives: bool = False) -> Inspection:
    """Inspect a CSV file as the trainer would.

    Args:
        path: A file in a layout that `load_csv` reads.
        mnist: MNIST's training and test images, as `load_mnist` returns them.
        negatives: Whether it holds non-digits, with the label 10.

    Raises:
        DatasetError: Not such a file; the message names file, row and column.
    """
    examples = load_csv(path, negatives)
    train, test = mnist
    guard = LeakGuard(test)
    guard.check(MNIST, train)
    dropped = guard.check(str(path), examples)
    return Inspection(
        examples,
        [row for row in dropped if row.is_leak],
        [row for row in dropped if not row.is_leak],
        find_flaws(examples, mean_images(train), negatives=negatives),
    )
