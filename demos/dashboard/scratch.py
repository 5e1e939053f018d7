"""A folder for what pages need for a while: uploads, previews. It goes when the server ends."""

import atexit
import shutil
import tempfile
from pathlib import Path

import streamlit as st


@st.cache_resource(show_spinner=False)
def scratch() -> Path:
    """The folder, the same for all pages and visitors."""
    folder = Path(tempfile.mkdtemp(prefix="digitrec-dashboard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
