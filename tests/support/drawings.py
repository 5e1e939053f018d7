"""Digits as a pen draws them, for every test that needs a picture.

drawing(4)                                    # (280, 280) uint8, white ink (255) on black (0)
drawing(4, size=24, canvas=(600, 400))        # 24 pixels high, in the middle of 600 wide and 400 high
drawing(4, size=80, at=(0, 0), thickness=1)   # in the upper left corner, with a hairline
painted(drawing(4), BLUE, YELLOW)             # (280, 280, 3) uint8
encoded(drawing(4), "JPEG")                   # bytes of a file; dark on light with encoded(255 - drawing(4))
"""

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = list[tuple[float, float]]
Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
BLUE: Colour = (20, 40, 200)
YELLOW: Colour = (250, 230, 60)

SMOOTH = 4
"""The brush is drawn this many times as large and averaged down, which gives edges like a browser's canvas."""


def _arc(centre: tuple[float, float], radii: tuple[float, float], start: int, end: int) -> Points:
    """Points of an arc; degrees clockwise from three o'clock, as seen on a page whose y runs down."""
    steps = np.linspace(math.radians(start), math.radians(end), 2 + abs(end - start) // 10)
    return [(centre[0] + radii[0] * math.cos(a), centre[1] + radii[1] * math.sin(a)) for a in steps]


STROKES: dict[int, list[Points]] = {
    0: [_arc((0.5, 0.5), (0.32, 0.5), -90, 270)],
    1: [[(0.52, 0.0), (0.48, 1.0)]],
    2: [[*_arc((0.48, 0.28), (0.3, 0.28), -160, 30), (0.62, 0.56), (0.18, 1.0), (0.84, 0.98)]],
    3: [[*_arc((0.46, 0.25), (0.28, 0.25), -150, 90), *_arc((0.46, 0.74), (0.32, 0.26), -90, 150)]],
    4: [[(0.3, 0.0), (0.18, 0.55), (0.82, 0.52)], [(0.68, 0.1), (0.62, 1.0)]],
    5: [[(0.28, 0.02), (0.25, 0.42), *_arc((0.46, 0.68), (0.3, 0.31), -110, 140)], [(0.28, 0.02), (0.76, 0.0)]],
    6: [[(0.66, 0.0), (0.42, 0.2), (0.26, 0.5), *_arc((0.5, 0.72), (0.28, 0.28), -180, 180)]],
    7: [[(0.16, 0.02), (0.82, 0.0), (0.62, 0.4), (0.44, 1.0)]],
    8: [[*_arc((0.5, 0.24), (0.25, 0.24), 90, -270), *_arc((0.5, 0.74), (0.3, 0.26), -90, 270)]],
    9: [[*_arc((0.48, 0.28), (0.27, 0.28), 0, 360), (0.73, 0.55), (0.66, 1.0)]],
}
"""Pen strokes by digit, as points (x, y) in a unit square, y down."""

_HALVES = [*_arc((0.3, 0.28), (0.2, 0.24), -180, 0), *_arc((0.7, 0.28), (0.2, 0.24), -180, 0)]
HEART: list[Points] = [[(0.5, 0.95), (0.1, 0.45), *_HALVES, (0.9, 0.45), (0.5, 0.95)]]
"""Strokes of what is no digit."""


def drawing(
    digit: int | list[Points],
    *,
    size: float = 190,
    at: tuple[float, float] | None = None,
    thickness: float = 18,
    canvas: tuple[int, int] = (280, 280),
) -> NDArray[np.uint8]:
    """Draw a digit, or strokes of one's own, with a round brush.

    Args:
        digit: 0 to 9; or strokes, points (x, y) in a unit square, y down.
        size: Side of the square that the pen's path lies in, in pixels; the brush reaches beyond by half its thickness.
        at: Left and top of that square, in pixels; by default it lies in the middle of the canvas.
        thickness: Diameter of the brush, in pixels.
        canvas: Width and height, in pixels.

    Returns:
        Shape (height, width), uint8, 255 full ink on 0. Black on white is `255 - drawing(...)`.
    """
    width, height = canvas
    left, top = at if at is not None else ((width - size) / 2, (height - size) / 2)
    picture = Image.new("L", (width * SMOOTH, height * SMOOTH), 0)
    pen = ImageDraw.Draw(picture)
    brush = max(thickness * SMOOTH, 1)
    for stroke in digit if isinstance(digit, list) else STROKES[digit]:
        points = [((left + x * size) * SMOOTH, (top + y * size) * SMOOTH) for x, y in stroke]
        pen.line(points, fill=255, width=round(brush))
        for x, y in points:  # round caps and joints
            pen.ellipse((x - brush / 2, y - brush / 2, x + brush / 2, y + brush / 2), fill=255)
    return np.array(picture.reduce(SMOOTH))


def painted(ink: NDArray[np.uint8], pen: Colour = BLACK, paper: Colour = WHITE) -> NDArray[np.uint8]:
    """The drawing in colours. Takes (h, w), returns (h, w, 3), both uint8."""
    share = ink[..., np.newaxis] / 255
    return np.round(share * np.array(pen) + (1 - share) * np.array(paper)).astype(np.uint8)


def sketched(ink: NDArray[np.uint8], pen: Colour = BLACK) -> NDArray[np.uint8]:
    """The drawing as it lives in a browser's canvas, in alpha alone. Takes (h, w), returns (h, w, 4), both uint8."""
    return np.dstack([np.broadcast_to(np.array(pen, np.uint8), (*ink.shape, 3)), ink])


def encoded(pixels: NDArray[Any] | Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """A picture file: the array or Pillow image in Pillow's format `kind`."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
