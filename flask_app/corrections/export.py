"""Export accepted corrections to CSV files for the trainer."""

from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from digitrec.files import atomic_path
from digitrec.training_rows import CSV_HEADER, NOT_A_DIGIT, csv_row, is_held_out, negatives_path
from flask_app.corrections.models import Correction


def write_csv(corrections: Iterable[Correction], path: Path) -> tuple[int, int, Path]:
    """Write corrections with their reviewed labels, digits to one file and non-digits to another.

    The trainer reads them from separate files, by `--csv` and `--negatives`. Existing files are replaced, whole or not
    at all. The second file exists only if there are non-digits.

    Args:
        corrections: Accepted corrections whose drawings were kept.
        path: File for the digits; `negatives_path` names the other.

    Returns:
        The number of digits, the number of non-digits, and the path of the second file.

    Raises:
        OSError: A file cannot be written.
    """
    second_path = negatives_path(path)
    counts = [0, 0]
    with atomic_path(second_path) as negatives_file, atomic_path(path) as digits_file:
        # Row by row, because all corrections may not fit in memory.
        with _create_csv(negatives_file) as negatives, _create_csv(digits_file) as digits:
            for correction in corrections:
                label = correction.reviewed_label
                assert label is not None, "only accepted corrections have a reviewed label"
                assert correction.frame is not None, "only kept drawings have a frame"
                is_negative = label == NOT_A_DIGIT
                (negatives if is_negative else digits).write(csv_row(label, correction.frame))
                counts[is_negative] += 1
        if not counts[1]:
            negatives_file.unlink()
            second_path.unlink(missing_ok=True)  # of an earlier export
    return counts[0], counts[1], second_path


def is_kept_out(correction: Correction) -> bool:
    """Whether a correction is held out of training; those of one session all are, or none is."""
    return is_held_out(correction.session.encode() if correction.session else correction.frame or b"")


def _create_csv(path: Path) -> TextIO:
    """Open a new file, with the header written."""
    file = path.open("w", encoding="utf-8", newline="\n")
    file.write(CSV_HEADER)
    return file
