"""Corrections by visitors, saved as training data in Kaggle's CSV layout."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from digitrec.files import atomic_path
from digitrec.training_rows import CSV_HEADER, NOT_A_DIGIT, csv_row, frame_pixels, negatives_path

NO_DIGIT = "no digit"
LABELS = [*map(str, range(10)), NO_DIGIT]
"""What a visitor may say a picture is."""

MAX_BYTES = 100_000_000
"""Size at which a file takes no more rows, some 50,000 of them: on a public page anybody may send them."""

LOCK_TIMEOUT = 10.0
"""Seconds to wait for another writer."""


class CorrectionRefusedError(ValueError):
    """A correction that cannot be saved or undone; the message says why and what to do, and names no folder."""


class Correction(NamedTuple):
    """A saved correction.

    Attributes:
        path: The file that it was appended to.
        row: Its line in that file.
        label: One of `LABELS`.
    """

    path: Path
    row: str
    label: str

    @property
    def message(self) -> str:
        """What the page says of it, in Markdown."""
        what = self.label if self.label == NO_DIGIT else f"{'an' if self.label == '8' else 'a'} {self.label}"
        option = "--negatives" if self.label == NO_DIGIT else "--csv"
        return f"Saved as {what} in `{self.path.name}`, for training with `{option}`."


def save_correction(path: Path | None, frame: NDArray[np.float32] | None, label: str | None) -> Correction:
    """Append what the model saw, with its right label, to a CSV file; several processes may do so at once.

    Args:
        path: The file for digits; non-digits go to `negatives_path`. None where corrections are not kept.
        frame: Shape (28, 28), 0 background to 1 full ink; None where there is no answer yet.
        label: One of `LABELS`; None where none has been chosen.

    Raises:
        CorrectionRefusedError: Nothing to save, or a file that is full, of another layout, or that cannot be written.
    """
    if path is None:
        raise CorrectionRefusedError("Corrections are not kept here.")
    if frame is None:
        raise CorrectionRefusedError("There is no answer to correct yet: draw a digit, or choose a picture.")
    if label is None:
        raise CorrectionRefusedError("Choose first what it is.")
    if label not in LABELS:
        raise CorrectionRefusedError(f"The label is {label!r}; it must be one of {', '.join(LABELS)}.")
    is_digit = label != NO_DIGIT
    target = path if is_digit else negatives_path(path)
    row = csv_row(int(label) if is_digit else NOT_A_DIGIT, frame_pixels(frame).ravel().tolist())
    with _locked(target):
        _append(target, row)
    return Correction(target, row, label)


def undo_correction(correction: Correction) -> None:
    """Remove a correction from its file, whatever was appended after it.

    Raises:
        CorrectionRefusedError: It is no longer there, or the file cannot be written.
    """
    path = correction.path
    with _locked(path):
        content = path.read_bytes() if path.is_file() else b""
        start = content.rfind(b"\n" + correction.row.encode()) + 1
        if not start:
            raise CorrectionRefusedError(f"The correction is no longer in {path.name}.")
        with atomic_path(path) as copy:
            copy.write_bytes(content[:start] + content[start + len(correction.row) :])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file's lock. Errors of the system become sentences that do not name its folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(path.name + ".lock"), timeout=LOCK_TIMEOUT):
            yield
    except Timeout:
        raise CorrectionRefusedError(f"{path.name} is busy; try again in a moment.") from None
    except OSError as error:
        raise CorrectionRefusedError(
            f"{path.name} cannot be written ({error.strerror or 'a system error'}). Nothing was changed; the operator"
            " of this page can name another file."
        ) from error


def _append(path: Path, row: str) -> None:
    """Append a row, under the lock. A last row without its line end was left by a killed process and is removed."""
    with open(path, "a+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size > MAX_BYTES:
            raise CorrectionRefusedError(f"{path.name} is full, with {size:,} bytes; train on it, and move it away.")
        file.seek(0)
        head = file.read(len(CSV_HEADER))
        if size and not CSV_HEADER.encode().startswith(head):
            raise CorrectionRefusedError(f"{path.name} does not hold corrections; name another file.")
        if len(head) < len(CSV_HEADER):
            file.truncate(0)
            row = CSV_HEADER + row
        else:
            file.truncate(_end_of_last_row(file, size))
        file.write(row.encode())


def _end_of_last_row(file: io.BufferedRandom, size: int) -> int:
    """Where the last line end is; a row has at most four bytes a pixel."""
    start = max(0, size - len(CSV_HEADER))
    file.seek(start)
    return start + file.read().rfind(b"\n") + 1
