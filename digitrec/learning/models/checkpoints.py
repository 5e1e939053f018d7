"""The best network of a run, loaded from its checkpoint."""

from typing import Any
from zipfile import BadZipFile

import keras

from digitrec.errors import DatasetError
from digitrec.learning import layers  # noqa: F401 - registers what a checkpoint may hold
from digitrec.learning.layers.batch_norm import FusedBatchNormalization
from digitrec.learning.runs.run import Run


def load_checkpoint(run: Run) -> Any:
    """A run's best network, as it was trained.

    Raises:
        DatasetError: The run has no checkpoint, or a broken one.
    """
    if not run.checkpoint.exists():
        raise DatasetError(f"{run.path} has no {run.checkpoint.name}: no epoch of it has ended yet")
    try:
        return keras.models.load_model(run.checkpoint, compile=False)
    except (ValueError, TypeError, LookupError, OSError, RuntimeError, BadZipFile) as error:
        # Of a file that is no zip file, Keras says that it is not there.
        raise DatasetError(f"{run.checkpoint} is no network that Keras can read; train the run anew") from error


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
