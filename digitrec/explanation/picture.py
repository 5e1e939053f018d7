"""A map of the frame, laid onto the drawing and coloured."""

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.decoding import Pixels, full_scale
from digitrec.explanation.graph import Floats

FOR, AGAINST = (230, 97, 1), (64, 99, 216)
"""Colours of what speaks for a digit and against it: orange and blue, which colour-blind people tell apart."""

INK_LEFT = 0.6
"""How dark black ink stays under the colours, which it would swallow."""

STRONGEST = 0.85
"""Opacity of the colours where the map is 1 or -1."""


class Place(NamedTuple):
    """Where a frame lies on a picture.

    Attributes:
        top: Its upper edge, in pixels of the picture.
        left: Its left edge.
        scale: Pixels of the picture to a pixel of the frame.
    """

    top: float
    left: float
    scale: float

    def within_crop(self, top: float, left: float, scale: float) -> "Place":
        """The place on a picture of which the drawing is a crop, at these edges and this scale."""
        return Place(top + scale * self.top, left + scale * self.left, scale * self.scale)


def lay_onto(frame_map: Floats, place: Place, shape: tuple[int, int]) -> Floats:
    """Lay a map of the frame onto a picture.

    Args:
        frame_map: Shape (28, 28).
        place: Where the frame lies.
        shape: Height and width of the picture.

    Returns:
        Shape (height, width), float32: linear between the middles of the frame's pixels, 0 outside of the frame.
    """
    down = _interpolation(shape[0], place.top, place.scale, frame_map.shape[0])
    across = _interpolation(shape[1], place.left, place.scale, frame_map.shape[1])
    return np.asarray(down @ frame_map @ across.T, np.float32)


def _interpolation(length: int, start: float, scale: float, side: int) -> Floats:
    """Weights (length, side) of a frame's pixels at each pixel of a picture, along one axis."""
    position = (np.arange(length, dtype=np.float32)[:, np.newaxis] + 0.5 - start) / scale - 0.5
    reach = max(1.0, 1 / scale)  # of a small drawing, a pixel covers several of the frame's
    return np.asarray(np.maximum(0, 1 - np.abs(position - np.arange(side)) / reach) / reach, np.float32)


def colour(for_and_against: Floats, under: NDArray[np.uint8]) -> Image.Image:
    """Colour a picture by a map.

    Args:
        for_and_against: Shape (h, w), -1 to 1.
        under: Shape (h, w), the picture in grey.

    Returns:
        An RGB image: orange where the map is above 0, blue where it is below.
    """
    paler = np.rint(255 - INK_LEFT * (255 - under.astype(np.float32))).astype(np.uint8)
    below = Image.fromarray(paler).convert("RGBA")
    return Image.alpha_composite(below, heat(for_and_against)).convert("RGB")


def heat(for_and_against: Floats) -> Image.Image:
    """Colour a map (h, w), -1 to 1: an RGBA image, the more opaque the more speaks for or against."""
    strength = STRONGEST * np.sqrt(np.abs(for_and_against).clip(0, 1))
    coloured = np.empty((*for_and_against.shape, 4), np.uint8)
    towards = np.array(FOR, np.uint8), np.array(AGAINST, np.uint8)
    coloured[..., :3] = np.where(for_and_against[..., np.newaxis] > 0, *towards)
    coloured[..., 3] = np.rint(255 * strength)
    return Image.fromarray(coloured)


def grey_of(pixels: Pixels) -> NDArray[np.uint8]:
    """A picture in grey, transparency on white, of the same size.

    Args:
        pixels: As `digitrec.decoding.pixels_from` returns them.
    """
    if pixels.dtype != np.uint8:
        pixels = np.rint(pixels * np.float32(255 / full_scale(pixels))).astype(np.uint8)
    picture = Image.fromarray(pixels)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, (255, 255, 255, 255)), picture)
    return np.asarray(picture.convert("L"))


def png_of(picture: Image.Image) -> bytes:
    """Encode a picture as a PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
