"""Where the dashboard reads runs and models."""

import os
from pathlib import Path

from digitrec import artifacts
from digitrec.learning.runs import RUNS_DIR


def runs_root() -> Path:
    """The folder of the runs: the environment variable DIGITREC_RUNS_DIR, or the commands' own default."""
    named = os.environ.get("DIGITREC_RUNS_DIR")
    return Path(named) if named else RUNS_DIR


def models_dir() -> Path:
    """The folder of the shipped model."""
    return artifacts.models_dir()
