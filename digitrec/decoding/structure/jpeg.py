"""JPEG: tables, the frame, its scans, and what says how colours are stored, are kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digitrec.decoding.limits import (
    LIGHT_BYTES,
    LIGHT_JPEG_PIXELS,
    LIGHT_PIXELS,
    MAX_JPEG_COEFFICIENTS,
    MAX_JPEG_SCANS,
    MAX_PARTS,
    MAX_SIDE,
)
from digitrec.decoding.structure.exif import orientation_of
from digitrec.decoding.structure.stripped import Stripped, broken, check_size, check_unpacked, too_many
from digitrec.errors import InvalidImageError

SIGNATURE = b"\xff\xd8\xff"
MARKER = re.compile(rb"\xff([^\x00\xff])")
AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""The next marker in a scan's data, where 0xFF00 is a value and 0xFFD0 to 0xFFD7 are points to resume at."""

FRAMES = {0xC0, 0xC1, 0xC2}
"""Frames that are read: baseline, extended, progressive; all with Huffman codes."""

OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
"""Frames that hardly anybody writes and browsers do not show: lossless, hierarchical, with arithmetic codes."""

TABLES = {0xC4, 0xDB, 0xDD}
"""Huffman tables, quantization tables, the interval of points to resume at."""

PROGRESSIVE, SCAN, END, EXIF = 0xC2, 0xDA, 0xD9, 0xE1
ALONE = {0x01, *range(0xD0, 0xD9)}
"""Markers that no segment follows."""

COLOURS = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}
"""Segments that say how colours are stored, and what these begin with."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the header of the frame says: its size, and the sampling (across, down) of each component."""

    progressive: bool
    size: tuple[int, int]
    sampling: list[tuple[int, int]]

    @property
    def coefficients(self) -> int:
        """Bytes that a decoder holds at once where the picture comes in several scans: 128 for each block of 8x8."""
        columns = -(-self.size[0] // (8 * max(across for across, _ in self.sampling)))
        rows = -(-self.size[1] // (8 * max(down for _, down in self.sampling)))
        return 128 * columns * rows * sum(across * down for across, down in self.sampling)


def strip(data: bytes) -> Stripped:
    """Reduce a JPEG to its pixels. Of several pictures in one file, the first is kept.

    Raises:
        InvalidImageError: A coding that is not read, or no frame before the first scan.
        ImageTooLargeError: Too many pixels, scans, coefficients to hold or segments.
    """
    kept = [data[:2]]
    frame: Frame | None = None
    turned, scans, buffered = 1, 0, False
    seen: set[int] = set()
    for marker, start, end in _segments(data):
        body = data[start + 4 : min(end, start + 65_537)]
        if marker in OTHER_FRAMES:
            raise InvalidImageError("a JPEG of a rare kind (arithmetic or lossless) is not read; save it as PNG")
        if marker in FRAMES:
            if frame:
                raise broken("JPEG", "it has two frames")
            frame = _frame(marker, body)
        elif marker == SCAN:
            if not frame or not body:
                raise broken("JPEG", "pixels come before its header")
            scans += 1
            if scans > MAX_JPEG_SCANS:
                raise too_many("JPEG", "scans", MAX_JPEG_SCANS)
            if scans == 1 and (frame.progressive or body[0] < len(frame.sampling)):
                buffered = True
                check_unpacked(frame.coefficients, MAX_JPEG_COEFFICIENTS)
        elif marker == EXIF and marker not in seen and body[:6] == b"Exif\0\0":
            seen.add(marker)
            turned = orientation_of(body)
        elif marker in COLOURS and marker not in seen and body.startswith(COLOURS[marker]):
            seen.add(marker)
        elif marker not in TABLES | {END}:
            continue
        if marker != EXIF:
            kept.append(data[start:end])
    if not frame or not scans:
        raise broken("JPEG", "it holds no pixels")
    stripped = b"".join(kept)
    return Stripped("JPEG", stripped, frame.size, turned, not buffered and _is_light(frame.size, len(stripped)))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment up to the end of the picture; that of a scan reaches to the next marker."""
    place = 2
    for _ in range(MAX_PARTS):
        found = MARKER.search(data, place)
        if not found:
            return
        marker, start = found.group(1)[0], found.start()
        place = found.end()
        if marker in ALONE:
            continue
        if marker == END:
            yield marker, start, place
            return
        length = int.from_bytes(data[place : place + 2])
        place = place + max(length, 2)
        if marker == SCAN:
            after = AFTER_SCAN.search(data, place)
            place = after.start() if after else len(data)
        yield marker, start, min(place, len(data))
    raise too_many("JPEG", "segments", MAX_PARTS)


def _frame(marker: int, body: bytes) -> Frame:
    if len(body) < 6 or len(body) < 6 + 3 * body[5] or body[5] == 0:
        raise broken("JPEG", "its header is cut off")
    height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    check_size(width, height)
    sampling = [divmod(body[6 + 3 * component + 1], 16) for component in range(body[5])]
    if not all(1 <= across <= 4 and 1 <= down <= 4 for across, down in sampling) or len(sampling) > 4:
        raise broken("JPEG", "its header says what cannot be")
    return Frame(marker == PROGRESSIVE, (width, height), sampling)


def _is_light(size: tuple[int, int], count: int) -> bool:
    """Whether a picture in one scan costs little. A large one is unpacked at a half, a quarter or an eighth."""
    scale = max(part for part in (1, 2, 4, 8) if part <= max(min(size) // MAX_SIDE, 1))
    pixels = size[0] * size[1]
    return count <= LIGHT_BYTES and pixels <= LIGHT_JPEG_PIXELS and pixels <= LIGHT_PIXELS * scale**2
