"""Imports Keras for a command: without TensorFlow's start-up lines, and with one line where that fails."""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from digitrec.errors import DigitrecError

BACKENDS = ("tensorflow", "jax", "torch")
"""Keras' backends that can train."""

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


class BackendError(DigitrecError):
    """Keras cannot be imported with the backend that was chosen."""


def import_keras() -> None:
    """Import Keras and its backend.

    TensorFlow writes notes on processor and graphics card to stderr, past its own log level, and "CUDA error" where
    there is just no such card. None of it is for the user of a command, so it is thrown away, unless `LOG_LEVEL` is
    set: then all is as that says.

    Raises:
        BackendError: `KERAS_BACKEND` names none that can train, or one that is not installed or cannot be imported.
    """
    backend = os.environ.get("KERAS_BACKEND") or None
    if backend is not None and backend not in BACKENDS:
        raise BackendError(f"KERAS_BACKEND is {backend[:40]!r}; those that train are {', '.join(BACKENDS)}")
    if backend is not None and find_spec(backend) is None:
        raise BackendError(
            f"KERAS_BACKEND is {backend!r}, and the package {backend} is not installed; install it, or unset the"
            " variable for TensorFlow"
        )
    if "keras" in sys.modules:
        return
    try:
        if LOG_LEVEL in os.environ:
            importlib.import_module("keras")
            return
        os.environ[LOG_LEVEL] = "3"  # fatal errors only: what fails otherwise is raised as an exception as well
        with _stderr_thrown_away():
            importlib.import_module("keras")
    except ModuleNotFoundError as error:
        if (error.name or "") == "keras":
            raise  # the whole extra is missing
        raise BackendError(
            f"Keras cannot be imported: its backend needs the package {error.name}, which is not installed; install"
            " it, or choose another one by KERAS_BACKEND"
        ) from error
    except (ImportError, OSError, ValueError) as error:  # a package that is broken; a backend in keras.json
        raise BackendError(f"Keras cannot be imported: {error}") from error


@contextmanager
def _stderr_thrown_away() -> Iterator[None]:
    """Throw away what is written to the process' stderr, by C++ too; an exception brings it back."""
    sys.stderr.flush()
    before = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except Exception:
            kept.seek(0)
            os.write(before, kept.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
