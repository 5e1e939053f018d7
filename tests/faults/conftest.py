"""Databases to do harm to."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Server


@pytest.fixture(scope="package")
def postgres() -> Iterator[Server]:
    """A PostgreSQL that no other tests use: here it is stopped."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/digitrec.db"
    return request.getfixturevalue("postgres").database()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder that is a disk of 24 MB of its own."""
    folder = Path(tempfile.mkdtemp(prefix="digitrec-disk-"))  # not in pytest's, which are closed to PostgreSQL's user
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        refused = done.stderr.strip() if done.returncode else None
    except FileNotFoundError:
        refused = "there is no mount on this system"
    if refused is not None:
        folder.rmdir()
        pytest.skip(f"a small disk cannot be mounted here: {refused}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_on_small_disk(request, small_disk: Path) -> Iterator[str]:
    """The address of an empty database that has this disk for itself."""
    if request.param == "sqlite":
        yield f"sqlite:///{small_disk}/digitrec.db"
        return
    server = Server()  # its own, which a missing tablespace may spoil
    yield server.database(folder=small_disk)
    server.close()
