"""The icon of the installed page: the hand-drawn three of its invitation, on paper."""

import io

from PIL import Image, ImageDraw

PAPER, INK = "#f4f1ea", "#2456c8"
POINTS = ((33, 27), (40, 19), (50, 16), (60, 19), (66, 30), (62, 41), (54, 46), (45, 48), (56, 49), (65, 55), (69, 66),
          (65, 78), (54, 84), (42, 82), (31, 73))  # fmt: skip
WIDTH, SMOOTH = 10, 4


def draw_icon(side: int) -> bytes:
    """The icon as a PNG of this many pixels a side; its middle four fifths survive any mask of the system's."""
    scale = side * SMOOTH / 100
    picture = Image.new("RGB", (side * SMOOTH, side * SMOOTH), PAPER)
    pen = ImageDraw.Draw(picture)
    points = [(x * scale, y * scale) for x, y in POINTS]
    pen.line(points, fill=INK, width=round(WIDTH * scale), joint="curve")
    radius = WIDTH * scale / 2
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=INK)
    file = io.BytesIO()
    picture.resize((side, side), Image.Resampling.BOX).save(file, "PNG", optimize=True)
    return file.getvalue()
