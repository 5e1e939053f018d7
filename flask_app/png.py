"""Make PNG files: of what the model saw, and of an uploaded image without its metadata."""

import io

import numpy as np
from PIL import Image

from digitrec.decoding import full_scale, pixels_from

KEPT_SIDE = 280
"""Longest side, in pixels, of a drawing that is kept: that of the page's canvas, which is what a reviewer sees."""


def reencode_as_png(image: bytes) -> bytes:
    """Encode an image file as a PNG, upright and without its metadata, such as where it was taken.

    Args:
        image: The bytes of a file that `predict` has read.

    Returns:
        A PNG with no side over `KEPT_SIDE` pixels, so that a few photographs do not fill the disk.
    """
    pixels = pixels_from(image)
    whole = pixels if pixels.dtype == np.uint8 else np.rint(pixels * (255 / full_scale(pixels))).astype(np.uint8)
    picture = Image.fromarray(whole)
    picture.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return encode_png(picture)


def encode_png(image: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
