"""Corrections as training data, and those held out of training to evaluate on. Needs no Keras."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv, save_csv
from digitrec.training_rows import held_out_path, is_held_out, negatives_path

EMPTY = Examples(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8))


@dataclass(frozen=True, eq=False)
class Corrections:
    """Corrected drawings, digits and non-digits together.

    Attributes:
        train: To train on; labels 0 to 9.
        train_negatives: To train on; non-digits.
        held_out: To evaluate on; labels 0 to 9. None of these images is trained on.
        held_out_negatives: To evaluate on; non-digits.
    """

    train: Examples
    train_negatives: Examples
    held_out: Examples
    held_out_negatives: Examples

    def save(self, folder: Path) -> tuple[list[str], list[str]]:
        """Write what is trained on as CSV files.

        Args:
            folder: Where; it must exist.

        Returns:
            The files of digits, and those of non-digits: one or none of each.
        """
        files: list[list[str]] = []
        for name, part in (("corrections.csv", self.train), ("corrections-negatives.csv", self.train_negatives)):
            files.append([str(folder / name)] if len(part) else [])
            if len(part):
                save_csv(part, folder / name)
        return files[0], files[1]


def read_corrections(path: Path) -> Corrections:
    """Read corrections as `flask --app flask_app corrections export` writes them.

    Where the files that are held out are missing, as after an export without `--hold-out`, one drawing in five is held
    out, by its pixels.

    Args:
        path: The file of digits; those of non-digits and of what is held out lie beside it.

    Raises:
        DatasetError: No correction to train on, or none to evaluate on; or a file is malformed.
    """
    parts = [
        _read(file, is_negative)
        for start in (path, held_out_path(path))
        for file, is_negative in ((start, False), (negatives_path(start), True))
    ]
    train, train_negatives, held_out, held_out_negatives = parts
    if not held_out_path(path).exists():
        train, held_out = _split(train)
        train_negatives, held_out_negatives = _split(train_negatives)
    if not len(train) + len(train_negatives):
        raise DatasetError(f"{path.name}: no correction to train on; accept some at /review first")
    held_out, held_out_negatives = _without(held_out, train), _without(held_out_negatives, train_negatives)
    if not len(held_out) + len(held_out_negatives):
        raise DatasetError(
            f"{path.name}: no correction is held out, so nothing shows whether training on them helps; one session in"
            " five, or one drawing in five of those without a session, is held out: accept more"
        )
    return Corrections(train, train_negatives, held_out, held_out_negatives)


def _read(path: Path, is_negative: bool) -> Examples:
    """The rows of a file; none where it is missing, or has only a header."""
    if not path.exists():
        return EMPTY
    with path.open("rb") as file:
        file.readline()
        if not file.read(1):
            return EMPTY
    return load_csv(path, negatives=is_negative)


def _split(part: Examples) -> tuple[Examples, Examples]:
    held_out = np.array([is_held_out(image.tobytes()) for image in part.images], bool)
    return part.take(~held_out), part.take(held_out)


def _without(part: Examples, known: Examples) -> Examples:
    """The images that are not among the known ones."""
    seen = {image.tobytes() for image in known.images}
    return part.take(np.array([image.tobytes() not in seen for image in part.images], bool))
