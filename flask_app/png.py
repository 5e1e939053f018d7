"""Pictures as PNG files made here: what the model saw, and of a stranger's file its pixels alone."""

import io

import numpy as np
from PIL import Image

from digitrec.decoding import full_scale, pixels_from


def pixels_alone(picture: bytes) -> bytes:
    """A picture file as a PNG, upright, without what else its file may say, such as where it was taken.

    Args:
        picture: A file that has been recognized, so that it can be read.

    Returns:
        No side is longer than `digitrec.decoding.MAX_SIDE`, so that nobody fills the disk with a few photographs.
    """
    pixels = pixels_from(picture)
    whole = pixels if pixels.dtype == np.uint8 else np.rint(pixels * (255 / full_scale(pixels))).astype(np.uint8)
    return png(Image.fromarray(whole))


def png(picture: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
