"""The life of a run: a process takes it up, trains it, and leaves a status that says how it ended. Needs no Keras."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import Timeout

from digitrec.errors import DatasetError, DigitrecError
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.stop_request import stop_on_request


class StoppedError(Exception):
    """Raised to end the training of a run before its time. The message is why, for the run's status."""


@contextmanager
def take_up(run: Run, *, lengthened: bool = False) -> Iterator[None]:
    """Train a run within the block, as the only process that does.

    On entry the run is locked, reads as running, and listens for requests to stop. At the end of the block its status
    becomes `done`, `stopped` (the block was interrupted, as by Ctrl-C, or raised StoppedError) or `failed` (any other
    exception, which the status names). Exceptions go on to the caller.

    Args:
        run: The run.
        lengthened: Whether it is to get more epochs than it had, so that it may be done.

    Raises:
        DatasetError: The run is done, or another process trains it.
    """
    if run.status.state == "done" and not lengthened:
        raise DatasetError(f"{run.path} is done; there is nothing to resume. To lengthen it, add --epochs N")
    try:
        held = run.hold().acquire()
    except Timeout:
        raise DatasetError(f"{run.path} is running: another process trains it; there is nothing to resume") from None
    with held, stop_on_request(run):
        run.set_status("running")
        run.write_json("progress.json", {**run.progress, "pid": os.getpid(), "updated": time.time(), "eta": None})
        try:
            yield
        except KeyboardInterrupt:
            run.set_status("stopped", f"by hand, with {_epochs_done(run)} epochs done")
            raise
        except StoppedError as stop:
            run.set_status("stopped", str(stop))
            raise
        except BaseException as error:
            kind = "" if isinstance(error, DigitrecError) else f"{type(error).__name__}: "
            run.set_status("failed", f"{kind}{error}")
            raise
        run.set_status("done")


def _epochs_done(run: Run) -> str:
    planned = run.config.get("epochs")
    return f"{len(run.history())} of {planned}" if planned else str(len(run.history()))
