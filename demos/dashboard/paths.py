"""Where the dashboard finds things: run directories, uploaded files, the shipped model, files that people name."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import streamlit as st

from digitrec import artifacts
from digitrec.learning.runs.run import RUNS_DIR


def runs_root() -> Path:
    """The folder of run directories: what `DIGITREC_RUNS_DIR` names, else `runs` below the working directory."""
    return Path(os.environ.get("DIGITREC_RUNS_DIR") or RUNS_DIR)


def uploads_dir() -> Path:
    """The folder of uploaded files: beside the runs that were trained on them, and hidden, so that it is no run."""
    return runs_root() / ".uploads"


@st.cache_resource(show_spinner=False)
def scratch() -> Path:
    """A folder for previews and uploads, the same for all pages and visitors; removed when the server ends."""
    folder = Path(tempfile.mkdtemp(prefix="digitrec-dashboard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def models_dir() -> Path:
    """The folder of the shipped model and its card."""
    return artifacts.models_dir()


def named(text: str) -> Path:
    """The path that somebody typed, maybe between quotes; `~` is a home where there is such a user."""
    path = Path(text.strip().strip("\"'"))
    try:
        return path.expanduser()
    except RuntimeError:  # nobody of that name
        return path


def version_of(path: Path) -> tuple[int, int]:
    """Time and size of a file, by which caches notice that it is another one; zeros where none can be looked at."""
    try:
        stat = path.stat()
    except (OSError, ValueError):  # a name too long for the system, or with a null byte
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
