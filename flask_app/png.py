"""Make PNG files: of what the model saw, and of an uploaded image without its metadata."""

import io
import math

import numpy as np
from PIL import Image

from digitrec.decoding import full_scale, sized_pixels_from
from digitrec.reader.reading import Box

KEPT_SIDE = 280
"""Longest side, in pixels, of a drawing that is kept: that of the page's canvas, which is what a reviewer sees."""


AROUND = 0.2
"""How much of a digit's surroundings is kept with it, as a share of its longer side."""


def reencode_as_png(image: bytes, box: Box | None = None) -> bytes:
    """Encode an image file as a PNG, upright and without its metadata, such as where it was taken.

    Args:
        image: The bytes of a file that `predict` or `read` has read.
        box: The place of a digit in it, in pixels of the image as it is shown: nothing but this digit, with a little of
            what is around it, is kept. None for all of the image.

    Returns:
        A PNG with no side over `KEPT_SIDE` pixels, so that a few photographs do not fill the disk.
    """
    pixels, size = sized_pixels_from(image)
    if box is not None:
        pixels = pixels[_part(box, size, pixels.shape)]
    whole = pixels if pixels.dtype == np.uint8 else np.rint(pixels * (255 / full_scale(pixels))).astype(np.uint8)
    picture = Image.fromarray(whole)
    picture.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return encode_png(picture)


def _part(box: Box, size: tuple[int, int], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a digit and its surroundings.

    Args:
        box: The place of the digit, in an image of this width and height.
        size: Width and height.
        shape: That of the image's pixels, (height, width, ...), which may be fewer.
    """
    around = AROUND * max(box[2] - box[0], box[3] - box[1])
    parts = []
    for low, high, shown, there in ((box[1], box[3], size[1], shape[0]), (box[0], box[2], size[0], shape[1])):
        start, end = ((edge * there / shown) for edge in (low - around, high + around))
        parts.append(slice(max(0, math.floor(start)), max(1, math.ceil(end))))
    return parts[0], parts[1]


def encode_png(image: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
