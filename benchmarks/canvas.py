"""The drawing that is recognized: a 3 with a round brush on a 280x280 canvas, as a browser would hand it over."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE = 280
BRUSH = 18
WAY = (90, 75), (120, 50), (165, 50), (190, 80), (175, 115), (135, 132), (180, 148), (200, 185), (178, 222), (130, 232)
"""The pen's way, in pixels, y down."""

_OVERSAMPLING = 4  # drawn so many times larger and averaged down: Pillow's own lines have hard edges


def gray_canvas() -> NDArray[np.uint8]:
    """The drawing, black on white. Shape (280, 280)."""
    large = Image.new("L", (SIDE * _OVERSAMPLING, SIDE * _OVERSAMPLING), 255)
    pen = ImageDraw.Draw(large)
    way = [(x * _OVERSAMPLING, y * _OVERSAMPLING) for x, y in WAY]
    radius = BRUSH * _OVERSAMPLING / 2
    pen.line(way, fill=0, width=BRUSH * _OVERSAMPLING)
    for x, y in way:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return np.asarray(large.reduce(_OVERSAMPLING), np.uint8)


def rgba_canvas() -> NDArray[np.uint8]:
    """The same on an opaque sheet, as `getImageData` returns it. Shape (280, 280, 4)."""
    gray = gray_canvas()
    return np.stack([gray, gray, gray, np.full_like(gray, 255)], axis=-1)


def png_canvas() -> bytes:
    """The same as a PNG file with four channels, as `toBlob` makes it."""
    file = io.BytesIO()
    Image.fromarray(rgba_canvas()).save(file, "PNG")
    return file.getvalue()
