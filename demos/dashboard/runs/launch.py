"""Training processes: they go on when the page is closed and when the dashboard stops."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import Run

COMMAND = ("-m", "training.train", "--resume")
"""The command, without the run's directory; it also starts a run that has only a configuration."""

LOG = "train.log"
"""File in the run's directory with the output of its process; a resumed run appends to it."""

NOISE = re.compile(r"WARNING: All log messages before absl::|[IW]\d{4} \d\d:\d\d:\d+\.\d+ |E\d{4} .* cuInit:")
"""Messages that TensorFlow writes at each start, such as that there is no GPU: in the file, but not shown."""

START_TIMEOUT = 60.0  # seconds for a process to take up its run; usually it takes one or two


class LaunchError(RuntimeError):
    """The process ended before it took up its run; the message is its last output."""


def start(config: TrainConfig, root: Path) -> Run:
    """Create a run directory and start a process that trains in it.

    Returns:
        The run, after its process has taken it up: from now on its status says whether that process lives.

    Raises:
        ValueError: The name of the run does not belong in a file name.
        LaunchError: The process ended before that; the run's status is `failed` and says why.
    """
    run = Run.create(root, config.name, config.to_dict())
    _launch(run)
    return run


def resume(run: Run) -> None:
    """Start a process that resumes a run.

    Raises:
        LaunchError: The run cannot be resumed, for example because it is done or running.
    """
    _launch(run)


def log_tail(run: Run, lines: int = 40) -> str:
    """Read the last lines of a run's log; empty if its process wrote none, or to a terminal."""
    return read_tail(run.path / LOG, lines)


def read_tail(log: Path, lines: int) -> str:
    """Read the last lines of what a process has written; empty if there is no such file."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 400 * lines))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    # Keras redraws its progress bar after a carriage return; only the last state of such a line matters.
    whole = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join([line for line in whole if not NOISE.match(line)][-lines - 1 :]).strip("\n")


def _launch(run: Run) -> None:
    began = time.time()
    process = start_process([*COMMAND, str(run.path)], run.path / LOG)
    deadline = time.monotonic() + START_TIMEOUT
    while run.progress.get("updated", 0) < began:
        if process.poll() is not None or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    else:
        return
    reason = log_tail(run, 1).removeprefix("error: ") or f"it ended with status {process.returncode} and no message"
    if not run.history():  # a run that was trained before keeps its status
        run.set_status("failed", f"its process did not start: {reason}")
    raise LaunchError(f"The process that was to train {run.name} did not start: {reason}")


def start_process(arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process that outlives the dashboard.

    Args:
        arguments: Those of Python.
        log: The file that its output is added to.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            **_detached(),
        )
    # Unless its end is waited for, it stays a zombie for as long as the dashboard lives.
    threading.Thread(target=process.wait, name=f"wait for {process.pid}", daemon=True).start()
    return process


def _detached() -> dict[str, Any]:
    """Options for a process that neither Ctrl-C in the dashboard's terminal nor its end reaches."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
