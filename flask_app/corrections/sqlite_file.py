"""The file of a SQLite database: private to its user, and noticed when it is deleted or replaced."""

import contextlib
import os
import shutil
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


class SqliteFile:
    """Where a SQLite database lies, and which file that was when it was last opened."""

    def __init__(self, path: Path) -> None:
        """Look at nothing yet."""
        self.path = path
        self._identity: tuple[int, int] | None = None

    def create(self) -> None:
        """Make the file and its folder, where they are missing, readable by their user alone.

        SQLite gives the files that it makes beside it the same permissions.

        Raises:
            OSError: They cannot be made.
        """
        self.path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))

    def remember(self) -> None:
        """Take the file that is there now for the one that is open."""
        self._identity = self._look()

    def was_replaced(self) -> bool:
        """Whether the file that is open is no longer the one at its path: deleted, moved, or restored from a backup."""
        return self._identity is not None and self._look() != self._identity

    def free_bytes(self) -> int:
        """Bytes that are free on its disk.

        Raises:
            OSError: There is no such disk.
        """
        return shutil.disk_usage(self.path.parent).free

    def _look(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino
