"""Stopping a run from outside, on every system and at any moment, as Ctrl-C does. Needs no Keras.

A request is a file in the run directory, which the process that trains there looks for. A signal would need a process
number, which may have been given to another process since, and on Windows a console in common.
"""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from digitrec.learning.runs.run import Run

REQUEST = "stop-requested"
INTERVAL = 0.3  # seconds between two looks


def request_stop(run: Run) -> None:
    """Ask the process that trains a run to stop. It forgets requests from before it began."""
    (run.path / REQUEST).touch()


def is_stop_requested(run: Run) -> bool:
    """Whether a request still waits to be noticed."""
    return (run.path / REQUEST).exists()


@contextmanager
def stop_on_request(run: Run) -> Iterator[None]:
    """While the block lasts, let a request do in the main thread what SIGTERM does there; once.

    That needs a handler of SIGTERM in Python, such as one that raises KeyboardInterrupt; without one nothing happens.
    """
    request, over = run.path / REQUEST, threading.Event()

    def watch() -> None:
        while not over.wait(INTERVAL):
            if request.exists():
                request.unlink(missing_ok=True)
                _thread.interrupt_main(signal.SIGTERM)
                return

    request.unlink(missing_ok=True)
    watcher = threading.Thread(target=watch, name="stops-on-request", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        request.unlink(missing_ok=True)
