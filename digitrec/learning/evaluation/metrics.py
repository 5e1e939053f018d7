"""Metrics of probabilities against labels: accuracy with its interval, loss, confusion, calibration, mistakes."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.evaluation.reliability import Bin, error_of, reliability

MISTAKES_KEPT = 30


@dataclass(frozen=True)
class Mistake:
    """A wrong answer.

    Attributes:
        index: Position of the image among those evaluated.
        label: What it shows.
        digit: What was predicted.
        confidence: Probability of the prediction, 0 to 1.
    """

    index: int
    label: int
    digit: int
    confidence: float


@dataclass(frozen=True)
class ClassFigures:
    """The metrics of one digit: shares from 0 to 1, and 0 where there is nothing to divide by.

    Attributes:
        digit: Which one.
        precision: Share of the images predicted as this digit that show it.
        recall: Share of the images of this digit that are predicted as it.
        f1: Harmonic mean of the two.
        support: Images of this digit.
    """

    digit: int
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Evaluation:
    """The metrics of a model on labelled images.

    Attributes:
        count: Number of images.
        errors: Wrong answers.
        accuracy: Share of right answers, 0 to 1.
        interval: 95 % confidence interval of the accuracy (Wilson's).
        loss: Mean cross-entropy, in nats.
        confusion: Shape (10, 10), counts; the row is the label, the column the prediction.
        per_class: Figures of each digit.
        ece: Expected calibration error, 0 to 1: the mean difference of confidence and accuracy.
        reliability: The bins of confidence it is computed from, the lowest first.
        mistakes: The wrong answers with the highest confidence, in descending order.
    """

    count: int
    errors: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    confusion: list[list[int]]
    per_class: list[ClassFigures]
    ece: float
    reliability: list[Bin]
    mistakes: list[Mistake]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def evaluate(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Evaluation:
    """Evaluate probabilities against labels.

    Args:
        probabilities: Shape (n, 10), each row summing to 1.
        labels: Shape (n,), 0 to 9.

    Raises:
        ValueError: The shapes do not match, there are no images, or a probability is not finite.
    """
    if probabilities.shape != (len(labels), 10) or len(labels) == 0:
        raise ValueError(f"probabilities of shape {probabilities.shape} do not fit {len(labels)} labels")
    if not np.isfinite(probabilities).all():
        raise ValueError("some probabilities are NaN or infinite: the network is broken")
    digits = probabilities.argmax(1)
    confidence = probabilities.max(1)
    confusion = np.zeros((10, 10), np.int64)
    np.add.at(confusion, (labels, digits), 1)
    wrong = np.flatnonzero(digits != labels)
    surest = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES_KEPT]
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    count, errors = len(labels), len(wrong)
    bins = reliability(probabilities, labels)
    return Evaluation(
        count=count,
        errors=errors,
        accuracy=1 - errors / count,
        interval=wilson_interval(count - errors, count),
        loss=float(-np.log(np.maximum(of_label, 1e-7)).mean()),
        confusion=confusion.tolist(),
        per_class=[_class_figures(confusion, digit) for digit in range(10)],
        ece=error_of(bins),
        reliability=bins,
        mistakes=[Mistake(int(i), int(labels[i]), int(digits[i]), float(confidence[i])) for i in surest],
    )


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference": unlike the textbook one it
    stays below 1 when nearly all are right.
    """
    z = 1.959964
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def _class_figures(confusion: NDArray[np.int64], digit: int) -> ClassFigures:
    right = int(confusion[digit, digit])
    taken_for, support = int(confusion[:, digit].sum()), int(confusion[digit].sum())
    precision = right / taken_for if taken_for else 0.0
    recall = right / support if support else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return ClassFigures(digit, precision, recall, f1, support)
