"""The data of a run: MNIST and CSV files, past the leak guard, split into training and validation."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig
from digitrec.learning.data import mnist
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.flaws import describe_flaws, find_flaws, mean_images
from digitrec.learning.data.leak_guard import LeakGuard
from digitrec.learning.data.mnist import MNIST
from digitrec.learning.data.rows import load_rows
from digitrec.learning.data.split import split_stratified, validation_rows

_LIMIT_STREAM = 2  # each use of the seed draws from a random stream of its own; the split's is 1


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a run trains and validates on, and where it comes from.

    Attributes:
        train: Examples to train on, negatives included.
        validation: Digits to validate on, none of which is trained on.
        validation_by_source: The same digits by their source, `mnist` or `csv`; one part, `digits`, by default.
        negatives: Non-digits to validate on; None where the network is not trained on any.
        sources: Rows taken from each source, by its name.
        test_images_dropped: Rows dropped because they equal an MNIST test image.
        duplicates_dropped: Rows dropped because they repeat an earlier image.
    """

    train: Examples
    validation: Examples
    validation_by_source: dict[str, Examples] = field(default_factory=dict)
    negatives: Examples | None = None
    sources: dict[str, int] = field(default_factory=dict)
    test_images_dropped: int = 0
    duplicates_dropped: int = 0

    def __post_init__(self) -> None:
        """Validate on one part where no sources are named."""
        if not self.validation_by_source:
            object.__setattr__(self, "validation_by_source", {"digits": self.validation})


def load_training_data(config: TrainConfig) -> TrainingData:
    """Load the data that a configuration names: MNIST's training images, rows of CSV files, and negatives.

    Rows that equal an MNIST test image, and rows that repeat an earlier image, are dropped; a warning counts them. Only
    then is validation split off, so that no image is on both sides.

    Images may be near copies of each other without being equal, such as drawings of one recorded digit. Then
    `validation_csv` names the files to validate on: only MNIST is split, and all of `csv` is trained on. The same
    holds for `validation_negatives` and `negatives`. `corrections` are few, and what they show is rare elsewhere: none
    is split off or left out by `limit`, and each is trained on `correction_repeats` times in an epoch.

    Args:
        config: Its settings of data count: files, `validation_fraction`, `limit`, `correction_repeats`, and
            `split_seed` or, without it, `seed`.

    Raises:
        DatasetError: Unreadable or malformed data; or data with a flaw, such as inverted images, which
            `allow_flawed_data` does not allow.
    """
    train_images, test = mnist.load_mnist()
    guard = LeakGuard(test)
    files = _Files(guard, train_images)
    seed = config.seed if config.split_seed is None else config.split_seed
    rng = np.random.default_rng([seed, _LIMIT_STREAM])
    # Validation files come first: where a row stands in both, it must not be trained on.
    validating = [files.read(path) for path in config.validation_csv]
    validating_negatives = [files.read(path, negatives=True) for path in config.validation_negatives]
    corrections = [files.read(path) for path in config.corrections]
    digits = _join([_drop_known(guard, MNIST, train_images), *(files.read(path) for path in config.csv)])
    digits = _limit(digits, config.limit, rng)
    negatives = [files.read(path, negatives=True) for path in config.negatives]
    files.report_flaws(allowed=config.allow_flawed_data)
    if guard.leaks or guard.duplicates:
        warnings.warn(_describe_dropped(guard), stacklevel=2)

    splittable = digits.take(digits.source == MNIST) if validating else digits
    chosen = validation_rows(splittable.examples, config.validation_fraction, seed)
    train, validation = splittable.take(~chosen).examples, splittable.take(chosen)
    if validating:
        train = _concatenate([train, digits.take(digits.source != MNIST).examples])
        validation = _join([validation, *validating])
    train = _concatenate([train, *(part.examples for part in corrections for _ in range(config.correction_repeats))])
    negatives_aside = _join(validating_negatives).examples if validating_negatives else None
    if negatives:
        kept = _limit(_join(negatives), config.limit, rng).examples
        if negatives_aside is None:
            kept, negatives_aside = split_stratified(kept, config.validation_fraction, seed)
        train = _concatenate([train, kept])

    from_mnist = validation.source == MNIST
    by_source = {"mnist": validation.take(from_mnist).examples, "csv": validation.take(~from_mnist).examples}
    return TrainingData(
        train=train,
        validation=validation.examples,
        validation_by_source={name: part for name, part in by_source.items() if len(part)},
        negatives=negatives_aside,
        sources={
            **digits.counts(),
            **_counts(corrections, "corrections"),
            **_counts(validating, "validation"),
            **_counts(negatives, "negatives"),
            **_counts(validating_negatives, "negatives, validation"),
        },
        test_images_dropped=guard.leaks,
        duplicates_dropped=guard.duplicates,
    )


@dataclass(frozen=True, eq=False)
class _Sourced:
    """Examples, and the name of the source of each."""

    examples: Examples
    source: NDArray[np.str_]

    def take(self, rows: NDArray[Any]) -> "_Sourced":
        return _Sourced(self.examples.take(rows), self.source[rows])

    def counts(self) -> dict[str, int]:
        names, first, counts = np.unique(self.source, return_index=True, return_counts=True)
        return {str(names[i]): int(counts[i]) for i in np.argsort(first)}


class _Files:
    """Reads the CSV files of a run past the leak guard, and collects their flaws."""

    def __init__(self, guard: LeakGuard, mnist_train: Examples) -> None:
        self.guard, self.mnist_train = guard, mnist_train
        self.flaws: list[str] = []

    @cached_property
    def _means(self) -> NDArray[np.float64]:
        return mean_images(self.mnist_train)

    def read(self, path: str, *, negatives: bool = False) -> _Sourced:
        examples = load_rows(path, negatives=negatives)
        if flaws := find_flaws(examples, self._means, negatives=negatives):
            self.flaws.append(f"{path}: {describe_flaws(flaws)}")
        return _drop_known(self.guard, path, examples)

    def report_flaws(self, *, allowed: bool) -> None:
        """Warn of the flaws if they are allowed, else refuse the data."""
        if self.flaws and allowed:
            warnings.warn("trained on as it is: " + "\n".join(self.flaws), stacklevel=3)
        elif self.flaws:
            raise DatasetError("\n".join(self.flaws) + "\nMend the data, or use it as it is with --allow-flawed-data")


def _drop_known(guard: LeakGuard, source: str, part: Examples) -> _Sourced:
    keep = np.ones(len(part), bool)
    keep[[dropped.row for dropped in guard.check(source, part)]] = False
    return _Sourced(part.take(keep), np.full(int(keep.sum()), source))


def _describe_dropped(guard: LeakGuard) -> str:
    """What the guard dropped, as a sentence."""
    parts = []
    if guard.leaks:
        one = guard.leaks == 1
        parts.append(
            f"{guard.leaks:,} {'row that is an MNIST test image' if one else 'rows that are MNIST test images'}"
        )
    if guard.duplicates:
        rows = "row that repeats" if guard.duplicates == 1 else "rows that repeat"
        parts.append(f"{guard.duplicates:,} {rows} another image")
    return f"dropped {' and '.join(parts)}"


def _join(parts: Sequence[_Sourced]) -> _Sourced:
    return _Sourced(_concatenate([part.examples for part in parts]), np.concatenate([part.source for part in parts]))


def _concatenate(parts: Sequence[Examples]) -> Examples:
    return Examples(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))


def _limit(part: _Sourced, limit: int | None, rng: np.random.Generator) -> _Sourced:
    if limit is None or limit >= len(part.examples):
        return part
    return part.take(rng.permutation(len(part.examples))[:limit])


def _counts(parts: Sequence[_Sourced], role: str) -> dict[str, int]:
    return {f"{name} ({role})": count for part in parts for name, count in part.counts().items()}
