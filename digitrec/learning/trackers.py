"""Trackers of experiments that a run can be logged to beside its directory: TensorBoard, MLflow, trackio.

Each by the callback that its makers, or Keras, ship; importing this module imports none of them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

from digitrec.errors import DigitrecError
from digitrec.learning.runs.run import Run

TRACKERS = ("tensorboard", "mlflow", "trackio")
PROJECT = "digitrec"
"""Name of the experiment or project that runs are logged to."""


class TrackerError(DigitrecError):
    """A tracker that is not installed, or that cannot be reached."""


def check_trackers(names: Sequence[str]) -> None:
    """Refuse trackers that are not installed.

    Raises:
        TrackerError: It names the extra that is missing.
    """
    for name in names:
        _imported(name)


@contextmanager
def log_to(names: Sequence[str], run: Run) -> Iterator[list[Any]]:
    """Log a run to trackers within the block. Yields the callbacks to train with.

    TensorBoard's files are in `tensorboard/` in the run's directory. Where MLflow and trackio keep theirs is decided by
    their own settings, such as `MLFLOW_TRACKING_URI`.

    Args:
        names: Some of `TRACKERS`, once each.
        run: The run.

    Raises:
        TrackerError: A tracker is not installed, or refuses to begin a run.
    """
    with ExitStack() as stack:
        callbacks = []
        for name in names:
            module = _imported(name)
            try:
                callbacks.append(_BEGIN[name](module, run, stack))
            except Exception as error:  # whatever a server, a database or a disk may say
                raise TrackerError(f"{name} cannot begin a run: {error}") from error
        yield callbacks


def _imported(name: str) -> Any:
    # They report their use otherwise.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    try:
        return import_module(name)
    except ImportError as error:
        raise TrackerError(f"{name} is not installed; install it with: pip install 'digitrec[{name}]'") from error


def _begin_tensorboard(_module: Any, run: Run, _stack: ExitStack) -> Any:
    import keras

    return keras.callbacks.TensorBoard(str(run.path / "tensorboard"))


def _begin_mlflow(mlflow: Any, run: Run, stack: ExitStack) -> Any:
    mlflow.set_experiment(PROJECT)
    stack.enter_context(mlflow.start_run(run_name=run.name))
    mlflow.log_params({name: value for name, value in run.config.items() if name != "name"})
    return import_module("mlflow.keras").MlflowCallback()


def _begin_trackio(trackio: Any, run: Run, stack: ExitStack) -> Any:
    import keras

    trackio.init(project=PROJECT, name=run.name, config=run.config, resume="allow", embed=False)
    stack.callback(trackio.finish)
    return keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: trackio.log({name: float(value) for name, value in logs.items()}, step=epoch)
    )


_BEGIN = {"tensorboard": _begin_tensorboard, "mlflow": _begin_mlflow, "trackio": _begin_trackio}
