"""The rows of training data in CSV files: Kaggle's layout, and the label of non-digits.

Whatever saves a drawing for training writes such rows, and `digitrec.learning.data.kaggle_csv` reads them.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NOT_A_DIGIT = 10
"""Label of a non-digit, such as a letter or a scribble: training data for `Prediction.doubt`."""

PIXELS = 28 * 28
"""Pixels of a row."""

HELD_OUT_EVERY = 5
"""Of so many groups of corrections, one is held out of training."""

CSV_COLUMNS = ("label", *(f"pixel{number}" for number in range(PIXELS)))
"""Kaggle's names of the columns."""

CSV_HEADER = ",".join(CSV_COLUMNS) + "\n"
"""The first line of a file."""


def is_training_csv(path: Path) -> bool:
    """Whether a file begins with the header of such rows."""
    try:
        with path.open("rb") as file:
            return file.read(len(CSV_HEADER)).decode() == CSV_HEADER
    except (OSError, UnicodeDecodeError):
        return False


def frame_pixels(frames: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Round framed drawings to the pixels of training data.

    Args:
        frames: Any shape, such as the (28, 28) of `Prediction.model_input`; 0 background to 1 full ink.

    Returns:
        The same shape, uint8, 0 background to 255 full ink.
    """
    pixels: NDArray[np.uint8] = np.rint(255 * frames.clip(0, 1)).astype(np.uint8)
    return pixels


def csv_row(label: int, pixels: Iterable[int]) -> str:
    """Write a row.

    Args:
        label: 0 to 9, or `NOT_A_DIGIT`.
        pixels: `PIXELS` values from 0 to 255, row by row from the upper left corner.

    Returns:
        The line, with its line end.
    """
    return ",".join(map(str, [label, *pixels])) + "\n"


def is_held_out(group: bytes) -> bool:
    """Whether drawings are kept out of training, to evaluate on: one group in five.

    It follows from the group alone, so what is held out once is held out of each later training too.

    Args:
        group: What the drawings have in common, such as the name of the session in which one person made them; of a
            drawing on its own, its pixels.
    """
    return hashlib.sha256(group).digest()[0] % HELD_OUT_EVERY == 0


def held_out_path(path: Path) -> Path:
    """The file beside `path` that takes the drawings held out of training."""
    return path.with_name(f"{path.stem}-held-out{path.suffix}")


def negatives_path(path: Path) -> Path:
    """The file beside `path` that takes the non-digits: the trainer reads digits and non-digits from separate files."""
    return path.with_name(f"{path.stem}-negatives{path.suffix}")
