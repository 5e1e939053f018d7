"""How a photograph is to be turned, from its EXIF data; nothing else of them is read."""

import struct

from digitrec.decoding.limits import MAX_EXIF

ORIENTATION = 0x0112
SHORT = 3
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
"""What EXIF data, and a TIFF, start with; and the order of bytes it stands for."""


def orientation_of(exif: bytes | memoryview) -> int:
    """Read the orientation in EXIF data, 1 to 8; 1 where they hold none or are broken.

    Args:
        exif: The data from their byte order on, or from `Exif` and two zeros before it. The first `MAX_EXIF` bytes
            count.
    """
    data = bytes(exif[:MAX_EXIF]).removeprefix(b"Exif\0\0")
    order = ORDERS.get(data[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        (entries,) = struct.unpack_from(order + "H", data, start)
        for place in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", data, place)
            if tag == ORIENTATION:
                return value if (kind, count) == (SHORT, 1) and 1 <= value <= 8 else 1
    except struct.error:  # it ends before it should
        pass
    return 1
