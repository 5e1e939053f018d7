"""Accepted corrections as the trainer's CSV files."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_app.corrections.tables import NO_DIGIT, PIXELS, Correction

HEADER = ",".join(["label", *(f"pixel{number}" for number in range(PIXELS))])
"""Kaggle's layout."""


def write_csv(corrections: Iterable[Correction], path: Path) -> tuple[int, int, Path]:
    """Write corrections with their reviewed labels, digits into one file and what is no digit into another.

    The trainer reads the two apart: `--csv` and `--negatives`. A file that is there already is replaced, whole or not
    at all; the second is written only where there is something for it.

    Args:
        corrections: Accepted ones whose drawings were kept.
        path: File for the digits; the other one lies beside it, as `name-negatives.csv`.

    Returns:
        How many digits and how many others were written, and the path of the second file.

    Raises:
        OSError: A file cannot be written.
    """
    negatives = path.with_name(f"{path.stem}-negatives{path.suffix}")
    rows: tuple[list[str], list[str]] = ([], [])
    for correction in corrections:
        label = correction.reviewed_label
        assert label is not None, "only accepted corrections have a label to train on"
        assert correction.frame is not None, "and only kept drawings can be trained on"
        rows[label == NO_DIGIT].append(",".join([str(label), *map(str, correction.frame)]))
    for file, lines in ((path, rows[0]), (negatives, rows[1])):
        if lines or file == path:
            with _replacing(file) as temporary:
                temporary.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return len(rows[0]), len(rows[1]), negatives


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its name when the block ends without an error."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
