"""Calibration of probabilities, and separation of digits from non-digits by doubt. Needs no Keras."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Bins of confidence, as many as Guo et al. (2017) take."""


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies above `low` and is at most `high`; figures are 0 where there are none.

    Attributes:
        low: Lower edge, 0 to 1; the lowest bin holds a confidence of 0 too.
        high: Upper edge, 0 to 1.
        count: Answers in it.
        confidence: Their mean confidence, 0 to 1.
        accuracy: Share of them that are right, 0 to 1.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(probabilities: NDArray[np.float32], labels: NDArray[np.uint8], bins: int = BINS) -> list[Bin]:
    """Sort answers into bins of equal width by their confidence, the largest of their probabilities.

    DeGroot and Fienberg (1983), "The comparison and evaluation of forecasters".

    Args:
        probabilities: Shape (n, 10), each row summing to 1.
        labels: Shape (n,), 0 to 9.
        bins: How many, over 0 to 1.

    Returns:
        All bins from the lowest to the highest, the empty ones too.

    Raises:
        ValueError: No bin, nothing to sort, or other shapes.
    """
    if bins < 1:
        raise ValueError(f"bins is {bins}; there must be at least 1")
    if probabilities.ndim != 2 or len(probabilities) != len(labels) or len(labels) == 0:
        raise ValueError(f"probabilities of shape {probabilities.shape} do not fit {len(labels)} labels")
    confidence = probabilities.max(1).astype(np.float64)
    right = probabilities.argmax(1) == labels
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges[1:-1], confidence, side="left")  # on an edge: the lower bin, as Guo et al. have it
    count = np.bincount(place, minlength=bins)
    divisor = np.maximum(count, 1)
    mean_confidence = np.bincount(place, confidence, bins) / divisor
    accuracy = np.bincount(place, right, bins) / divisor
    return [
        Bin(float(edges[i]), float(edges[i + 1]), int(count[i]), float(mean_confidence[i]), float(accuracy[i]))
        for i in range(bins)
    ]


def expected_calibration_error(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8], bins: int = BINS
) -> float:
    """Compute the mean of `|accuracy - confidence|` over bins of confidence, weighted by their counts.

    Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks", equation 3: with n answers
    sorted by `reliability` into bins B, the sum over them of `|B| / n * |accuracy(B) - mean confidence(B)|`.

    Args:
        probabilities: Shape (n, 10), each row summing to 1.
        labels: Shape (n,), 0 to 9.
        bins: How many, of equal width, over 0 to 1. The value depends on it: compare only values with the same number.

    Returns:
        0, where each bin is as accurate as it is confident, to 1.

    Raises:
        ValueError: As `reliability`.
    """
    return error_of(reliability(probabilities, labels, bins))


def error_of(bins: Sequence[Bin]) -> float:
    """Compute the expected calibration error from bins, at least one of which is not empty."""
    total = sum(one.count for one in bins)
    return sum(one.count / total * abs(one.accuracy - one.confidence) for one in bins)


def auroc(doubt_of_digits: NDArray[np.floating], doubt_of_negatives: NDArray[np.floating]) -> float:
    """Compute the area under the ROC curve of doubt: how often a non-digit is doubted more than a digit.

    The Mann-Whitney statistic (Mann and Whitney, 1947) as a share of all pairs: of a digit and a negative chosen at
    random, the probability that the negative has the larger doubt, where an equal doubt counts one half. It does not
    depend on any threshold, nor on how many there are of each.

    Args:
        doubt_of_digits: Shape (n,), any scale.
        doubt_of_negatives: Shape (m,), the same scale.

    Returns:
        1 where every negative is doubted more than every digit, 0.5 where doubt carries no information.

    Raises:
        ValueError: One of them is empty, or a doubt is NaN.
    """
    if doubt_of_digits.size == 0 or doubt_of_negatives.size == 0:
        raise ValueError("digits and negatives are both needed to measure how well doubt separates them")
    if np.isnan(doubt_of_digits).any() or np.isnan(doubt_of_negatives).any():
        raise ValueError("some doubts are NaN: the network is broken")
    ranked = np.sort(doubt_of_digits)
    less = np.searchsorted(ranked, doubt_of_negatives, side="left").astype(np.float64)
    at_most = np.searchsorted(ranked, doubt_of_negatives, side="right")
    return float((less + at_most).mean() / (2 * ranked.size))
