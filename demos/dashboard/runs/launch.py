"""Runs as processes of their own: they go on when the page is closed, and when the dashboard is."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import Run

COMMAND = ("-m", "training.train", "--resume")
"""What is run with the run's directory behind it: a run that has but a configuration is begun by it."""

LOG = "train.log"
"""What the process wrote, in the run's directory; a resumed run goes on with it."""

CHATTER = re.compile(r"WARNING: All log messages before absl::|[IW]\d{4} \d\d:\d\d:\d+\.\d+ |E\d{4} .* cuInit:")
"""What TensorFlow says of itself at each start, such as that there is no GPU: in the file, but not shown."""

PATIENCE = 60.0  # seconds until a process that lives must have taken up its run; it takes one or two


class LaunchError(RuntimeError):
    """The process ended before it took up its run; the message says why, in its own last words."""


def start(config: TrainConfig, root: Path) -> Run:
    """Make a run directory and start a process that trains there.

    Returns:
        The run, taken up by its process: its status tells from now on whether that lives.

    Raises:
        ValueError: The name of the run does not belong in a file name.
        LaunchError: The process did not come that far; the run's status is `failed`, and says why.
    """
    run = Run.create(root, config.name, config.to_dict())
    _launch(run)
    return run


def resume(run: Run) -> None:
    """Start a process that goes on with a run.

    Raises:
        LaunchError: It did not; a run that is done or running cannot be resumed, for one.
    """
    _launch(run)


def log_tail(run: Run, lines: int = 40) -> str:
    """The last lines of what the run's process wrote; empty where it wrote none, or to a terminal."""
    try:
        with (run.path / LOG).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 400 * lines))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    # Keras draws a bar by going back to the line's beginning; of such a line only its last state tells something.
    whole = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join([line for line in whole if not CHATTER.match(line)][-lines - 1 :]).strip("\n")


def _launch(run: Run) -> None:
    began = time.time()
    with (run.path / LOG).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *COMMAND, str(run.path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            **_apart(),
        )
    # Somebody must wait for its end, or it stays in the system's table as long as the dashboard lives.
    threading.Thread(target=process.wait, name=f"wait for {run.name}", daemon=True).start()
    deadline = time.monotonic() + PATIENCE
    while run.progress.get("updated", 0) < began:
        if process.poll() is not None or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    else:
        return
    reason = log_tail(run, 1).removeprefix("error: ") or f"it ended with status {process.returncode} and no word"
    if not run.history():  # one that has been trained before keeps its status
        run.set_status("failed", f"its process did not start: {reason}")
    raise LaunchError(f"The process that was to train {run.name} did not start: {reason}")


def _apart() -> dict[str, Any]:
    """How to start a process that Ctrl-C in the dashboard's terminal does not reach, nor the terminal's end."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
