"""WebP: one still picture is kept, or the first frame of an animation."""

import struct
from collections.abc import Iterator

from digitrec.decoding.limits import MAX_EXIF, MAX_PARTS, MAX_WEBP_PIXELS
from digitrec.decoding.structure.exif import orientation_of
from digitrec.decoding.structure.stripped import Stripped, broken, check_size, too_many

PIXELS = (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
"""Chunks that are kept: lossy and lossless pictures, opacity, the settings and frames of an animation."""

HAS_ALPHA, HAS_FRAMES = 0x10, 0x02
"""Flags in the extended header; the others announce what is left out."""


def strip(data: bytes) -> Stripped:
    """Reduce a WebP to its first picture.

    Raises:
        InvalidImageError: Cut off, or without a picture.
        ImageTooLargeError: Too many pixels, or chunks.
    """
    kept: dict[bytes, bytes] = {}
    header, exif = b"", b""
    for name, start, end in _chunks(data):
        if name == b"VP8X" and not header:
            header = data[start:end]
        elif name in PIXELS and name not in kept:
            kept[name] = data[start:end]
        elif name == b"EXIF" and not exif:
            exif = data[start + 8 : min(end, start + 8 + MAX_EXIF)]
    body = next((kept[name] for name in (b"ANMF", b"VP8 ", b"VP8L") if name in kept), None)
    if body is None:
        raise broken("WebP", "it holds no picture")
    size = _canvas(header) if header else _size(body)
    check_size(*size, MAX_WEBP_PIXELS)
    if b"ANMF" in kept:
        inner = body[24:]
        first = next((inner[start:end] for name, start, end in _chunks(inner, 0) if name != b"ALPH"), b"")
        check_size(*_size(first), MAX_WEBP_PIXELS)
    if header:
        flags = header[8] & (HAS_ALPHA | HAS_FRAMES)
        kept = {b"VP8X": header[:8] + bytes([flags]) + header[9:], **kept}
        parts = [kept[name] for name in (b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L") if name in kept]
    else:
        parts = [body]
    whole = b"WEBP" + b"".join(part + b"\0" * (len(part) % 2) for part in parts)
    return Stripped("WEBP", b"RIFF" + struct.pack("<I", len(whole)) + whole, size, orientation_of(exif))


def _chunks(data: bytes, place: int = 12) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each chunk, its name and size with it."""
    for _ in range(MAX_PARTS):
        if place + 8 > len(data):
            return
        name, length = struct.unpack_from("<4sI", data, place)
        yield name, place, min(place + 8 + length, len(data))
        place += 8 + length + length % 2
    raise too_many("WebP", "chunks", MAX_PARTS)


def _canvas(header: bytes) -> tuple[int, int]:
    """Width and height in an extended header, 24 bits each, less one."""
    if len(header) < 18:
        raise broken("WebP", "its header is cut off")
    return 1 + int.from_bytes(header[12:15], "little"), 1 + int.from_bytes(header[15:18], "little")


def _size(chunk: bytes) -> tuple[int, int]:
    """Width and height in a picture's own first bytes."""
    if chunk[:4] == b"VP8 " and len(chunk) >= 18:
        width, height = struct.unpack_from("<HH", chunk, 14)
        return width & 0x3FFF, height & 0x3FFF
    if chunk[:4] == b"VP8L" and len(chunk) >= 13:
        (bits,) = struct.unpack_from("<I", chunk, 9)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise broken("WebP", "its picture is cut off")
