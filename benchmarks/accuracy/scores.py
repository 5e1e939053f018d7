"""How answers are scored, and the table of scores: a row for each measure, a column for each candidate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.recognizers import Classifications
from benchmarks.tables import align
from digitrec.learning.evaluation.metrics import wilson_interval
from digitrec.learning.evaluation.reliability import BINS, auroc, expected_calibration_error
from digitrec.prediction import DOUBT_THRESHOLD


@dataclass(frozen=True)
class Score:
    """A figure of one candidate.

    Attributes:
        text: As the table has it.
        values: As the JSON file and the model card have it.
    """

    text: str
    values: dict[str, Any]


OfLabelled = Callable[[Classifications, NDArray[np.uint8]], Score]
"""A measure of answers to labelled pictures."""

NONE = Score("-", {})
"""Of a candidate that this cannot be measured of."""


@dataclass(frozen=True)
class Row:
    """A measure.

    Attributes:
        group: Which measures it belongs to, such as `mnist_c`.
        name: What it is called in the JSON file.
        what: The same for a reader.
        scores: One for each candidate, in their order.
    """

    group: str
    name: str
    what: str
    scores: Sequence[Score]


@dataclass(frozen=True)
class Scores:
    """The table.

    Attributes:
        candidates: Names of the columns.
        rows: Those of one group together.
        groups: A heading for each group.
    """

    candidates: Sequence[str]
    rows: Sequence[Row]
    groups: dict[str, str]

    def values_of(self, candidate: str, group: str) -> dict[str, dict[str, Any]]:
        """The values of a candidate in the rows of a group, by name; rows without a figure are left out."""
        column = list(self.candidates).index(candidate)
        rows = ((row.name, row.scores[column].values) for row in self.rows if row.group == group)
        return {name: values for name, values in rows if values}

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            candidate: {group: self.values_of(candidate, group) for group in self.groups}
            for candidate in self.candidates
        }

    def __str__(self) -> str:
        """The table as aligned text."""
        cells = [["", *self.candidates], *([row.what, *(score.text for score in row.scores)] for row in self.rows)]
        texts = align(cells)
        lines = [texts[0]]
        for position, (row, text) in enumerate(zip(self.rows, texts[1:], strict=True)):
            if position == 0 or self.rows[position - 1].group != row.group:
                lines += ["", self.groups[row.group]]
            lines.append(text)
        return "\n".join(lines)


def accuracy(answers: Classifications, labels: NDArray[np.uint8]) -> Score:
    """The share of right answers with its 95 % interval. A refusal to answer counts as wrong."""
    count, errors = len(labels), _errors(answers, labels)
    low, high = wilson_interval(count - errors, count)
    share = 1 - errors / count
    values = {"count": count, "errors": errors, "accuracy": share, "interval_95": [low, high]}
    return Score(f"{share:.2%} ({low:.2%} - {high:.2%}), {errors:,} wrong", values)


def error(answers: Classifications, labels: NDArray[np.uint8]) -> Score:
    """The share of wrong answers and refusals."""
    share = _errors(answers, labels) / len(labels)
    return Score(f"{share:.2%}", {"count": len(labels), "error": share})


def _errors(answers: Classifications, labels: NDArray[np.uint8]) -> int:
    return int(((answers.probabilities.argmax(1) != labels) | answers.refused).sum())


def mean_error(errors: Sequence[Score]) -> Score:
    """The mean of errors, each counting alike."""
    mean = float(np.mean([score.values["error"] for score in errors]))
    return Score(f"{mean:.2%}", {"error": mean})


def worst_error(errors: dict[str, Score]) -> Score:
    """The largest of errors, and by which name."""
    name = max(errors, key=lambda name: float(errors[name].values["error"]))
    return Score(f"{errors[name].text} ({name})", {"error": errors[name].values["error"], "name": name})


def calibration(answers: Classifications, labels: NDArray[np.uint8]) -> Score:
    """The expected calibration error of the answers; refusals have no confidence and are left out."""
    answered = ~answers.refused
    if not answered.any():
        return NONE
    ece = expected_calibration_error(answers.probabilities[answered], labels[answered])
    return Score(f"{ece:.4f}", {"count": int(answered.sum()), "ece": ece, "bins": BINS})


def doubted(answers: Classifications) -> Score:
    """The share of pictures that were doubted."""
    if answers.doubt is None:
        return NONE
    share = float((answers.doubt >= DOUBT_THRESHOLD).mean())
    return Score(f"{share:.2%}", {"count": len(answers.doubt), "doubted": share})


def separation(digits: Classifications, negatives: Sequence[Classifications], *, by_confidence: bool) -> Score:
    """Separation of digits from all negatives by doubt, or by 1 - confidence: area under the ROC curve."""
    doubts = [answers.unsureness if by_confidence else answers.doubt for answers in (digits, *negatives)]
    known = [doubt for doubt in doubts if doubt is not None]
    if len(known) < len(doubts):
        return NONE
    area = auroc(known[0], np.concatenate(known[1:]))
    return Score(f"{area:.4f}", {"auroc": area})
