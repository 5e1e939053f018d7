"""Evaluation of all candidates on all pictures: the rows of the table of scores."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy import scores
from benchmarks.accuracy.corruptions import CORRUPTIONS, corrupt
from benchmarks.accuracy.pictures import Pictures, drawings, usps
from benchmarks.accuracy.recognizers import Candidate, Classifications
from benchmarks.accuracy.scores import OfLabelled, Row, Score, Scores
from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.strokes.recordings import PenDigit

GROUPS = {
    "digits": "Right answers (95 % interval)",
    "mnist_c": "Wrong answers on MNIST's test images, corrupted as in MNIST-C",
    "calibration": "Expected calibration error",
    "doubted": "Doubted: a doubt of 0.5 or more",
    "auroc": "Separated from all non-digits by doubt: area under the ROC curve",
    "auroc_confidence": "The same by 1 - confidence",
}
CALIBRATED_ON = ("mnist_test", "strokes_usual")
FEW = 20


@dataclass(frozen=True, eq=False)
class Shown:
    """Pictures that all candidates have answered; the pictures themselves are not kept.

    Attributes:
        name: Of their kind.
        what: The same for a reader, and how many they are.
        labels: As `Pictures` has them.
        answers: One of each candidate, in their order.
    """

    name: str
    what: str
    labels: NDArray[np.uint8] | None
    answers: list[Classifications]


def evaluate_candidates(
    candidates: Sequence[Candidate],
    digits: Sequence[PenDigit] = (),
    negatives: Sequence[Pictures] = (),
    *,
    further: Sequence[Pictures] = (),
    quick: bool = False,
) -> Scores:
    """Evaluate candidates on everything.

    Args:
        candidates: What is compared.
        digits: Recorded pen strokes to draw, by writers that no candidate was trained on, without doubtful ones
            where these are excluded. Without any, there are no rows of drawings.
        negatives: Pictures of non-digits, each of one kind; without any, there are no rows of separation.
        further: More pictures: of digits, for a row of right answers, or of non-digits, for a row of doubt alone.
        quick: Take `FEW` pictures of each kind, which shows that it works and nothing else.

    Raises:
        DatasetError: MNIST or USPS cannot be read.
    """
    few = FEW if quick else None
    test = load_mnist()[1].take(slice(few))
    mnist = Pictures("mnist_test", "MNIST test", test.images, test.labels)
    more = [pictures.first(few) for pictures in further]
    labelled = (one for one in more if one.labels is not None)
    seen = _show(chain(_digit_pictures(mnist, digits[:few], few), labelled), candidates)
    rows = [
        *(Row("digits", one.name, one.what, _each(scores.accuracy, one)) for one in seen),
        *_corruption_rows(mnist, candidates),
        *(
            Row("calibration", one.name, one.what, _each(scores.calibration, one))
            for one in seen
            if one.name in CALIBRATED_ON
        ),
        *_doubt_rows(
            seen,
            _show((pictures.first(few) for pictures in negatives), candidates),
            _show((one for one in more if one.labels is None), candidates),
        ),
    ]
    return Scores([candidate.name for candidate in candidates], rows, GROUPS)


def _digit_pictures(mnist: Pictures, digits: Sequence[PenDigit], few: int | None) -> Iterator[Pictures]:
    yield mnist
    if digits:
        yield from drawings(digits)
    scans = usps()
    if scans is not None:
        yield scans.first(few)


def _show(kinds: Iterable[Pictures], candidates: Sequence[Candidate]) -> list[Shown]:
    """Have all candidates answer each kind of pictures, with a sign of life on stderr."""
    shown = []
    for pictures in kinds:
        start = time.perf_counter()
        answers = [candidate.classify(pictures) for candidate in candidates]
        what = f"{pictures.what}, {len(pictures):,}"
        print(f"{what}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        shown.append(Shown(pictures.name, what, pictures.labels, answers))
    return shown


def _each(score: OfLabelled, shown: Shown) -> list[Score]:
    assert shown.labels is not None
    return [score(answers, shown.labels) for answers in shown.answers]


def _corruption_rows(mnist: Pictures, candidates: Sequence[Candidate]) -> list[Row]:
    kinds = (Pictures(name, name.replace("_", " "), corrupt(name, mnist.images), mnist.labels) for name in CORRUPTIONS)
    errors = {one.name: _each(scores.error, one) for one in _show(kinds, candidates)}
    by_candidate = [dict(zip(errors, column, strict=True)) for column in zip(*errors.values(), strict=True)]
    return [
        Row("mnist_c", "mean", "mean of the fifteen", [scores.mean_error(list(one.values())) for one in by_candidate]),
        Row("mnist_c", "worst", "worst of them", [scores.worst_error(one) for one in by_candidate]),
        *(Row("mnist_c", name, name.replace("_", " "), column) for name, column in errors.items()),
    ]


def _doubt_rows(digits: list[Shown], negatives: list[Shown], further: list[Shown]) -> list[Row]:
    rows = [
        Row("doubted", one.name, one.what, [scores.doubted(answers) for answers in one.answers])
        for one in (*digits, *negatives, *further)
    ]
    if not negatives:
        return rows
    for group, by_confidence in (("auroc", False), ("auroc_confidence", True)):
        for one in digits:
            all_negatives = zip(*(kind.answers for kind in negatives), strict=True)
            found = [
                scores.separation(answers, others, by_confidence=by_confidence)
                for answers, others in zip(one.answers, all_negatives, strict=True)
            ]
            rows.append(Row(group, one.name, one.what, found))
    return rows
