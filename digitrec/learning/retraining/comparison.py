"""Two models on the same test sets, figure by figure. Needs no Keras."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from digitrec.learning.data.examples import Examples, scale_pixels
from digitrec.learning.evaluation.metrics import wilson_interval
from digitrec.prediction import DOUBT_THRESHOLD
from digitrec.publication.card_diff import Change
from digitrec.recognizer import Recognizer
from digitrec.training_rows import NOT_A_DIGIT

CHUNK = 500
"""Images in one run of the graph."""


@dataclass(frozen=True)
class Score:
    """How a model answers the images of a test set.

    Attributes:
        count: Images.
        errors: Digits read as another digit, or non-digits that were not doubted.
        doubted: Images that were doubted.
    """

    count: int
    errors: int
    doubted: int

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0 to 1. Whether a digit is doubted does not count."""
        return 1 - self.errors / self.count

    def to_figure(self, command: str) -> dict[str, Any]:
        """The entry of a model card; `command` is what measures it."""
        return {
            "command": command,
            "count": self.count,
            "errors": self.errors,
            "accuracy": self.accuracy,
            "interval_95": list(wilson_interval(self.count - self.errors, self.count)),
            "doubted": self.doubted / self.count,
        }


def score(recognizer: Recognizer, examples: Examples) -> Score:
    """Score a model on framed images; digits and non-digits may be mixed.

    Raises:
        ValueError: There are no images.
    """
    if not len(examples):
        raise ValueError("there are no images to score a model on")
    errors = doubted = 0
    for first in range(0, len(examples), CHUNK):
        part = examples.take(slice(first, first + CHUNK))
        answers = recognizer.run(scale_pixels(part.images))
        doubts = answers.doubt >= DOUBT_THRESHOLD
        wrong = np.where(part.labels == NOT_A_DIGIT, ~doubts, answers.probabilities.argmax(1) != part.labels)
        errors, doubted = errors + int(wrong.sum()), doubted + int(doubts.sum())
    return Score(len(examples), errors, doubted)


def list_score_changes(
    before: Mapping[str, Score], after: Mapping[str, Score], non_digits: Sequence[str]
) -> Iterator[Change]:
    """Compare the scores of two models, test set by test set.

    Args:
        before: Scores of the model that serves, by the name of the test set.
        after: Scores of the new model.
        non_digits: The test sets of non-digits.
    """
    for name, new in after.items():
        old = before.get(name)
        accuracy, wrong, doubted = (None, None, None) if old is None else _figures(old)
        yield Change(f"{name}: accuracy", accuracy, new.accuracy, True, "share")
        yield Change(f"{name}: wrong", wrong, float(new.errors), False, "count")
        if name not in non_digits:
            yield Change(f"{name}: doubted", doubted, new.doubted / new.count, False, "share")


def _figures(of: Score) -> tuple[float, float, float]:
    return of.accuracy, float(of.errors), of.doubted / of.count
