"""The data of a run, put together from MNIST and CSV files, past the guard against leaks between its parts."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.data import mnist
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.data.leak_guard import LeakGuard
from digitrec.learning.data.mnist import MNIST, TrainingData, split_stratified, validation_rows

Files = Sequence[str | Path]

_LIMIT_STREAM = 2  # each use of the seed draws from a random stream of its own; the split's is 1


def assemble(
    csv_files: Files = (),
    *,
    validation_fraction: float,
    seed: int,
    limit: int | None = None,
    validation_csv_files: Files = (),
    negatives: Files = (),
    validation_negatives: Files = (),
) -> TrainingData:
    """Put together the data of a run: MNIST's training images, the rows of CSV files, and what is no digit.

    The leak guard: a row that equals an MNIST test image is dropped, and so is one that repeats an earlier image.
    Both are counted in a warning. Only then is validation split off, so that no image is on both sides.

    Images may be near copies of each other without being equal, such as drawings of one recorded digit. Then give
    those to validate on as `validation_csv_files`: only MNIST is split, and all of `csv_files` is trained on. The same
    holds for negatives.

    Args:
        csv_files: Files in Kaggle's layout.
        validation_fraction: Share cut off for validation, above 0 and below 1.
        seed: Seed of the split, and of the choice that `limit` makes.
        limit: Keep only so many digits, and so many negatives, chosen at random, before the split; None for all.
        validation_csv_files: Files in the same layout to validate on, beside what is cut off.
        negatives: Files of what is no digit, in the same layout with the label 10.
        validation_negatives: The same, to validate doubt on; by default a share of `negatives` is cut off.

    Raises:
        DatasetError: Unreadable or malformed data.
    """
    train_images, test = mnist.load_mnist()
    guard = LeakGuard(test)
    rng = np.random.default_rng([seed, _LIMIT_STREAM])
    # Validation files come first: where a row stands in both, it must not be trained on.
    validating = [_read(guard, path) for path in validation_csv_files]
    false_validating = [_read(guard, path, negatives=True) for path in validation_negatives]
    together = _limited(
        _joined([_fresh(guard, MNIST, train_images), *(_read(guard, path) for path in csv_files)]), limit, rng
    )
    false = [_read(guard, path, negatives=True) for path in negatives]
    if guard.leaks or guard.duplicates:
        warnings.warn(
            f"dropped {guard.leaks} rows that are MNIST test images and {guard.duplicates} that repeat another image",
            stacklevel=2,
        )
    splittable = together if not validating else together.only(together.of == MNIST)
    rows = validation_rows(splittable.examples, validation_fraction, seed)
    put_aside = splittable.only(rows)
    train = splittable.only(~rows).examples
    if validating:
        train = _examples([train, together.only(together.of != MNIST).examples])
        put_aside = _joined([put_aside, *validating])
    apart = {"mnist": put_aside.only(put_aside.of == MNIST), "csv": put_aside.only(put_aside.of != MNIST)}
    aside_false = _joined(false_validating).examples if false_validating else None
    if false:
        kept_false = _limited(_joined(false), limit, rng).examples
        if aside_false is None:
            kept_false, aside_false = split_stratified(kept_false, validation_fraction, seed)
        train = _examples([train, kept_false])
    sources = together.counts()
    sources |= {f"{name} (validation)": count for part in validating for name, count in part.counts().items()}
    for what, parts in (("negatives", false), ("negatives, validation", false_validating)):
        sources |= {f"{name} ({what})": count for part in parts for name, count in part.counts().items()}
    return TrainingData(
        train=train,
        validation=put_aside.examples,
        apart={name: part.examples for name, part in apart.items() if len(part.examples)},
        negatives=aside_false,
        sources=sources,
        test_images_dropped=guard.leaks,
        duplicates_dropped=guard.duplicates,
    )


@dataclass(frozen=True, eq=False)
class _Sourced:
    """Examples, and the name of the source of each."""

    examples: Examples
    of: NDArray[np.str_]

    def only(self, rows: NDArray[Any]) -> "_Sourced":
        return _Sourced(self.examples.take(rows), self.of[rows])

    def counts(self) -> dict[str, int]:
        names, first, counts = np.unique(self.of, return_index=True, return_counts=True)
        return {str(names[i]): int(counts[i]) for i in np.argsort(first)}


def _joined(parts: Sequence[_Sourced]) -> _Sourced:
    return _Sourced(_examples([part.examples for part in parts]), np.concatenate([part.of for part in parts]))


def _examples(parts: Sequence[Examples]) -> Examples:
    return Examples(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))


def _limited(part: _Sourced, limit: int | None, rng: np.random.Generator) -> _Sourced:
    if limit is None or limit >= len(part.examples):
        return part
    return part.only(rng.permutation(len(part.examples))[:limit])


def _fresh(guard: LeakGuard, name: str, part: Examples) -> _Sourced:
    keep = np.ones(len(part), bool)
    keep[[dropped.row for dropped in guard.judge(name, part)]] = False
    return _Sourced(part.take(keep), np.full(int(keep.sum()), name))


def _read(guard: LeakGuard, path: str | Path, *, negatives: bool = False) -> _Sourced:
    return _fresh(guard, str(path), load_csv(path, negatives=negatives))
