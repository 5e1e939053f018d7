"""A PostgreSQL of one's own, from the installed binaries, for as long as a test needs it."""

import functools
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest

MISSING = "PostgreSQL's server is not installed; on Debian: apt-get install postgresql"


def find(program: str) -> str | None:
    """Where a program of the server's is: on the path, or where Debian hides it."""
    hidden = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    return shutil.which(program) or next((str(path) for path in hidden), None)


class Server:
    """A PostgreSQL in a folder of its own, that listens on a socket in it and nowhere else."""

    def __init__(self) -> None:
        initdb, self._control = find("initdb"), find("pg_ctl")
        if initdb is None or self._control is None:
            if os.environ.get("CI"):
                pytest.fail(MISSING, pytrace=False)
            pytest.skip(MISSING)
        # Below /tmp: the path of a socket may have 107 characters, and pytest's folders are long.
        self.folder = Path(tempfile.mkdtemp(prefix="digitrec-pg-"))
        self._as_user: dict[str, object] = {}
        if os.geteuid() == 0:  # which it refuses to run as
            shutil.chown(self.folder, "nobody")
            self._as_user = {"user": "nobody", "group": "nogroup"}
        self._run(initdb, "--auth=trust", "--username=digitrec", "--no-sync", f"--pgdata={self.folder}/data")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -k {self.folder}"
        self._run(self._control, "start", "-w", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options)

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._run(self._control, "stop", "-m", "immediate", "-D", f"{self.folder}/data")

    def close(self) -> None:
        """Stop it, and clear its folder away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, folder: Path | None = None) -> str:
        """The address of a new, empty database, whose tables may lie in a folder of their own."""
        from sqlalchemy import create_engine, text

        name = "d" + uuid.uuid4().hex
        engine = create_engine(self._address("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            place = ""
            if folder is not None:
                tables = folder / name
                tables.mkdir()
                if self._as_user:
                    shutil.chown(tables, "nobody")
                connection.execute(text(f"CREATE TABLESPACE {name} LOCATION '{tables}'"))
                place = f" TABLESPACE {name}"
            connection.execute(text(f"CREATE DATABASE {name}{place}"))
        engine.dispose()
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql+psycopg://digitrec@/{name}?host={self.folder}"

    def _run(self, *command: object) -> None:
        done = subprocess.run(
            [str(part) for part in command], cwd="/", capture_output=True, text=True, timeout=60, **self._as_user
        )
        assert done.returncode == 0, done.stdout + done.stderr


@functools.cache
def server() -> Server:
    """The one of this test run."""
    return Server()


def shut_down() -> None:
    """Stop the server, if there is one, and clear its folder away."""
    if server.cache_info().currsize:
        server().close()
