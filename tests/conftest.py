"""What tests share: the data sets on this machine, and the shipped recognizer."""

import os
from pathlib import Path

import pytest

from digitrec import Recognizer


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of MNIST and the other data sets. Without one a test is skipped; where CI is set, it fails."""
    folder = os.environ.get("DIGITREC_DATA_DIR")
    if folder:
        return Path(folder)
    reason = "DIGITREC_DATA_DIR is not set: it names the folder that holds mnist.npz"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    """The shipped model."""
    return Recognizer()
