"""Labelled images in Kaggle's CSV layout, read and written; what deviates is named by file, row and column."""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digitrec.errors import DatasetError
from digitrec.files import atomic_path
from digitrec.learning.data.examples import Examples
from digitrec.training_rows import CSV_COLUMNS, NOT_A_DIGIT, PIXELS

_LOWEST = {
    False: np.zeros(1 + PIXELS, int),
    True: np.array([NOT_A_DIGIT, *[0] * PIXELS]),
}  # by whether they are negatives
_HIGHEST = {False: np.array([9, *[255] * PIXELS]), True: np.array([NOT_A_DIGIT, *[255] * PIXELS])}


def load_csv(path: str | Path, negatives: bool = False) -> Examples:
    """Read labelled images in Kaggle's layout.

    The header is `label,pixel0,...,pixel783`; each row is one image, row by row from its upper left corner, 0
    background to 255 full ink.

    Args:
        path: The file.
        negatives: Whether it shows what is no digit: then every label must be `NOT_A_DIGIT`, else 0 to 9. They are
            told apart so that no file of the one kind is taken for the other.

    Raises:
        DatasetError: Not that layout, or labels of the other kind; the message names file, row (the header
            is row 1) and column.
    """
    path = Path(path)
    check_header(path)
    try:
        values = _read(path, dtype=np.int64).to_numpy()
    except DatasetError:
        # Whole numbers are read fast and without a word on where they end; text is slow, and tells.
        raise DatasetError(f"{path}, {_first_bad_cell(path, negatives)}") from None
    if len(values) == 0:
        raise DatasetError(f"{path}: a header and no images; add rows or leave the file out")
    if (values < _LOWEST[negatives]).any() or (values > _HIGHEST[negatives]).any():
        raise DatasetError(f"{path}, {_first_bad_cell(path, negatives)}")
    return Examples(values[:, 1:].astype(np.uint8).reshape(-1, 28, 28), values[:, 0].astype(np.uint8))


def check_header(path: str | Path) -> None:
    """Refuse a file whose first row is not the header; reads no further.

    Raises:
        DatasetError: Unreadable, or another header; the message names the column.
    """
    header = _read(Path(path), nrows=0)
    if tuple(header.columns) != CSV_COLUMNS:
        raise DatasetError(f"{path}, row 1: {_wrong_header(list(header.columns))}; expected label,pixel0,...,pixel783")


def _read(path: Path, **options: Any) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # cells beyond the last column, dropped
            table: pd.DataFrame = pd.read_csv(path, index_col=False, **options)
        return table
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except (OSError, ValueError, OverflowError, pd.errors.ParserWarning) as error:  # its parser errors are ValueErrors
        raise DatasetError(f"{path}: not a CSV file that can be read ({error})") from error


def _wrong_header(columns: list[str]) -> str:
    for position, (found, expected) in enumerate(zip(columns, CSV_COLUMNS, strict=False)):
        if found != expected:
            return f"column {position + 1} of the header is {found[:40]!r}, not {expected!r}"
    return f"the header has {len(columns)} columns, not {len(CSV_COLUMNS)}"


def _first_bad_cell(path: Path, negatives: bool) -> str:
    """Where the first cell is that holds no number in range, and what it holds instead."""
    table = _read(path, dtype=str, keep_default_na=False, na_filter=False, skip_blank_lines=False)
    for row, cells in enumerate(table.itertuples(index=False, name=None)):
        if not any(isinstance(text, str) and text.strip() for text in cells):
            continue  # a blank line, which counts as a row of the file but holds no image
        for text, name, low, high in zip(cells, CSV_COLUMNS, _LOWEST[negatives], _HIGHEST[negatives], strict=True):
            whole = re.fullmatch(r" *[0-9]{1,9} *", text) if isinstance(text, str) else None
            if whole and low <= int(text) <= high:
                continue
            if not isinstance(text, str) or not text.strip():
                flaw = "the cell is empty"
            elif re.fullmatch(r" *-?[0-9]+ *", text):
                flaw = f"{text[:40]} is out of range"
            else:
                flaw = f"{text[:40]!r} is not a whole number"
            expected = f"a whole number from {low} to {high}"
            if name == "label" and negatives:
                expected = f"{NOT_A_DIGIT}, no digit, in every row; digits go to --csv"
            elif name == "label" and whole and int(text) == NOT_A_DIGIT:
                expected += f"; {NOT_A_DIGIT} stands for no digit, and such files go to --negatives"
            return f"row {row + 2}, column {name}: {flaw}; expected {expected}"
    return "some row: a cell that is no plain whole number; write 0 to 255 with digits alone"


def save_csv(examples: Examples, path: str | Path) -> None:
    """Write examples in the layout that `load_csv` reads, whole or not at all."""
    table = np.column_stack([examples.labels, examples.images.reshape(len(examples), -1)])
    with atomic_path(Path(path)) as temporary:
        pd.DataFrame(table, columns=list(CSV_COLUMNS)).to_csv(temporary, index=False, lineterminator="\n")
