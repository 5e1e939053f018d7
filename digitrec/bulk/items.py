"""One picture among many, and many of them in chunks."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Union

from digitrec.decoding import ImageLike
from digitrec.errors import DigitrecError

if TYPE_CHECKING:
    from digitrec.bulk.remote import RemoteFile

CHUNK_ITEMS = 256
"""Most pictures in a chunk."""

CHUNK_BYTES = 32_000_000
"""Bytes of pictures from which on a chunk is full; a last one may go beyond by its own size."""


class Item(NamedTuple):
    """A picture.

    Attributes:
        key: Its path, or its place in an archive or a table; unique among the inputs.
        content: What `digitrec.predict` takes; or a file to fetch; or what kept it from being read, which becomes the
            row's error.
    """

    key: str
    content: Union[ImageLike, DigitrecError, "RemoteFile"]


def split_into_chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Group pictures into chunks of at most `CHUNK_ITEMS`, and of few bytes, in their order.

    A picture that is a path counts by the size of its file, since a process reads a chunk as a whole.
    """
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += _bytes_of(item.content)
        if len(chunk) == CHUNK_ITEMS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def clean(text: str) -> str:
    """A key or a message that every format of output holds, on one line: what it cannot hold is escaped."""
    if "\n" in text or "\r" in text:
        text = text.replace("\n", "\\n").replace("\r", "\\r")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _bytes_of(content: object) -> int:
    if isinstance(content, bytes):
        return len(content)
    if isinstance(content, str):
        try:
            return os.stat(content).st_size
        except (OSError, ValueError):
            return 0
    return int(getattr(content, "nbytes", 0))
