"""The text of CSV files, packed or not, in UTF-8 or UTF-16, with one of three delimiters."""

import bz2
import codecs
import csv
import gzip
import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from digitrec.errors import DatasetError

_UNPACK = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ\x00": lzma.decompress}
"""By the first bytes of a packed file."""

_ZIP = b"PK\x03\x04"
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class CsvText:
    """A CSV file's text.

    Attributes:
        data: All of it, in UTF-8 without a byte order mark.
        delimiter: What stands between two cells: a comma, a semicolon or a tab.
        first_row: The cells of the first row, without space around them.
    """

    data: bytes
    delimiter: str
    first_row: tuple[str, ...]


def read_csv_text(path: Path) -> CsvText:
    """Read a CSV file, alone or packed by zip, gzip, bzip2 or xz.

    Raises:
        DatasetError: No such file, nothing in it, or not one CSV file; the message names the file.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = error.strerror if isinstance(error, OSError) else error
        raise DatasetError(f"{path}: cannot be read: {reason}") from error
    data = _as_utf8(path, _unpack(path, data))
    line = data[: data.find(b"\n") % (len(data) + 1)].decode().rstrip("\r")
    if not line and not data.strip():
        raise DatasetError(f"{path}: the file is empty; add rows or leave it out")
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        row = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise DatasetError(f"{path}, row 1: not a row of a CSV file ({error})") from error
    return CsvText(data, delimiter, tuple(cell.strip() for cell in row))


def _unpack(path: Path, data: bytes) -> bytes:
    try:
        if data.startswith(_ZIP):
            return _unzip(path, data)
        for magic, unpack in _UNPACK.items():
            if data.startswith(magic):
                return unpack(data)
    except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        raise DatasetError(f"{path}: a packed file that cannot be unpacked ({error})") from error
    return data


def _unzip(path: Path, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
        if "xl/workbook.xml" in names:
            raise DatasetError(f"{path}: an Excel workbook; save the sheet as CSV")
        tables = [name for name in names if name.lower().endswith((".csv", ".tsv", ".txt"))]
        if len(tables) == 1:
            return archive.read(tables[0])
        if not tables:
            raise DatasetError(f"{path}: a zip file without a CSV file in it")
        listed = ", ".join(tables[:5]) + (", ..." if len(tables) > 5 else "")
        raise DatasetError(f"{path}: a zip file of {len(tables)} tables ({listed}); unpack it, and name the one to use")


def _as_utf8(path: Path, data: bytes) -> bytes:
    """The text in UTF-8, without a byte order mark."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path}: not a text file: {error.reason} at byte {error.start}; expected CSV in UTF-8 or UTF-16"
        ) from error
    if "\0" in text:
        raise DatasetError(f"{path}: not a text file: it holds zero bytes; expected CSV in UTF-8 or UTF-16")
    return data if encoding == "utf-8-sig" and not data.startswith(codecs.BOM_UTF8) else text.encode()
