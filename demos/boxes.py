"""Pictures as the demos show them, with boxes around what was read."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitrec.decoding import ImageLike, Pixels, full_scale, sized_pixels_from
from digitrec.reader.reading import Box


class ShownPicture(NamedTuple):
    """A picture for the page.

    Attributes:
        picture: RGB, upright, without transparency.
        scale: Its pixels for each pixel of the picture that was passed, across and down.
    """

    picture: Image.Image
    scale: tuple[float, float]

    def place(self, box: Box) -> tuple[int, int, int, int]:
        """Where a box of a reading is in this picture: left, top, right, bottom, at least one pixel long and wide."""
        (across, down), (width, height) = self.scale, self.picture.size
        left, top = min(max(int(box[0] * across), 0), width - 1), min(max(int(box[1] * down), 0), height - 1)
        right, bottom = (round(edge) for edge in (box[2] * across, box[3] * down))
        return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)


def show_picture(image: ImageLike, longest: int) -> ShownPicture:
    """Decode a picture within the core's limits, as the page shows it.

    Args:
        image: Anything `digitrec.read` takes.
        longest: Longest side of the result, in pixels.

    Raises:
        DigitrecError: It cannot be decoded.
    """
    pixels, (width, height) = sized_pixels_from(image)
    picture = _opaque(Image.fromarray(_bytes(pixels)))
    picture.thumbnail((longest, longest))
    return ShownPicture(picture, (picture.width / width, picture.height / height))


def draw_boxes(picture: Image.Image, boxes: Sequence[tuple[tuple[int, ...], str, str]]) -> Image.Image:
    """Draw boxes with labels into a copy of a picture.

    Args:
        picture: RGB.
        boxes: Left, top, right and bottom in its pixels, the label, and the colour.
    """
    picture = picture.copy()
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(max(14, picture.height // 16))
    for (left, top, right, bottom), label, colour in boxes:
        pen.rectangle((left, top, right, bottom), outline=colour, width=2)
        wide, tall = (round(length) for length in pen.textbbox((0, 0), label, font=font)[2:])
        # Above the box, or inside of it at the picture's upper edge.
        corner = (min(left, picture.width - wide - 4), top - tall - 2 if top > tall + 2 else top)
        pen.rectangle((*corner, corner[0] + wide + 4, corner[1] + tall + 2), fill=colour)
        pen.text((corner[0] + 2, corner[1]), label, fill="white", font=font)
    return picture


def _bytes(pixels: Pixels) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels)
    return np.rint(pixels * np.float32(255 / full_scale(pixels))).astype(np.uint8)


def _opaque(picture: Image.Image) -> Image.Image:
    """Put a picture on white paper; on black, if its opaque pixels are bright and would not be seen on white."""
    if picture.mode not in ("RGBA", "LA"):
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    drawn = np.asarray(picture.convert("L"))[np.asarray(picture)[..., 3] > 127]
    paper = "black" if drawn.size and drawn.mean() > 127 else "white"
    return Image.alpha_composite(Image.new("RGBA", picture.size, paper), picture).convert("RGB")
