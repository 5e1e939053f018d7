"""GIF: the screen, the palette and the first picture are kept."""

import struct

from digitrec.decoding.limits import MAX_PARTS
from digitrec.decoding.structure.stripped import Stripped, broken, check_size, too_many

SIGNATURES = (b"GIF87a", b"GIF89a")
EXTENSION, PICTURE = b"!", b","
CONTROL = 0xF9
"""The extension that says which colour is transparent."""


def strip(data: bytes) -> Stripped:
    """Reduce a GIF to its first picture.

    Raises:
        InvalidImageError: It is cut off before the first picture, or holds what is no block.
        ImageTooLargeError: Too many pixels, on the screen or in the picture, or blocks.
    """
    place = 13 + _palette_bytes(data[10:11])
    head, control, blocks = data[:place], b"", 0
    while data[place : place + 1] == EXTENSION:
        start, kind = place, data[place + 1 : place + 2]
        place += 2
        while length := data[place : place + 1]:
            blocks += 1
            if blocks > MAX_PARTS:
                raise too_many("GIF", "blocks before its picture", MAX_PARTS)
            place += 1 + length[0]
            if not length[0]:
                break
        if kind == bytes([CONTROL]) and data[start + 2 : start + 3] == b"\4":
            control = data[start : start + 7] + b"\0"
    rest = data[place:].lstrip(b"\0")  # which some programs write between blocks
    if rest[:1] != PICTURE or len(rest) < 10:
        raise broken("GIF", "no picture is where the first should be")
    width, height = struct.unpack_from("<HH", data, 6)
    left, top, across, down = struct.unpack_from("<HHHH", rest, 1)
    size = max(width, left + across), max(height, top + down)
    check_size(*size)
    return Stripped("GIF", head + control + rest, size)


def _palette_bytes(flags: bytes) -> int:
    return 3 << (1 + (flags[0] & 7)) if flags and flags[0] & 128 else 0
