"""BMP: checked where it stands. Its pixels must be in the file, one after the other."""

import struct

from digitrec.decoding.structure.stripped import Stripped, broken, check_size
from digitrec.errors import InvalidImageError

SIGNATURE = b"BM"
OLD_HEADER = 12
HEADERS = (OLD_HEADER, 40, 52, 56, 64, 108, 124)
"""Sizes of the header, in bytes, which tell its version."""

PLAIN, BIT_FIELDS = 0, 3


def strip(data: bytes) -> Stripped:
    """Check a BMP.

    Raises:
        InvalidImageError: Coded by run length, of an unknown kind, or cut off.
        ImageTooLargeError: Too many pixels.
    """
    if len(data) < 54:
        raise broken("BMP", "its header is cut off")
    (start, header) = struct.unpack_from("<II", data, 10)
    if header not in HEADERS:
        raise broken("BMP", f"its header has {header:,} bytes, as no kind of BMP has")
    if header == OLD_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        coding = PLAIN
    else:
        width, height, _, bits, coding = struct.unpack_from("<iiHHI", data, 18)
    check_size(max(width, 0), abs(height))
    if coding not in (PLAIN, BIT_FIELDS):
        raise InvalidImageError(
            "a BMP in run-length codes, or with another picture inside, is not read; save it as PNG"
        )
    if bits not in (1, 4, 8, 16, 24, 32):
        raise broken("BMP", f"it says {bits:,} bits a pixel, which does not exist")
    row = (width * bits + 7) // 8
    needed = (abs(height) - 1) * ((row + 3) // 4 * 4) + row
    if len(data) - max(start, 14 + header) < needed:
        raise broken("BMP", "it is cut off")
    return Stripped("BMP", data, (width, abs(height)))
