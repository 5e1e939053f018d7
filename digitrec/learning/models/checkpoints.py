"""The best network of a run, loaded from its checkpoint."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import h5py
import keras

from digitrec.errors import DatasetError
from digitrec.learning import layers  # noqa: F401 - registers what a checkpoint may hold
from digitrec.learning.layers.batch_norm import FusedBatchNormalization
from digitrec.learning.runs.archive_size import check_unpacked_size
from digitrec.learning.runs.run import Run, open_run

MAX_BYTES = 500_000_000
"""Bytes that a .keras file may unpack to. The shipped network's takes some 10 million."""

WEIGHTS = "model.weights.h5"
"""Keras' name of the weights in its file."""


def load_checkpoint(run: Run) -> Any:
    """A run's best network, as it was trained.

    Raises:
        DatasetError: The run has no checkpoint, or a broken one.
    """
    if not run.checkpoint.exists():
        raise DatasetError(f"{run.path} has no {run.checkpoint.name}: no epoch of it has ended yet")
    return _load(run.checkpoint, "train the run again")


def find_start_model(path: str) -> Path:
    """The file whose weights training starts from.

    Args:
        path: A run, whose best network it is, or a .keras file.

    Raises:
        DatasetError: Neither is there.
    """
    if path.endswith(".keras"):
        file = Path(path)
        if not file.is_file():
            raise DatasetError(f"start_from is {path}, which is no file; name a run or a .keras model")
        return file
    run = open_run(path)
    if not run.checkpoint.exists():
        raise DatasetError(f"{run.path} cannot be started from: it has no {run.checkpoint.name} yet")
    return run.checkpoint


def set_start_weights(cnn: Any, path: str) -> None:
    """Give a network the weights of another one of the same shape.

    Args:
        cnn: A network as it was built.
        path: What `find_start_model` takes; of an exported recognizer its network counts.

    Raises:
        DatasetError: No such model, or one of another shape.
    """
    file = find_start_model(path)
    model = _load(file, "name another model")
    inner = next((layer for layer in model.layers if layer.name == cnn.name), model)
    weights = inner.get_weights()
    if [weight.shape for weight in weights] != [weight.shape for weight in cnn.get_weights()]:
        raise DatasetError(
            f"{file} is a network of another shape than the one to be trained; set architecture, width and depth to"
            " what it was trained with"
        )
    cnn.set_weights(weights)


def _load(file: Path, remedy: str) -> Any:
    try:
        _check_size(file)
        return keras.models.load_model(file, compile=False)
    except DatasetError:
        raise
    except (ValueError, TypeError, LookupError, OSError, RuntimeError, MemoryError, BadZipFile) as error:
        # Of a file that is no zip file, Keras says that it is not there.
        raise DatasetError(f"{file} is no network that Keras can read; {remedy}") from error


def _check_size(file: Path) -> None:
    """Refuse a file that unpacks, or whose weights unpack once more, to more than `MAX_BYTES`.

    Raises:
        DatasetError: It does.
        OSError: It has no weights, or they cannot be read.
        BadZipFile: It is not a zip file.
    """
    check_unpacked_size(file, MAX_BYTES)
    sizes = []
    with ZipFile(file) as archive, archive.open(WEIGHTS) as member, h5py.File(member, "r") as weights:
        weights.visititems(lambda _, item: sizes.append(item.nbytes) if isinstance(item, h5py.Dataset) else None)
    if sum(sizes) > MAX_BYTES:
        raise DatasetError(f"the weights of {file} unpack to {sum(sizes):,} bytes; at most {MAX_BYTES:,} are read")


def load_cnn(run: Run) -> Any:
    """A run's best network, in float32 whatever it was trained in, and of Keras' own layers alone.

    Raises:
        DatasetError: The run has no checkpoint, or a broken one.
    """
    return in_float32(load_checkpoint(run))


def in_float32(trained: Any) -> Any:
    """A copy of a network that computes in float32, whatever it was trained in, with Keras' own batch normalization."""

    def plain(layer: Any) -> Any:
        kind = keras.layers.BatchNormalization if isinstance(layer, FusedBatchNormalization) else type(layer)
        return kind.from_config({**layer.get_config(), "dtype": "float32"})

    network = keras.models.clone_model(trained, clone_function=plain)
    network.set_weights(trained.get_weights())
    return network
