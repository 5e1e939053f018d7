"""Pictures as PNG files made here: what the model saw, and of a stranger's file its pixels alone."""

import io

import numpy as np
from numpy.typing import NDArray
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


def frame_pixels(frame: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A prediction's `model_input`, (28, 28), 0 to 1, as pixels: 0 background to 255 full ink, as in MNIST."""
    pixels: NDArray[np.uint8] = np.rint(255 * frame.clip(0, 1)).astype(np.uint8)
    return pixels


def png(picture: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
