"""MNIST, the training data of a run, and its validation split."""

import hashlib
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.training_rows import NOT_A_DIGIT

MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
}
"""SHA-256 of the pixels (`array.tobytes()`) of LeCun, Cortes and Burges' MNIST database, in its own order."""

MNIST = "MNIST training images"


_SPLIT_STREAM = 1  # each use of the seed draws from a random stream of its own


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a run trains and validates on, and how it came about.

    Attributes:
        train: Examples to train on, those of what is no digit included.
        validation: Digits put aside, in no other use.
        apart: The same by where they come from, `mnist` or `csv`; by default in one part.
        negatives: What is no digit, put aside to validate on; None where none is trained on.
        sources: Rows taken from each source, by its name.
        test_images_dropped: Rows dropped because they equal an MNIST test image.
        duplicates_dropped: Rows dropped because the same image came earlier.
    """

    train: Examples
    validation: Examples
    apart: dict[str, Examples] = field(default_factory=dict)
    negatives: Examples | None = None
    sources: dict[str, int] = field(default_factory=dict)
    test_images_dropped: int = 0
    duplicates_dropped: int = 0

    def __post_init__(self) -> None:
        """Know no parts where none were named."""
        if not self.apart:
            object.__setattr__(self, "apart", {"digits": self.validation})


def data_dir() -> Path | None:
    """The folder named by the environment variable DIGITREC_DATA_DIR, if it is set."""
    named = os.environ.get("DIGITREC_DATA_DIR")
    return Path(named) if named else None


def _downloaded() -> Path | None:
    """Where Keras keeps what it downloads, if MNIST is there: reading it there needs no Keras."""
    folder = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"
    return folder if (folder / "mnist.npz").is_file() else None


def mnist_is_here() -> bool:
    """Whether `load_mnist` can read MNIST from this machine, without Keras and without a download."""
    return data_dir() is not None or _downloaded() is not None


def load_mnist() -> tuple[Examples, Examples]:
    """Load MNIST: 60,000 training and 10,000 test images.

    Read from `mnist.npz` in `data_dir()` where that is set, else from where Keras keeps its download, and only if it
    is not there through `keras.datasets.mnist`, which downloads it. The pixels are checked against `MNIST_SHA256`.

    Raises:
        DatasetError: No such file, or other pixels than MNIST's.
    """
    folder = data_dir() or _downloaded()
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
    """Cut a validation set out of training data, the same share of each label.

    Args:
        examples: What to split.
        fraction: Share that goes to validation, above 0 and below 1; at least one image of each label present.
        seed: The same seed makes the same split of the same data.

    Returns:
        Training and validation examples, with no image in both as long as none is in `examples` twice.

    Raises:
        DatasetError: A label has too few images to be in both parts.
    """
    chosen = validation_rows(examples, fraction, seed)
    return examples.take(~chosen), examples.take(chosen)


def validation_rows(examples: Examples, fraction: float, seed: int) -> NDArray[np.bool_]:
    """Which examples `split_stratified` puts aside, shape (n,).

    Raises:
        DatasetError: A label has too few images to be in both parts.
    """
    rng = np.random.default_rng([seed, _SPLIT_STREAM])
    chosen = np.zeros(len(examples), bool)
    for label in np.unique(examples.labels):
        rows = np.flatnonzero(examples.labels == label)
        count = max(1, round(fraction * len(rows)))
        if count >= len(rows):
            what = f"digit {label}" if label != NOT_A_DIGIT else "what is no digit"
            raise DatasetError(
                f"{what} has {len(rows)} images: too few to put {fraction:g} of them aside for validation; add"
                " images of it or choose another validation fraction"
            )
        chosen[rng.permutation(rows)[:count]] = True
    return chosen
