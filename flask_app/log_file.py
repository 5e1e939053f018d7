"""The log file: rotated, private to its user, and no reason to fail or to repeat itself when its disk is full."""

import os
import sys
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


class LogFile(RotatingFileHandler):
    """A rotating log file. A line that cannot be written is lost; that lines are lost is said once, on the console."""

    def __init__(self, path: Path, max_bytes: int, files: int) -> None:
        """Open the file, and make its folder if it is missing.

        Args:
            path: The file.
            max_bytes: Size at which it is rotated.
            files: Rotated files to keep.

        Raises:
            OSError: It cannot be opened.
        """
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self._is_failing = False
        super().__init__(path, maxBytes=max_bytes, backupCount=files, encoding="utf-8")

    def _open(self) -> Any:
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=_open_private)

    def emit(self, record: LogRecord) -> None:
        """Write a line."""
        self._failed = False
        super().emit(record)
        self._is_failing = self._failed

    def handleError(self, record: LogRecord) -> None:  # noqa: N802  logging's own name
        """Say on the console that lines are being lost; logging itself prints a traceback for each of them."""
        self._failed = True
        if not self._is_failing:
            error = sys.exc_info()[1]
            reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
            print(f"the log file cannot be written ({reason}); lines are lost until it can", file=sys.stderr)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)
