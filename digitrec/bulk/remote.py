"""Pictures on other machines, by URL: S3, Google's storage, HTTP and whatever else fsspec knows."""

import glob
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from digitrec.bulk.items import Item
from digitrec.bulk.sources import Wanted, is_picture
from digitrec.decoding import MAX_BYTES, ImageLike
from digitrec.errors import DatasetError, DigitrecError, ImageTooLargeError, InvalidImageError

FETCHED_AT_ONCE = 16
"""Files of a chunk that are fetched at the same time: most of the time goes into waiting for an answer."""


@dataclass(frozen=True)
class RemoteFile:
    """A picture that is fetched where it is answered.

    Attributes:
        url: Its address.
        nbytes: Its size as its folder states it, 0 where that does not.
    """

    url: str
    nbytes: int = 0

    def fetch(self) -> bytes | DigitrecError:
        """Its content, read no further than a picture may reach; or what kept it from being read."""
        import fsspec

        try:
            with fsspec.open(self.url, "rb") as file:
                content: bytes = file.read(MAX_BYTES + 1)
        except Exception as error:  # each kind of store raises errors of its own
            return InvalidImageError(f"the file cannot be fetched: {str(error)[:200] or type(error).__name__}")
        if len(content) > MAX_BYTES:
            return ImageTooLargeError(f"the file is larger than {MAX_BYTES:,} bytes; use a smaller picture")
        return content


def fetch_all(items: Sequence[Item]) -> list[tuple[str, ImageLike | DigitrecError]]:
    """Key and content of each picture of a chunk; those that lie on other machines are fetched."""
    remote = [item.content for item in items if isinstance(item.content, RemoteFile)]
    fetched: Iterator[bytes | DigitrecError] = iter(())
    if remote:
        with ThreadPoolExecutor(FETCHED_AT_ONCE) as threads:
            fetched = iter(list(threads.map(RemoteFile.fetch, remote)))
    return [(key, next(fetched) if isinstance(content, RemoteFile) else content) for key, content in items]


class RemoteSource:
    """A picture, a folder or a pattern on another machine. Keys are URLs."""

    def __init__(self, url: str) -> None:
        """Take the address.

        Raises:
            DatasetError: fsspec, or what it needs for this kind of address, is not installed; or it knows no such kind.
        """
        try:
            import fsspec
        except ModuleNotFoundError as error:
            raise DatasetError(
                f'{url}: addresses need the package fsspec; get it with: python -m pip install "digitrec[remote]"'
            ) from error
        try:
            self._files, self._path = fsspec.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise DatasetError(f"{url} cannot be read: {error}") from error
        self.url = url

    def items(self, wanted: Wanted) -> Iterator[Item]:
        """The wanted pictures; where a folder cannot be listed, the last is its address with an error."""
        try:
            found = False
            for path, size in self._names():
                found = True
                key = self._files.unstrip_protocol(path)
                if wanted(key):
                    yield Item(key, RemoteFile(key, size))
            if not found and wanted(self.url):
                yield Item(self.url, InvalidImageError("no picture at this address"))
        except Exception as error:  # each kind of store raises errors of its own
            if wanted(self.url):
                yield Item(self.url, InvalidImageError(f"it cannot be listed: {str(error)[:200]}"))

    def count(self) -> None:
        """Unknown: it would have to be listed twice."""
        return

    def _names(self) -> Iterator[tuple[str, int]]:
        if glob.has_magic(self._path):
            yield from (
                (path, _size(facts)) for path, facts in sorted(self._files.glob(self._path, detail=True).items())
            )
        elif is_picture(self._path.rpartition("/")[2]):
            yield self._path, 0
        else:
            for folder, _, files in self._files.walk(self._path, detail=True, on_error="raise"):
                for name in sorted(files):
                    if is_picture(name.rpartition("/")[2]):
                        yield files[name].get("name", f"{folder}/{name}"), _size(files[name])


def _size(facts: dict[str, Any]) -> int:
    return int(facts.get("size") or 0)
