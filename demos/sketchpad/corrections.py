"""Wrong answers that visitors put right, saved as training data in Kaggle's CSV layout."""

import io
import os
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from digitrec.training_rows import CSV_HEADER, NOT_A_DIGIT, csv_row, frame_pixels, negatives_path

NO_DIGIT = "no digit"
LABELS = [*map(str, range(10)), NO_DIGIT]
"""What a picture can turn out to be."""

MAX_BYTES = 100_000_000
"""Size at which a file takes no more rows, some 50,000 of them: on a public page anybody may send them."""

PATIENCE = 10.0
"""Seconds to wait for another writer."""


class CorrectionRefusedError(ValueError):
    """A correction that cannot be saved; the message says why and what to do."""


def save_correction(path: Path, frame: NDArray[np.float32], label: str) -> Path:
    """Append what the model saw, with its right label, to a CSV file; processes may do so at the same time.

    Args:
        path: The file for digits. What is no digit goes to its neighbour, see `negatives_path`.
        frame: Shape (28, 28), 0 background to 1 full ink.
        label: One of `LABELS`.

    Returns:
        The file that was written to.

    Raises:
        CorrectionRefusedError: An unknown label, a file that is full, of another layout, or that cannot be written.
    """
    if label not in LABELS:
        raise CorrectionRefusedError(f"The label is {label!r}; it must be one of {', '.join(LABELS)}.")
    is_digit = label != NO_DIGIT
    target = path if is_digit else negatives_path(path)
    row = csv_row(int(label) if is_digit else NOT_A_DIGIT, frame_pixels(frame).ravel().tolist())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock"), timeout=PATIENCE):
            _append(target, row)
    except Timeout:
        raise CorrectionRefusedError(f"{target} is busy; try again in a moment.") from None
    except OSError as error:
        raise CorrectionRefusedError(
            f"{target} cannot be written ({error.strerror or error}); whoever runs this page can name another file."
        ) from error
    return target


def put_right(path: Path | None, frame: NDArray[np.float32] | None, label: str | None) -> str:
    """Save a correction; see `save_correction`.

    Args:
        path: The file; None where corrections are not kept.
        frame: What the model saw; None where there is no answer yet.
        label: What it really is; None where nobody has said so yet.

    Returns:
        Where it was saved, and how to train on it, in Markdown.

    Raises:
        CorrectionRefusedError: Not saved; the message says why and what to do.
    """
    if path is None:
        raise CorrectionRefusedError("Corrections are not kept here.")
    if frame is None:
        raise CorrectionRefusedError("There is no answer to put right yet: draw a digit, or choose a picture.")
    if label is None:
        raise CorrectionRefusedError("Choose first what it is.")
    target = save_correction(path, frame, label)
    option = "--csv" if target == path else "--negatives"
    what = label if label == NO_DIGIT else f"{'an' if label == '8' else 'a'} {label}"
    return f"Saved as {what} in `{target}`. To train on it: `python -m training.train {option} {target}`"


def _append(path: Path, row: str) -> None:
    """Append a row, under the lock. A last row without its line end is what a killed process left: it goes."""
    with open(path, "a+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size > MAX_BYTES:
            raise CorrectionRefusedError(f"{path} is full, with {size:,} bytes; train on it, and move it away.")
        file.seek(0)
        head = file.read(len(CSV_HEADER))
        if size and not CSV_HEADER.encode().startswith(head):
            raise CorrectionRefusedError(f"{path} holds something else than corrections; name another file.")
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
