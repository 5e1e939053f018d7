"""A folder of labelled pictures as training data: scans, photographs and drawings, each of one digit.

Each picture is prepared as one that is served: ink, then the model's own frame.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitrec.errors import DatasetError, DigitrecError
from digitrec.learning.data.examples import Examples
from digitrec.recognizer import Recognizer
from digitrec.training_rows import NOT_A_DIGIT, frame_pixels

NEGATIVE_FOLDERS = (str(NOT_A_DIGIT), "none", "no-digit", "non-digit")
"""Names of the folder of non-digits."""

SHOWN = 3
"""Names that a message shows at most."""

_DIGIT_NAME = re.compile(r"([0-9])(?![0-9])")


@dataclass(frozen=True)
class LabelledPicture:
    """A picture file.

    Attributes:
        path: The file.
        label: What it shows, 0 to 9, or `NOT_A_DIGIT`.
    """

    path: Path
    label: int


def find_pictures(folder: Path) -> list[LabelledPicture]:
    """Find the pictures in a folder, and what each shows.

    The label is the name of the folder that a picture lies in, `0` to `9`, or one of `NEGATIVE_FOLDERS` for non-digits;
    in a folder of any other name it is the digit that the name of the file begins with, as in `7.png` or `7_ann.jpg`.
    Hidden files are passed over.

    Args:
        folder: The folder; the folders in it are searched too.

    Returns:
        The pictures, sorted by path.

    Raises:
        DatasetError: No such folder, no file in it, or files without a label; the message names some.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder")
    found = sorted(folder.rglob("*"))
    files = [path for path in found if path.is_file() and not _is_hidden(path.relative_to(folder))]
    if not files:
        raise DatasetError(f"{folder}: no pictures in it")
    labels = [_label_of(path) for path in files]
    without = [path for path, label in zip(files, labels, strict=True) if label is None]
    if without:
        names = ", ".join(str(path.relative_to(folder)) for path in without[:SHOWN])
        more = f" and {len(without) - SHOWN:,} more" if len(without) > SHOWN else ""
        raise DatasetError(
            f"{folder}: no label for {names}{more}; put each picture into a folder named after its digit, 0 to 9, or"
            " have its name begin with the digit, as in 7_ann.png"
        )
    return [LabelledPicture(path, label) for path, label in zip(files, labels, strict=True) if label is not None]


def frame_pictures(
    pictures: Sequence[LabelledPicture], recognizer: Recognizer
) -> tuple[Examples, list[tuple[LabelledPicture, DigitrecError]]]:
    """Put pictures into MNIST's frame, by the model that is served.

    Args:
        pictures: What to frame.
        recognizer: Any: all models have the same frame.

    Returns:
        Examples of those that could be read, in their order; and the others, each with the reason.
    """
    framed = recognizer.predict_batch((picture.path for picture in pictures), errors="return")
    images, labels, failures = [], [], []
    for picture, result in zip(pictures, framed, strict=True):
        if isinstance(result, DigitrecError):
            failures.append((picture, result))
        else:
            images.append(frame_pixels(result.model_input))
            labels.append(picture.label)
    stacked = np.stack(images) if images else np.zeros((0, 28, 28), np.uint8)
    return Examples(stacked, np.array(labels, np.uint8)), failures


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts) or path.name in (
        "Thumbs.db",
        "desktop.ini",
    )


def _label_of(path: Path) -> int | None:
    if re.fullmatch("[0-9]", path.parent.name):
        return int(path.parent.name)
    if path.parent.name.lower() in NEGATIVE_FOLDERS:
        return NOT_A_DIGIT
    begins = _DIGIT_NAME.match(path.name)
    return int(begins[1]) if begins else None
