"""Where the dashboard finds things: run directories, uploaded files, the shipped model."""

import os
from pathlib import Path

from digitrec import artifacts
from digitrec.learning.runs import RUNS_DIR


def runs_root() -> Path:
    """The folder of run directories: what `DIGITREC_RUNS_DIR` names, else `runs` below the working directory."""
    return Path(os.environ.get("DIGITREC_RUNS_DIR") or RUNS_DIR)


def uploads_dir() -> Path:
    """The folder of uploaded files: beside the runs that were trained on them, and hidden, so that it is no run."""
    return runs_root() / ".uploads"


def models_dir() -> Path:
    """The folder of the shipped model and its card."""
    return artifacts.models_dir()
