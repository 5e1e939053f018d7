"""The picture that the detector looks at: one plane of brightness, whatever the pixels were."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.decoding import Pixels, full_scale
from digitrec.errors import BlankImageError
from digitrec.ink import ink_from_pixels
from digitrec.sheets import has_plain_border


def grey_from_pixels(pixels: Pixels) -> NDArray[np.uint8] | None:
    """A picture's brightness, (height, width); None where nothing stands out from a plain background.

    On a canvas, whose border is all of one colour, it is how much each pixel differs from that, so that ink of any
    colour, or only of opacity, is seen. On a photograph it is the brightness itself.
    """
    if has_plain_border(pixels):
        try:
            return np.rint(255 * (1 - ink_from_pixels(pixels))).astype(np.uint8)
        except BlankImageError:
            return None
    if pixels.dtype != np.uint8:
        pixels = np.rint(pixels * np.float32(255 / full_scale(pixels))).astype(np.uint8)
    if pixels.ndim == 2:
        return np.ascontiguousarray(pixels)
    picture = Image.fromarray(pixels)
    if picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(paper, picture)
    grey: NDArray[np.uint8] = np.asarray(picture.convert("L"))
    return grey
