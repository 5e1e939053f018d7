"""MNIST, the training data of a run, its validation split, and the guard against leaks between them."""

import hashlib
import os
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from digitrec.errors import DatasetError
from digitrec.learning.csv_files import load_csv
from digitrec.learning.examples import Examples

MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
}
"""SHA-256 of the pixels (`array.tobytes()`) of LeCun, Cortes and Burges' MNIST database, in its own order."""

MNIST = "MNIST training images"

_SPLIT_STREAM, _LIMIT_STREAM = 1, 2  # each use of the seed draws from a random stream of its own


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a run trains and validates on, and how it came about.

    Attributes:
        train: Examples to train on.
        validation: Examples cut from the same data, in no other use.
        sources: Rows taken from each source, by its name.
        test_images_dropped: Rows dropped because they equal an MNIST test image.
        duplicates_dropped: Rows dropped because the same image came earlier.
    """

    train: Examples
    validation: Examples
    sources: dict[str, int] = field(default_factory=dict)
    test_images_dropped: int = 0
    duplicates_dropped: int = 0


def data_dir() -> Path | None:
    """The folder named by the environment variable DIGITREC_DATA_DIR, if it is set."""
    named = os.environ.get("DIGITREC_DATA_DIR")
    return Path(named) if named else None


def load_mnist() -> tuple[Examples, Examples]:
    """Load MNIST: 60,000 training and 10,000 test images.

    Read from `mnist.npz` in `data_dir()` where that is set, else through `keras.datasets.mnist`, which downloads it
    once. The pixels are checked against `MNIST_SHA256` either way.

    Raises:
        DatasetError: No such file, or other pixels than MNIST's.
    """
    folder = data_dir()
    if folder is None:
        import keras

        source = "the download of keras.datasets.mnist"
        try:
            (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
        except Exception as error:  # Keras raises a bare Exception when the download fails
            raise DatasetError(
                f"MNIST cannot be downloaded ({error}); set DIGITREC_DATA_DIR to a folder with Keras' mnist.npz in it"
            ) from error
    else:
        source = str(folder / "mnist.npz")
        try:
            with open(source, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                x_train, y_train, x_test, y_test = (file[k] for k in ("x_train", "y_train", "x_test", "y_test"))
        except FileNotFoundError:
            raise DatasetError(
                f"DIGITREC_DATA_DIR is {folder}, but there is no mnist.npz in it; unset the variable to download it"
            ) from None
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise DatasetError(
                f"{source} is not MNIST in Keras' layout: {error}; delete it and get it again"
            ) from error
    for name, array in (("x_train", x_train), ("x_test", x_test)):
        if hashlib.sha256(array.tobytes()).hexdigest() != MNIST_SHA256[name]:
            raise DatasetError(f"{name} of {source} holds other pixels than MNIST's; delete it and get it again")
    return Examples(x_train, y_train), Examples(x_test, y_test)


def split_stratified(examples: Examples, fraction: float, seed: int) -> tuple[Examples, Examples]:
    """Cut a validation set out of training data, the same share of each digit.

    Args:
        examples: What to split.
        fraction: Share that goes to validation, above 0 and below 1; at least one image of each digit present.
        seed: The same seed makes the same split of the same data.

    Returns:
        Training and validation examples, with no image in both as long as none is in `examples` twice.

    Raises:
        DatasetError: A digit has too few images to be in both parts.
    """
    rng = np.random.default_rng([seed, _SPLIT_STREAM])
    chosen = np.zeros(len(examples), bool)
    for digit in np.unique(examples.labels):
        rows = np.flatnonzero(examples.labels == digit)
        count = max(1, round(fraction * len(rows)))
        if count >= len(rows):
            raise DatasetError(
                f"digit {digit} has {len(rows)} images: too few to put {fraction:g} of them aside for validation; add"
                " images of it or choose another validation fraction"
            )
        chosen[rng.permutation(rows)[:count]] = True
    return examples.take(~chosen), examples.take(chosen)


def assemble(
    csv_files: Sequence[str | Path] = (),
    *,
    validation_fraction: float,
    seed: int,
    limit: int | None = None,
    validation_csv_files: Sequence[str | Path] = (),
) -> TrainingData:
    """Put together the data of a run: MNIST's training images and the rows of CSV files.

    The leak guard: a row that equals an MNIST test image is dropped, and so is one that repeats an earlier image.
    Both are counted in a warning. Only then is validation split off, so that no image is on both sides.

    Images may be near copies of each other without being equal, such as drawings of one recorded digit. Then give
    those to validate on as `validation_csv_files`: only MNIST is split, and all of `csv_files` is trained on.

    Args:
        csv_files: Files in Kaggle's layout.
        validation_fraction: Share cut off for validation, above 0 and below 1.
        seed: Seed of the split, and of the choice that `limit` makes.
        limit: Keep only so many images, chosen at random, before the split; None for all.
        validation_csv_files: Files in the same layout to validate on, beside what is cut off.

    Raises:
        DatasetError: Unreadable or malformed data.
    """
    mnist, test = load_mnist()
    guard = _LeakGuard(test)
    # Validation files come first: where a row stands in both, it must not be trained on.
    validating = [(str(path), guard.fresh(load_csv(path))) for path in validation_csv_files]
    parts = [(MNIST, guard.fresh(mnist)), *((str(path), guard.fresh(load_csv(path))) for path in csv_files)]
    if guard.leaks or guard.duplicates:
        warnings.warn(
            f"dropped {guard.leaks} rows that are MNIST test images and {guard.duplicates} that repeat another image",
            stacklevel=2,
        )
    source = np.concatenate([np.full(len(part), number) for number, (_, part) in enumerate(parts)])
    together = _joined([part for _, part in parts])
    if limit is not None and limit < len(together):
        kept = np.random.default_rng([seed, _LIMIT_STREAM]).permutation(len(together))[:limit]
        source, together = source[kept], together.take(kept)
    sources: dict[str, int] = {}
    for number, (name, _) in enumerate(parts):
        sources[name] = sources.get(name, 0) + int((source == number).sum())
    if not validating:
        train, validation = split_stratified(together, validation_fraction, seed)
    else:
        train, validation = split_stratified(together.take(source == 0), validation_fraction, seed)
        train = _joined([train, together.take(source > 0)])
        validation = _joined([validation, *(part for _, part in validating)])
        sources |= {f"{name} (validation)": len(part) for name, part in validating}
    return TrainingData(train, validation, sources, guard.leaks, guard.duplicates)


class _LeakGuard:
    """Lets each image through once, and MNIST's test images never."""

    def __init__(self, test: Examples) -> None:
        self.test_images = {image.tobytes() for image in test.images}
        self.seen: set[bytes] = set()
        self.leaks = self.duplicates = 0

    def fresh(self, part: Examples) -> Examples:
        keep = np.zeros(len(part), bool)
        for row, image in enumerate(part.images):
            pixels = image.tobytes()
            if pixels in self.test_images:
                self.leaks += 1
            elif pixels in self.seen:
                self.duplicates += 1
            else:
                keep[row] = True
                self.seen.add(pixels)
        return part.take(keep)


def _joined(parts: list[Examples]) -> Examples:
    return Examples(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))
