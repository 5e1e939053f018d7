"""The layouts of labelled images in CSV files, detected from the first row."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from digitrec.errors import DatasetError
from digitrec.training_rows import CSV_COLUMNS, PIXELS

LABEL_NAMES = ("label", "class")
SIDE = 28

_PIXEL_NAMES: tuple[Callable[[int], str], ...] = (
    lambda number: f"pixel{number}",  # Kaggle's Digit Recognizer
    lambda number: f"pixel{number + 1}",  # OpenML
    lambda number: f"{number // SIDE + 1}x{number % SIDE + 1}",  # Kaggle's MNIST in CSV
    lambda number: str(number),  # pandas, where the columns had no names
    lambda number: str(number + 1),
)
EXPECTED = "label,pixel0,...,pixel783"


@dataclass(frozen=True)
class Layout:
    """The columns of the label and the pixels.

    Attributes:
        names: Of the columns, for messages.
        header_rows: 1 where the first row holds names, 0 where it is an image.
        label_column: Position of the label, from 0; the other columns are the pixels, in their order.
    """

    names: tuple[str, ...]
    header_rows: int
    label_column: int


def detect_layout(path: Path, first_row: tuple[str, ...]) -> Layout:
    """Detect the layout of a file from its first row.

    The label stands in the first column, or, where the header says so, in the last. The pixels go row by row from
    the upper left corner of the image. A file without a header has the label first.

    Args:
        path: The file, for messages.
        first_row: Its cells.

    Raises:
        DatasetError: A layout that cannot be read; the message says what is wrong, and what to do.
    """
    names = tuple(name.lower() for name in first_row)
    if all(_is_number(cell) for cell in first_row) and names not in _numbered():
        if len(first_row) == 1 + PIXELS:
            return Layout(CSV_COLUMNS, 0, 0)
        if len(first_row) == PIXELS:
            raise DatasetError(_no_label(path))
        raise DatasetError(
            f"{path}, row 1: {len(first_row)} numbers and no header; an image has {1 + PIXELS}, its label first"
        )
    for column in (0, PIXELS):
        pixels = names[:column] + names[column + 1 :]
        if len(names) == 1 + PIXELS and names[column] in LABEL_NAMES and _are_pixels(pixels):
            return Layout(first_row, 1, column)
    if _are_pixels(names):
        raise DatasetError(_no_label(path))
    raise DatasetError(f"{path}, row 1: {_difference(first_row, names)}; expected {EXPECTED}")


def _numbered() -> set[tuple[str, ...]]:
    """Headers that are numbers, and no image."""
    return {tuple(name(number) for number in range(PIXELS)) for name in _PIXEL_NAMES[-2:]}


def _are_pixels(names: tuple[str, ...]) -> bool:
    return any(names == tuple(name(number) for number in range(PIXELS)) for name in _PIXEL_NAMES)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", cell.lower()) is not None


def _no_label(path: Path) -> str:
    return (
        f"{path}, row 1: there is no label: {PIXELS} columns of pixels alone, as in Kaggle's test.csv; training needs a"
        " column `label` before them. To have the digits recognized: digitrec predict"
        f" {path} --submission submission.csv"
    )


def _difference(header: tuple[str, ...], names: tuple[str, ...]) -> str:
    """Where a header first differs from what is expected."""
    if names[0] in ("", "unnamed: 0", "index") and len(names) == 2 + PIXELS:
        return "the first column numbers the rows, as pandas writes it by itself; write the file with index=False"
    if names[0] not in LABEL_NAMES:
        return f"column 1 of the header is {header[0][:40]!r}, not 'label'"
    styles = [name for name in _PIXEL_NAMES if len(names) > 1 and names[1] == name(0)]
    style = styles[0] if styles else _PIXEL_NAMES[0]
    for number, found in enumerate(names[1 : 1 + PIXELS]):
        if found != style(number):
            return f"column {number + 2} of the header is {header[number + 1][:40]!r}, not {style(number)!r}"
    return f"the header has {len(names)} columns, not {1 + PIXELS}"
