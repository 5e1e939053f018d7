"""Flaws of images that are readable but useless for training: blank, not 0-255, inverted or transposed.

A run would train on them without an error; only its validation accuracy would hint at the cause.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.data.examples import Examples

ROWS_NAMED = 5
"""Rows that a description names at most."""

LIKENESS_MARGIN = 0.1
"""How much better the images must fit the mean images of their labels transposed than as they are, in correlation.

MNIST's images as they are fit better by 0.31 on average, those of USPS by 0.29, and by no less than 0.04 for any single
digit; transposed images fit worse by as much. Measured on the last 6,000 training images of MNIST.
"""

FEW = 10
"""Images from which on the mean of that difference means something."""


class Flaw(NamedTuple):
    """A flaw of images.

    Attributes:
        kind: `blank`, `zero_one`, `inverted` or `transposed`.
        rows: Positions of the images, from 0, in their order.
        description: What was found and what to do, as a sentence without a full stop.
    """

    kind: str
    rows: tuple[int, ...]
    description: str


def mean_images(mnist: Examples) -> NDArray[np.float64]:
    """The mean image of each digit. Shape (10, 28, 28), 0 to 255; zeros for a digit that is missing."""
    means = np.zeros((10, 28, 28))
    for digit in range(10):
        images = mnist.images[mnist.labels == digit]
        if len(images):
            means[digit] = images.mean(0)
    return means


def find_flaws(examples: Examples, means: NDArray[np.float64], *, negatives: bool = False) -> list[Flaw]:
    """Find images that are useless for training.

    Args:
        examples: Images of digits, or of non-digits.
        means: The mean image of each digit, from `mean_images`.
        negatives: Whether they are non-digits. Then background and orientation are not checked: a non-digit may look
            like anything.

    Returns:
        One flaw of each kind that was found.
    """
    images, count = examples.images, len(examples)
    blank = images.max((1, 2)) == images.min((1, 2))
    zero_one = ~blank & (images.max((1, 2)) == 1)
    found = [
        ("blank", blank, "blank: all of their pixels are equal; leave them out"),
        ("zero_one", zero_one, "without any pixel above 1: pixels go from 0 to 255, so multiply them by 255"),
    ]
    if not negatives:
        inverted = ~blank & ~zero_one & (np.median(_borders(images), axis=1) > 127)
        found.append(
            ("inverted", inverted, "inverted, dark on bright: the background must be 0, so write 255 minus each pixel")
        )
        usable = ~blank & ~zero_one & ~inverted
        transposed = usable if _fit_better_transposed(examples.take(usable), means) else np.zeros(count, bool)
        found.append(
            (
                "transposed",
                transposed,
                "transposed, as in EMNIST's files: pixels go row by row, so exchange rows and columns of each image",
            )
        )
    return [
        Flaw(kind, tuple(np.flatnonzero(rows).tolist()), f"{_count(rows)} {what}")
        for kind, rows, what in found
        if rows.any()
    ]


def describe_flaws(flaws: list[Flaw]) -> str:
    """All flaws of a file in one sentence, without a full stop."""
    return "; ".join(flaw.description for flaw in flaws)


def _count(rows: NDArray[np.bool_]) -> str:
    """How many images of all, and which: `2 of 20 images (numbers 3, 7) are`."""
    found, total = int(rows.sum()), len(rows)
    numbers = ", ".join(str(row + 1) for row in np.flatnonzero(rows)[:ROWS_NAMED])
    more = ", ..." if found > ROWS_NAMED else ""
    which = "" if found == total else f" (number{'s' if found > 1 else ''} {numbers}{more})"
    return f"{found:,} of {total:,} image{'s' if total > 1 else ''}{which} {'is' if found == 1 else 'are'}"


def _borders(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The outermost pixels of each image. Shape (n, 108)."""
    return np.concatenate([images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]], axis=1)


def _fit_better_transposed(examples: Examples, means: NDArray[np.float64]) -> bool:
    """Whether the images resemble the mean images of their labels more when rows and columns are exchanged."""
    if len(examples) < FEW:
        return False
    expected = _normalized(means)[examples.labels]
    as_they_are = (_normalized(examples.images) * expected).sum(1)
    transposed = (_normalized(examples.images.transpose(0, 2, 1)) * expected).sum(1)
    return bool((transposed - as_they_are).mean() > LIKENESS_MARGIN)


def _normalized(images: NDArray[np.uint8] | NDArray[np.float64]) -> NDArray[np.float32]:
    """Images as vectors of mean 0 and length 1, whose product is the correlation. Shape (n, 784)."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    return flat
