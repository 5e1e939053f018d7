"""Labelled images in CSV files: read in all common layouts, written in Kaggle's.

Errors name file, row and column.
"""

import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.files import atomic_path
from digitrec.learning.data.csv_layout import Layout, detect_layout
from digitrec.learning.data.csv_text import CsvText, read_csv_text
from digitrec.learning.data.examples import Examples
from digitrec.training_rows import CSV_COLUMNS, NOT_A_DIGIT


def load_csv(path: str | Path, negatives: bool = False) -> Examples:
    """Read labelled images.

    Each row is one image: its label, and 784 pixels row by row from the upper left corner, 0 background to 255 full
    ink. Kaggle's header is `label,pixel0,...,pixel783`; `digitrec.learning.data.csv_layout` lists the others that
    are read, and `digitrec.learning.data.csv_text` how a file may be packed. Pixels that are fractions from 0 to 1 are
    scaled to 0 to 255.

    Args:
        path: The file.
        negatives: Whether it holds non-digits: then every label must be `NOT_A_DIGIT`, else 0 to 9. No file of the one
            kind is taken for the other.

    Raises:
        DatasetError: Another layout, or labels of the other kind; the message names file, row (the first line is row 1)
            and column.
    """
    path = Path(path)
    text = read_csv_text(path)
    layout = detect_layout(path, text.first_row)
    table = _read_numbers(path, text, layout, negatives)
    labels = table[:, layout.label_column]
    pixels = table[:, 1:] if layout.label_column == 0 else table[:, :-1]
    if len(table) == 0:
        raise DatasetError(f"{path}: a header and no images; add rows or leave the file out")
    if table.dtype.kind == "f":
        pixels = _whole_pixels(pixels)
    low, high = _label_range(negatives)
    whole = np.array_equal(labels, np.rint(labels)) and np.array_equal(pixels, np.rint(pixels))
    if not whole or labels.min() < low or labels.max() > high or pixels.min() < 0 or pixels.max() > 255:
        raise DatasetError(f"{path}, {_first_bad_cell(path, text, layout, negatives)}")
    return Examples(pixels.astype(np.uint8).reshape(-1, 28, 28), labels.astype(np.uint8))


def _read_numbers(path: Path, text: CsvText, layout: Layout, negatives: bool) -> NDArray[Any]:
    """All rows below the header: int64, or float64 where a cell is no whole number; NaN for an empty one."""
    try:
        return _read(path, text, layout, dtype=np.int64).to_numpy()
    except ValueError:  # a DatasetError is one
        pass
    try:
        return _read(path, text, layout, dtype=np.float64).to_numpy()
    except DatasetError:
        raise
    except ValueError:
        # Parsing numbers is fast, but does not say where it failed; parsing text is slow, and does.
        raise DatasetError(f"{path}, {_first_bad_cell(path, text, layout, negatives)}") from None


def _whole_pixels(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels that were fractions of full ink, scaled; others as they are."""
    fractions = bool((pixels >= 0).all() and (pixels <= 1).all() and (pixels % 1 != 0).any())
    return np.rint(255 * pixels) if fractions else pixels


def _label_range(negatives: bool) -> tuple[int, int]:
    return (NOT_A_DIGIT, NOT_A_DIGIT) if negatives else (0, 9)


def _read(path: Path, text: CsvText, layout: Layout, **options: Any) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # extra cells would be dropped
            table: pd.DataFrame = pd.read_csv(
                io.BytesIO(text.data),
                sep=text.delimiter,
                header=None,
                names=list(layout.names),
                skiprows=layout.header_rows,
                index_col=False,
                **options,
            )
        return table
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=list(layout.names), dtype=np.int64)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise DatasetError(f"{path}: a row has other than {len(layout.names)} cells ({error})") from error
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _first_bad_cell(path: Path, text: CsvText, layout: Layout, negatives: bool) -> str:
    """Where the first cell is that holds no number in range, and what it holds instead."""
    for row, cells in _rows(path, text, layout):
        for column, (cell, name) in enumerate(zip(cells, layout.names, strict=True)):
            is_label = column == layout.label_column
            low, high = _label_range(negatives) if is_label else (0, 255)
            if flaw := _flaw(cell, low, high):
                return f"row {row}, column {name}: {flaw}; {_expectation(cell, low, high, is_label, negatives)}"
    return "some row: a cell that is no plain whole number; write 0 to 255 with digits alone"


def _rows(path: Path, text: CsvText, layout: Layout) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows that hold an image, as text, and their numbers; blank lines count as rows of the file."""
    options: dict[str, Any] = {"keep_default_na": False, "na_filter": False, "skip_blank_lines": False}
    table = _read(path, text, layout, dtype=str, **options)
    for number, cells in enumerate(table.itertuples(index=False, name=None), 1 + layout.header_rows):
        if any(isinstance(cell, str) and cell.strip() for cell in cells):
            yield number, cells


def _flaw(cell: Any, low: int, high: int) -> str | None:
    """What is wrong with a cell, if anything."""
    if not isinstance(cell, str) or not cell.strip():
        return "the cell is empty"
    if re.fullmatch(r" *[0-9]{1,9}(\.0*)? *", cell) and low <= float(cell) <= high:
        return None
    if re.fullmatch(r" *-?[0-9]+ *", cell):
        return f"{cell[:40].strip()} is out of range"
    return f"{cell[:40]!r} is not a whole number"


def _expectation(cell: Any, low: int, high: int, is_label: bool, negatives: bool) -> str:
    if is_label and negatives:
        return f"expected {NOT_A_DIGIT} in every row, for non-digits; digits go to --csv"
    expected = f"expected a whole number from {low} to {high}"
    if is_label and isinstance(cell, str) and cell.strip() == str(NOT_A_DIGIT):
        return f"{expected}; {NOT_A_DIGIT} stands for non-digits, and such files go to --negatives"
    if not is_label and isinstance(cell, str) and re.fullmatch(r" *0?\.[0-9]+ *", cell):
        return f"{expected}; fractions are read where all pixels of the file are from 0 to 1, and these are not"
    return expected


def save_csv(examples: Examples, path: str | Path) -> None:
    """Write examples in Kaggle's layout, whole or not at all."""
    table = np.column_stack([examples.labels, examples.images.reshape(len(examples), -1)])
    with atomic_path(Path(path)) as temporary:
        pd.DataFrame(table, columns=list(CSV_COLUMNS)).to_csv(temporary, index=False, lineterminator="\n")
