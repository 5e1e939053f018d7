"""PNG: the header, the palette, the transparency and the first picture are kept."""

import struct

from digitrec.decoding.limits import LIGHT_BYTES, LIGHT_PIXELS, MAX_PARTS, MAX_PNG_UNPACKED
from digitrec.decoding.structure.exif import orientation_of
from digitrec.decoding.structure.stripped import Stripped, broken, check_size, check_unpacked, too_many

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values a pixel has, by the header's colour type."""

LONGEST = {b"PLTE": 768, b"tRNS": 256}
"""The chunks beside header and pixels that are kept, and their largest size in bytes."""


def strip(data: bytes) -> Stripped:
    """Reduce a PNG to its pixels. Of an animation, the picture that viewers without animations show is kept.

    Raises:
        InvalidImageError: Its header is missing or broken, or a palette is longer than the format allows.
        ImageTooLargeError: Too many pixels, bytes to unpack, or chunks.
    """
    if len(data) < 33 or data[8:16] != b"\0\0\0\rIHDR":
        raise broken("PNG", "it does not begin with its header")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    check_size(width, height)
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise broken("PNG", f"it says colour type {colour} with {depth} bits, which does not exist")
    check_unpacked(height * (1 + (width * CHANNELS[colour] * depth + 7) // 8), MAX_PNG_UNPACKED)
    kept: dict[bytes, bytes] = {}
    pixels: list[tuple[int, int]] = []
    exif: memoryview | None = None
    place, chunks, after = 33, 0, False
    while place + 8 <= len(data):
        chunks += 1
        if chunks > MAX_PARTS:
            raise too_many("PNG", "chunks", MAX_PARTS)
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        end = place + 12 + length
        if name == b"IDAT":
            if not after:
                pixels.append((place, min(end, len(data))))
        elif name == b"IEND":
            break
        else:
            after = bool(pixels)  # the picture's data end where another chunk comes between them
            if name in LONGEST and not after:
                if length > LONGEST[name]:
                    raise broken("PNG", f"its {name.decode()} chunk has {length:,} bytes")
                kept[name] = data[place:end]
            elif name == b"eXIf" and exif is None:
                exif = memoryview(data)[place + 8 : end - 4]
        place = end
    if not pixels:
        raise broken("PNG", "it holds no pixels")
    light = width * height <= LIGHT_PIXELS and len(data) <= LIGHT_BYTES
    parts = [data[:33], *kept.values(), _joined(data, pixels), b"\0\0\0\0IEND\xaeB`\x82"]
    return Stripped("PNG", b"".join(parts), (width, height), orientation_of(exif or b""), light)


def _joined(data: bytes, pixels: list[tuple[int, int]]) -> bytes:
    """The chunks of pixels as one: Pillow takes up each in turn, at ten times the cost of unpacking a small one."""
    if len(pixels) == 1:
        return data[slice(*pixels[0])]
    body = b"".join(data[start + 8 : end - 4] for start, end in pixels)
    return len(body).to_bytes(4) + b"IDAT" + body + bytes(4)  # no decoder looks at the checksum of pixels
