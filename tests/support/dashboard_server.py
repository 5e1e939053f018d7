"""The training dashboard, in a process of its own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.servers import ROOT, free_port, serve

IDLE = "[data-test-script-state=notRunning]"
"""Selects a page of the dashboard whose script has run: what is clicked before may be drawn once more."""


@contextmanager
def dashboard(folder: Path, port: int | None = None) -> Iterator[str]:
    """Serve the dashboard until the block ends; its runs are in `folder / "runs"`. Yields its address."""
    port = port or free_port()
    # No other flags: what keeps it on this machine, and to itself, are its own settings.
    command = [sys.executable, "-m", "streamlit", "run", "demos/streamlit_app.py"]
    options = ["--server.port", str(port), "--server.fileWatcherType", "none"]
    data = {k: v for k, v in os.environ.items() if k == "DIGITREC_DATA_DIR"}
    environ = data | {"DIGITREC_RUNS_DIR": str(folder / "runs"), "PYTHONPATH": str(ROOT)}
    url, log = f"http://127.0.0.1:{port}", folder / "console.txt"
    with serve([*command, *options], url, log, environ, ready="/_stcore/health"):
        yield url
