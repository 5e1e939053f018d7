"""Accepted corrections as the trainer's CSV files."""

from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from digitrec.files import atomic_path
from digitrec.training_rows import CSV_HEADER, NOT_A_DIGIT, csv_row, negatives_path
from flask_app.corrections.models import Correction


def write_csv(corrections: Iterable[Correction], path: Path) -> tuple[int, int, Path]:
    """Write corrections with their reviewed labels, digits into one file and non-digits into another.

    The trainer reads the two from separate files: `--csv` and `--negatives`. Files that exist are replaced, whole or
    not at all. Without non-digits there is no second file.

    Args:
        corrections: Accepted ones whose drawings were kept.
        path: File for the digits; `negatives_path` says where the other one lies.

    Returns:
        How many digits and how many non-digits were written, and the path of the second file.

    Raises:
        OSError: A file cannot be written.
    """
    others_path = negatives_path(path)
    counts = [0, 0]
    with atomic_path(others_path) as others_file, atomic_path(path) as digits_file:
        # Row by row: there may be more corrections than memory has room for.
        with _new_csv(others_file) as others, _new_csv(digits_file) as digits:
            for correction in corrections:
                label = correction.reviewed_label
                assert label is not None, "only accepted corrections have a label to train on"
                assert correction.frame is not None, "and only kept drawings can be trained on"
                is_other = label == NOT_A_DIGIT
                (others if is_other else digits).write(csv_row(label, correction.frame))
                counts[is_other] += 1
        if not counts[1]:
            others_file.unlink()
            others_path.unlink(missing_ok=True)  # of an earlier export
    return counts[0], counts[1], others_path


def _new_csv(path: Path) -> TextIO:
    """A file that holds the header so far."""
    file = path.open("w", encoding="utf-8", newline="\n")
    file.write(CSV_HEADER)
    return file
