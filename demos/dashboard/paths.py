"""The folders that the dashboard reads and writes, and paths typed by the user."""

import atexit
import shutil
import tempfile
from pathlib import Path

import streamlit as st

from digitrec import artifacts
from digitrec.learning.runs.run import runs_dir


def runs_root() -> Path:
    """The folder of run directories, the same as that of the commands."""
    return runs_dir()


def uploads_dir() -> Path:
    """The folder of uploaded files: beside the runs, hidden, so that it is not taken for a run."""
    return runs_root() / ".uploads"


@st.cache_resource(show_spinner=False)
def scratch_dir() -> Path:
    """A temporary folder shared by all pages and sessions; removed when the server ends."""
    folder = Path(tempfile.mkdtemp(prefix="digitrec-dashboard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def models_dir() -> Path:
    """The folder of the shipped model and its card."""
    return artifacts.models_dir()


def shipped_evaluation_dir() -> Path:
    """The folder of evaluations of the shipped model that were made on this machine: beside the runs."""
    return runs_root().parent / "evaluation"


def parse_path(text: str) -> Path:
    """Parse a typed path: quotes around it are dropped, and `~` is expanded if there is such a user."""
    path = Path(text.strip().strip("\"'"))
    try:
        return path.expanduser()
    except RuntimeError:  # no such user
        return path


def file_version(path: Path) -> tuple[int, int]:
    """Modification time and size of a file, as a key for caches; zeros where there is no file."""
    try:
        stat = path.stat()
    except (OSError, ValueError):  # a name too long for the system, or with a null byte
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
