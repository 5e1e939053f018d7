"""What a decoder may see of a stranger's file: each format is reduced to its pixels before Pillow opens it.

A picture's cost is not in the pixels its header declares alone. Metadata that unpack to gigabytes, a million empty
chunks, a thousand scans and tags that all point at the same megabyte are valid enough for a decoder to work through. So
each module here walks the structure of one format, in time that grows with the file's bytes alone, checks what its
decoding will cost, and writes a file in which nothing is left but what the pixels need.
"""

from collections.abc import Callable

from digitrec.decoding.structure import bmp, gif, jpeg, png, pnm, tiff, webp
from digitrec.decoding.structure.other_formats import refuse_by_name
from digitrec.decoding.structure.stripped import Stripped

__all__ = ["Stripped", "strip"]


def strip(data: bytes) -> Stripped | None:
    """Reduce a file to its pixels.

    Args:
        data: The file, whole. Its format is known by its content.

    Returns:
        What to decode; None where the format is not known.

    Raises:
        InvalidImageError: Broken, of a kind that is not read, or of a known format that is not read, by its name.
        ImageTooLargeError: Decoding it would cost more than `digitrec.decoding.limits` allow.
    """
    if strip_format := _format(data):
        return strip_format(data)
    refuse_by_name(data)
    return None


def _format(data: bytes) -> Callable[[bytes], Stripped] | None:
    if data.startswith(png.SIGNATURE):
        return png.strip
    if data.startswith(jpeg.SIGNATURE):
        return jpeg.strip
    if data.startswith(gif.SIGNATURES):
        return gif.strip
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return webp.strip
    if data.startswith(tiff.SIGNATURES):
        return tiff.strip
    if data.startswith(bmp.SIGNATURE):
        return bmp.strip
    return pnm.strip if pnm.SIGNATURE.match(data) else None
