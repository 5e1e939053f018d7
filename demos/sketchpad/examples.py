"""A drawing of each digit, made of pen strokes, for those who want to see an answer before they draw."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = list[tuple[float, float]]

SMOOTH = 4
"""The brush is drawn this many times as large and averaged down, for edges as soft as a canvas draws them."""

STROKES: dict[int, list[Points]] = {
    0: [[(0.55, 0.12), (0.35, 0.22), (0.26, 0.5), (0.34, 0.79), (0.52, 0.87), (0.7, 0.74), (0.75, 0.46), (0.66, 0.2),
         (0.5, 0.12)]],
    1: [[(0.38, 0.28), (0.53, 0.13), (0.5, 0.5), (0.48, 0.88)]],
    2: [[(0.28, 0.3), (0.42, 0.15), (0.62, 0.18), (0.68, 0.36), (0.5, 0.62), (0.27, 0.84)],
        [(0.27, 0.84), (0.5, 0.82), (0.76, 0.85)]],
    3: [[(0.3, 0.2), (0.5, 0.12), (0.66, 0.22), (0.62, 0.39), (0.45, 0.47)],
        [(0.45, 0.47), (0.66, 0.55), (0.7, 0.73), (0.53, 0.87), (0.29, 0.8)]],
    4: [[(0.42, 0.13), (0.33, 0.37), (0.24, 0.57)], [(0.24, 0.57), (0.5, 0.57), (0.78, 0.54)],
        [(0.64, 0.3), (0.61, 0.6), (0.58, 0.9)]],
    5: [[(0.36, 0.15), (0.34, 0.32), (0.31, 0.47)],
        [(0.31, 0.47), (0.52, 0.4), (0.7, 0.53), (0.67, 0.76), (0.48, 0.88), (0.27, 0.81)],
        [(0.36, 0.15), (0.53, 0.15), (0.72, 0.13)]],
    6: [[(0.63, 0.12), (0.43, 0.3), (0.31, 0.57), (0.34, 0.8), (0.52, 0.89), (0.68, 0.76), (0.64, 0.57), (0.48, 0.52),
         (0.33, 0.66)]],
    7: [[(0.25, 0.17), (0.5, 0.16), (0.76, 0.15)], [(0.76, 0.15), (0.6, 0.43), (0.48, 0.68), (0.41, 0.9)]],
    8: [[(0.66, 0.22), (0.5, 0.12), (0.34, 0.23), (0.4, 0.4), (0.6, 0.54), (0.69, 0.73), (0.51, 0.88), (0.32, 0.75),
         (0.41, 0.55), (0.62, 0.37), (0.66, 0.22)]],
    9: [[(0.68, 0.26), (0.52, 0.13), (0.34, 0.24), (0.35, 0.43), (0.51, 0.49), (0.66, 0.36), (0.68, 0.26)],
        [(0.68, 0.26), (0.67, 0.55), (0.59, 0.89)]],
}  # fmt: skip
"""Strokes by digit, as points (x, y) of a unit square, y down; a smooth line runs through each stroke's points."""


def example_drawing(digit: int, side: int = 280, brush: float = 18) -> Image.Image:
    """Draw a digit as the sketchpad hands it over: black ink on nothing, so that it lives in alpha alone.

    Args:
        digit: 0 to 9.
        side: Width and height, in pixels.
        brush: Diameter of the brush, in pixels.

    Returns:
        A picture of mode RGBA.
    """
    alpha = Image.new("L", (side * SMOOTH, side * SMOOTH), 0)
    pen = ImageDraw.Draw(alpha)
    radius = brush * SMOOTH / 2
    for stroke in STROKES[digit]:
        for x, y in _curve(stroke) * side * SMOOTH:  # so close together that the dots are a line
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    drawing = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    drawing.putalpha(alpha.reduce(SMOOTH))
    return drawing


def _curve(points: Points, steps: int = 60) -> NDArray[np.float64]:
    """Points of a Catmull-Rom spline, shape (n, 2), `steps` of them from each given point to the next."""
    through = np.array([points[0], *points, points[-1]])
    t = np.linspace(0, 1, steps)[:, np.newaxis]
    pieces = []
    for a, b, c, d in zip(through, through[1:], through[2:], through[3:], strict=False):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces)
