"""MNIST: read from a folder, from Keras' download, or downloaded; its pixels are checked."""

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples

MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
}
"""SHA-256 of the pixels (`array.tobytes()`) of LeCun, Cortes and Burges' MNIST database, in its own order."""

MNIST = "MNIST training images"
"""What runs call them where they list their sources."""


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
