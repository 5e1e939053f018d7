"""Archives of pictures, read from their beginning to their end without unpacking them to a disk."""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from digitrec.bulk.items import Item
from digitrec.bulk.sources import Wanted, is_picture
from digitrec.decoding import MAX_BYTES
from digitrec.errors import DigitrecError, ImageTooLargeError, InvalidImageError

BROKEN: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    RuntimeError,  # an encrypted one
    NotImplementedError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
)
"""What the readers raise of a damaged archive, or one of an unknown kind."""


class TarArchive:
    """The pictures in a tar file, compressed or not. Keys are `archive.tar/name`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The wanted pictures; where the archive is damaged, the last is the archive itself with an error."""
        try:
            with tarfile.open(self.name, "r|*") as archive:
                for member in _members(archive):
                    key = f"{self.name}/{member.name}"
                    if wanted(key):
                        file = archive.extractfile(member)
                        assert file is not None  # a regular file has content
                        yield Item(key, _read(file, member.size))
        except BROKEN as error:
            if wanted(self.name):
                yield Item(self.name, _damaged(error))

    def count(self) -> int | None:
        """How many pictures there are, by the headers; None for a compressed archive, which had to be read as whole."""
        try:
            with tarfile.open(self.name, "r:") as archive:
                return sum(1 for _ in _members(archive))
        except BROKEN:
            return None


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := archive.next()) is not None:
        # tarfile keeps every member for later look-ups: a gigabyte for a million of them.
        archive.members.clear()  # type: ignore[attr-defined]
        if member.isreg() and is_picture(member.name.rpartition("/")[2]):
            yield member


class ZipArchive:
    """The pictures in a zip file. Keys are `archive.zip/name`. Its directory is held in memory: 600 bytes a picture."""

    def __init__(self, name: str) -> None:
        self.name = name

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The wanted pictures; an archive that cannot be read is one with an error."""
        try:
            with zipfile.ZipFile(self.name) as archive:
                for member in archive.infolist():
                    key = f"{self.name}/{member.filename}"
                    if self._is_picture(member) and wanted(key):
                        yield Item(key, self._content(archive, member))
        except BROKEN as error:
            if wanted(self.name):
                yield Item(self.name, _damaged(error))

    def count(self) -> int | None:
        """How many pictures there are, by the archive's directory."""
        try:
            with zipfile.ZipFile(self.name) as archive:
                return sum(map(self._is_picture, archive.infolist()))
        except BROKEN:
            return None

    @staticmethod
    def _is_picture(member: zipfile.ZipInfo) -> bool:
        return is_picture(member.filename.rpartition("/")[2]) and not member.filename.startswith("__MACOSX/")

    @staticmethod
    def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | DigitrecError:
        try:
            with archive.open(member) as file:
                return _read(file, member.file_size)
        except BROKEN as error:  # the others may be whole
            return _damaged(error)


def _read(file: IO[bytes], size: int) -> bytes | DigitrecError:
    """The content of a file in an archive; read no further than a picture may reach, whatever size it is said to have.

    What is asked for is set aside in memory, so it is no more than that size.
    """
    data = file.read(min(size, MAX_BYTES) + 1)
    if len(data) > MAX_BYTES:
        return ImageTooLargeError(f"the file is larger than {MAX_BYTES:,} bytes; use a smaller picture")
    return data


def _damaged(error: Exception) -> InvalidImageError:
    return InvalidImageError(f"the archive cannot be read on: {str(error)[:200] or type(error).__name__}")
