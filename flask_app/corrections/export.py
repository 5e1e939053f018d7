"""Accepted corrections as the trainer's CSV files."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from flask_app.corrections.models import NO_DIGIT, PIXELS, Correction

HEADER = ",".join(["label", *(f"pixel{number}" for number in range(PIXELS))])
"""Kaggle's layout."""


def write_csv(corrections: Iterable[Correction], path: Path) -> tuple[int, int, Path]:
    """Write corrections with their reviewed labels, digits into one file and what is no digit into another.

    The trainer reads the two apart: `--csv` and `--negatives`. A file that is there already is replaced, whole or not
    at all; the second is there only where there is something in it.

    Args:
        corrections: Accepted ones whose drawings were kept.
        path: File for the digits; the other one lies beside it, as `name-negatives.csv`.

    Returns:
        How many digits and how many others were written, and the path of the second file.

    Raises:
        OSError: A file cannot be written.
    """
    negatives = path.with_name(f"{path.stem}-negatives{path.suffix}")
    counts = [0, 0]
    # Row by row: there may be more corrections than memory has room for.
    with _replacing(negatives, lambda: counts[1] > 0) as others, _replacing(path, lambda: True) as digits:
        for correction in corrections:
            label = correction.reviewed_label
            assert label is not None, "only accepted corrections have a label to train on"
            assert correction.frame is not None, "and only kept drawings can be trained on"
            is_other = label == NO_DIGIT
            (others if is_other else digits).write(",".join([str(label), *map(str, correction.frame)]) + "\n")
            counts[is_other] += 1
    return counts[0], counts[1], negatives


@contextmanager
def _replacing(path: Path, wanted: Callable[[], bool]) -> Iterator[TextIO]:
    """A file with the header, beside `path`, that takes its name if the block ends without an error and it is wanted.

    An older file of that name goes where the new one is not wanted.
    """
    handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    temporary = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(HEADER + "\n")
            yield file
        if wanted():
            os.replace(temporary, path)
        else:
            path.unlink(missing_ok=True)
    finally:
        temporary.unlink(missing_ok=True)
