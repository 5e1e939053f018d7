"""Where pictures come from: files, folders, globs, archives and tables, read one after the other."""

import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from digitrec.bulk.items import Item
from digitrec.decoding import MAX_BYTES
from digitrec.errors import DatasetError, InvalidImageError
from digitrec.files import is_same_file

T = TypeVar("T")

STDIN = "-"

PICTURES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm"),
    *(".heic", ".heif", ".avif", ".svg"),
)
"""Endings of the files that are taken from folders and archives. Those in the second row may not be readable; then
they get a row that says so, and are not passed over."""

SORTED_AT_ONCE = 100_000
"""Names that are put in order together: a folder with more is read in parts of so many, each in its own order."""

Wanted = Callable[[str], bool]
"""Whether a picture is to be answered, by its key; one that is not is not read either."""


class Source(Protocol):
    """One of the inputs."""

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The pictures in it that are wanted."""
        ...

    def count(self) -> int | None:
        """How many pictures there are in it, where that is known without reading it all."""
        ...


def open_source(name: str, column: str | None = None, output: Path | None = None) -> Source:
    """What an argument of the command names.

    Args:
        name: A file, a folder, a glob pattern, an archive (tar, zip), a table (Parquet, CSV), or - for standard input;
            or the address of a picture, a folder or a pattern on another machine, such as s3://bucket/scans.
        column: The column of a Parquet file that holds the pictures; found by its type by default.
        output: The file that the answers go to, which is no input; a pattern that matches it leaves it out.

    Raises:
        DigitrecError: A table or an archive that cannot be read, an address of an unknown kind, or the output.
    """
    if "://" in name:
        from digitrec.bulk.remote import RemoteSource

        return RemoteSource(name)
    if output is not None and is_same_file(name, output):
        raise DatasetError(f"{name} is an input, and would be written to; name another file for the output")
    if os.path.isdir(name):
        return Folder(name)
    lower = name.lower()
    if lower.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")):
        from digitrec.bulk.archives import TarArchive, ZipArchive

        return ZipArchive(name) if lower.endswith(".zip") else TarArchive(name)
    if lower.endswith((".parquet", ".pq")):
        from digitrec.bulk.tables import ParquetTable

        return ParquetTable(name, column)
    if lower.endswith(".csv"):
        from digitrec.bulk.tables import PixelTable

        return PixelTable(name)
    if glob.has_magic(name) and not os.path.exists(name):
        return Glob(name, column, output)
    return File(name)


class File:
    """One picture, or standard input."""

    def __init__(self, name: str) -> None:
        self.name = name

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The picture, if it is wanted."""
        if wanted(self.name):
            yield Item(self.name, sys.stdin.buffer.read(MAX_BYTES + 1) if self.name == STDIN else self.name)

    def count(self) -> int:
        """One."""
        return 1


class Folder:
    """The pictures below a folder, by their ending; hidden files and folders are left out."""

    def __init__(self, name: str) -> None:
        self.name = name

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The wanted pictures, folder by folder; a folder that cannot be read is one with an error."""
        found = False
        for key, error in self._walk(self.name):
            found = True
            if wanted(key):
                yield Item(key, error or key)
        if not found and wanted(self.name):
            yield Item(self.name, InvalidImageError(f"no picture in this folder; looked for {', '.join(PICTURES)}"))

    def count(self) -> int:
        """How many pictures there are."""
        return sum(1 for _ in self._walk(self.name)) or 1

    def _walk(self, folder: str) -> Iterator[tuple[str, InvalidImageError | None]]:
        """Paths of pictures; or the path of a folder below and what kept it from being read."""
        try:
            with os.scandir(folder) as entries:
                seen = (entry for entry in entries if not entry.name.startswith("."))
                for part in _sorted_parts(seen, key=lambda entry: entry.name):
                    for entry in part:
                        if entry.is_dir(follow_symlinks=False):  # a link may lead back up
                            yield from self._walk(entry.path)
                        elif is_picture(entry.name):
                            yield entry.path, None
        except OSError as error:
            yield folder, InvalidImageError(f"the folder cannot be read: {error.strerror or error}")


class Glob:
    """What a pattern matches: pictures whatever their ending, and folders, archives and tables of them."""

    def __init__(self, pattern: str, column: str | None = None, output: Path | None = None) -> None:
        self.pattern, self.column = pattern, column
        # Beside a Parquet file there is a folder of its parts.
        self._left_out = () if output is None else (output, output.with_name(f"{output.name}.parts"))

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The wanted pictures in what is matched; a pattern that matches nothing is one with an error."""
        found = False
        for name in self._names():
            found = True
            yield from open_source(name, self.column).items(wanted)
        if not found and wanted(self.pattern):
            yield Item(self.pattern, InvalidImageError("no file of this name, and none that matches it as a pattern"))

    def count(self) -> int | None:
        """How many pictures there are in what is matched."""
        return total(open_source(name, self.column) for name in self._names())

    def _names(self) -> Iterator[str]:
        for part in _sorted_parts(glob.iglob(self.pattern, recursive=True), key=lambda name: name):
            yield from (name for name in part if not any(is_same_file(name, one) for one in self._left_out))


def total(sources: Iterable[Source]) -> int | None:
    """How many pictures there are in all, None where one source does not know."""
    number = 0
    for source in sources:
        count = source.count()
        if count is None:
            return None
        number += count
    return number


def is_picture(name: str) -> bool:
    """Whether a file in a folder or an archive is taken for a picture, by its name without folders."""
    return name.lower().endswith(PICTURES) and not name.startswith(".")


def _sorted_parts(things: Iterable[T], key: Callable[[T], str]) -> Iterator[list[T]]:
    iterator = iter(things)
    while part := sorted(islice(iterator, SORTED_AT_ONCE), key=key):
        yield part
