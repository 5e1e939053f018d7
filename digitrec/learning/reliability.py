"""Whether confidence means what it says: reliability by bins of confidence, and the expected calibration error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""As in Guo et al. (2017), "On calibration of modern neural networks"."""


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies in one of `BINS` equal parts of 0 to 1.

    Attributes:
        count: How many.
        confidence: Their mean confidence, 0 to 1; the middle of the bin if it is empty.
        accuracy: Share of them that are right, 0 to 1; 0 if the bin is empty.
    """

    count: int
    confidence: float
    accuracy: float


def reliability(probabilities: NDArray[np.float32], labels: NDArray[np.uint8], bins: int = BINS) -> list[Bin]:
    """Sort answers into bins by their confidence, the largest probability.

    Args:
        probabilities: Shape (n, 10), each row summing to 1.
        labels: Shape (n,), 0 to 9.
        bins: How many bins of equal width; a confidence on the line between two is in the lower.
    """
    confidence = probabilities.max(1).astype(np.float64)
    right = probabilities.argmax(1) == labels
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for number in range(bins):
        here = place == number
        count = int(here.sum())
        middle = (number + 0.5) / bins
        found.append(
            Bin(
                count,
                float(confidence[here].mean()) if count else middle,
                float(right[here].mean()) if count else 0.0,
            )
        )
    return found


def expected_calibration_error(bins: list[Bin]) -> float:
    """How far confidence and accuracy are apart, 0 to 1: the mean over bins, each counting by its answers."""
    total = sum(part.count for part in bins)
    return sum(part.count * abs(part.confidence - part.accuracy) for part in bins) / total
