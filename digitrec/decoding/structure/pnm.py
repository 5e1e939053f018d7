"""PBM, PGM and PPM in binary, of 1, 8 or 16 bits: the header is written again, and the pixels must be in the file."""

import re

from digitrec.decoding.structure.stripped import Stripped, broken, check_size
from digitrec.errors import InvalidImageError

SIGNATURE = re.compile(rb"P(?:[1-7fF]|[0y]\w+)\s")
HEADER_BYTES = 4096
"""Most bytes of a header, with its comments."""

TOKEN = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*([0-9]{1,10})")
BITS = {(b"P4", None): 1, (b"P5", 255): 8, (b"P6", 255): 24, (b"P5", 65535): 16}
"""Bits a pixel, by kind and largest value. The others Pillow decodes in Python, at a microsecond a pixel."""


def strip(data: bytes) -> Stripped:
    """Check a PNM.

    Raises:
        InvalidImageError: Written as text, with another largest value than 255 or 65535, or cut off.
        ImageTooLargeError: Too many pixels.
    """
    kind, head, place = data[:2], data[:HEADER_BYTES], 2
    tokens = []
    for _ in range(2 if kind == b"P4" else 3):
        found = TOKEN.match(head, place)
        if not found:
            break
        tokens.append(int(found.group(1)))
        place = found.end()
    width, height, largest = [*tokens, None, None, None][:3]
    bits = BITS.get((kind, largest))
    if bits is None or width is None or height is None:
        raise InvalidImageError(
            "of PBM, PGM and PPM, only the binary kinds with largest value 255, or 65535 for gray, are read; save the"
            " picture as PNG"
        )
    check_size(width, height)
    pixels = data[place + 1 :]  # after a single white space
    if len(pixels) < height * ((width * bits + 7) // 8):
        raise broken("PNM", "it is cut off")
    header = b" ".join([kind, *(b"%d" % token for token in tokens)]) + b"\n"
    return Stripped("PPM", header + pixels, (width, height))
