"""Tables of pictures: Parquet files with a column of them, and CSV files with a pixel a column."""

import csv
from collections.abc import Iterator
from typing import Any

import numpy as np

from digitrec.bulk.items import CHUNK_ITEMS, Item
from digitrec.bulk.sources import Wanted
from digitrec.errors import DatasetError, InvalidImageError
from digitrec.training_rows import CSV_COLUMNS, PIXELS

NAMES = (CSV_COLUMNS[1:], tuple(f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)))
"""The names that pixels go by: in Kaggle's Digit Recognizer, and in its MNIST as CSV."""


class PixelTable:
    """A CSV file in Kaggle's layout, with labels or without. Keys are `file.csv#1` for the first image."""

    def __init__(self, name: str) -> None:
        self.name = name

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The wanted images, each a uint8 array (28, 28).

        Raises:
            DatasetError: No such file, no text, or another header.
        """
        try:
            with open(self.name, encoding="utf-8-sig", newline="") as file:
                rows = csv.reader(file)
                first = self._first_pixel(next(rows, []))
                number = 0
                for cells in rows:
                    if not cells:
                        continue
                    number += 1
                    key = f"{self.name}#{number}"
                    if wanted(key):
                        yield Item(key, _image(cells[first:]))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DatasetError(f"{self.name}: not a CSV file that can be read ({error})") from error

    def count(self) -> int | None:
        """How many lines there are but the header."""
        try:
            with open(self.name, "rb") as file:
                return max(sum(1 for line in file if line.strip()) - 1, 0)
        except OSError:
            return None

    def _first_pixel(self, header: list[str]) -> int:
        """The column of the first pixel: 0, or 1 where there are labels."""
        first = int(bool(header) and header[0].strip().lower() == "label")
        if tuple(name.strip() for name in header[first:]) not in NAMES:
            raise DatasetError(
                f"{self.name}, row 1: the header is not pixel0,...,pixel783, with label before it or without, but has"
                f" {len(header)} columns, the first {header[0][:40]!r}"
                if header
                else f"{self.name}: the file is empty"
            )
        return first


def _image(cells: list[str]) -> Any:
    if len(cells) != PIXELS:
        return InvalidImageError(f"the row has {len(cells)} pixels, not {PIXELS}")
    try:
        pixels = np.array(list(map(int, cells)))
    except ValueError as error:
        return InvalidImageError(f"a pixel is not a whole number ({str(error)[:80]})")
    if pixels.min() < 0 or pixels.max() > 255:
        return InvalidImageError(f"pixels run from {pixels.min()} to {pixels.max()}; they must be 0 to 255")
    return pixels.astype(np.uint8).reshape(28, 28)


class ParquetTable:
    """A Parquet file with a column of picture files. Keys are `file.parquet#0` for the first row."""

    def __init__(self, name: str, column: str | None = None) -> None:
        self.name, self.column = name, column

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The wanted pictures; a row without one has an error.

        Raises:
            DatasetError: No Parquet file, or no such column.
        """
        parquet = import_parquet()
        try:
            with parquet.ParquetFile(self.name, buffer_size=1 << 20, pre_buffer=False) as table:
                column = self._picture_column(table.schema_arrow)
                row = 0
                for batch in table.iter_batches(CHUNK_ITEMS, columns=[column]):
                    for value in batch.column(0):
                        key = f"{self.name}#{row}"
                        row += 1
                        if wanted(key):
                            yield Item(key, _picture(value.as_py()))
        except OSError as error:  # pyarrow's own errors of broken files derive from it, or from ValueError
            raise DatasetError(f"{self.name}: not a Parquet file that can be read ({error})") from error
        except ValueError as error:
            if isinstance(error, DatasetError):
                raise
            raise DatasetError(f"{self.name}: not a Parquet file that can be read ({error})") from error

    def count(self) -> int | None:
        """How many rows there are."""
        parquet = import_parquet()
        try:
            return int(parquet.read_metadata(self.name).num_rows)
        except (OSError, ValueError):
            return None

    def _picture_column(self, schema: Any) -> str:
        """The name of the column that holds pictures: the one asked for, else the first of bytes."""
        if self.column is not None:
            if self.column not in schema.names:
                raise DatasetError(f"{self.name} has no column {self.column!r}; its columns: {', '.join(schema.names)}")
            return self.column
        for field in schema:
            if _holds_bytes(field.type):
                return str(field.name)
        raise DatasetError(
            f"{self.name} has no column of bytes; its columns: {', '.join(schema.names)}; name one of paths by --column"
        )


def _holds_bytes(kind: Any) -> bool:
    """Whether values are bytes, or as Hugging Face keeps pictures: a struct with bytes and path."""
    text = str(kind)
    return text in ("binary", "large_binary") or (text.startswith("struct<") and "bytes: binary" in text)


def _picture(value: Any) -> Any:
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    if isinstance(value, bytes | str):
        return value
    return InvalidImageError(f"the row holds no picture, but {type(value).__name__}" if value else "the row is empty")


def import_parquet() -> Any:
    """The module `pyarrow.parquet`.

    Raises:
        DatasetError: It is not installed.
    """
    try:
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise DatasetError(
            'Parquet files need the package pyarrow; get it with: python -m pip install "digitrec[many]"'
        ) from error
    return pyarrow.parquet
