"""Pen strokes, drawn on a canvas as in a drawing app.

A recorded stroke is a list of points. Drawn with a round brush at four times the size and averaged down, it looks as a
browser's canvas draws it. A style holds size, place, brush and handwriting, in which drawings differ more than in their
digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitrec.learning.strokes.recordings import PenDigit

CANVAS = 280
"""Side of the canvas, in pixels: that of the web app."""

SMOOTH = 4
"""Drawings are made this many times as large and averaged down, for the soft edges of a browser's canvas."""

Path = NDArray[np.float64]


@dataclass(frozen=True)
class Style:
    """How a digit is drawn on a canvas.

    Attributes:
        size: Longer side of the box around the pen's path, in pixels.
        left: Where that box lies, 0 at the canvas' left edge to 1 at its right.
        top: The same from the upper edge to the lower.
        brush: Diameter of the round brush, in pixels.
        slant: Pixels to the right for each pixel upwards.
        jitter: Standard deviation of the pen's jitter, in pixels.
        aspect: Factor on the width; the height then follows from `size`.
        pressure: Share of the diameter by which the brush swells and shrinks along a stroke, 0 to below 1.
        coarse: Least distance between the points of the path, in pixels; a fast mouse reports few of them, and the
            line between them is straight.
        bend: Standard deviation of the displacements that bend the plane, in shares of `size`: curves and proportions
            differ between writers.
        loose: Standard deviation of each stroke's own shift, in shares of `size`: the bar of a 5 or a 7 sits anywhere.
        dots: Stray dots, anywhere on the canvas, each half to one and a half times as large as the brush.
    """

    size: float = 190.0
    left: float = 0.5
    top: float = 0.5
    brush: float = 18.0
    slant: float = 0.0
    jitter: float = 0.0
    aspect: float = 1.0
    pressure: float = 0.0
    coarse: float = 0.0
    bend: float = 0.0
    loose: float = 0.0
    dots: int = 0


def random_style(rng: np.random.Generator) -> Style:
    """Draw a random style: any place, a seventh of the canvas to nearly all of it, a hairline to a thick brush.

    The brush goes from one pixel to a quarter of the digit's size, thin ones as often as thick ones by ratio. Three in
    ten drawings have a brush that swells, two in ten few points, three in twenty a stray dot or two.
    """
    size = float(CANVAS * rng.uniform(0.15, 0.97))
    return Style(
        size=size,
        left=float(rng.uniform()),
        top=float(rng.uniform()),
        brush=float(np.exp(rng.uniform(0.0, np.log(size / 4)))),
        slant=float(rng.normal(0.0, 0.12)),
        jitter=float(size * rng.uniform(0.0, 0.008)),
        aspect=float(np.exp(rng.uniform(np.log(0.8), np.log(1.25)))),
        pressure=float(rng.uniform(0.0, 0.25)) if rng.uniform() < 0.3 else 0.0,
        coarse=float(size * rng.uniform(0.05, 0.15)) if rng.uniform() < 0.2 else 0.0,
        dots=int(rng.integers(1, 3)) if rng.uniform() < 0.15 else 0,
    )


def vary_handwriting(style: Style, rng: np.random.Generator) -> Style:
    """Vary the handwriting of a style: the plane is bent by up to 12 % of the size, strokes are shifted by up to 8 %.

    Thirty writers are few; models/EXPERIMENTS.md has what training on such drawings gained.
    """
    return replace(style, bend=float(rng.uniform(0.0, 0.12)), loose=float(rng.uniform(0.0, 0.08)))


def draw(digit: PenDigit, style: Style, rng: np.random.Generator, canvas: int = CANVAS) -> NDArray[np.uint8]:
    """Draw a digit on a white canvas, in black: `draw_strokes` of its strokes."""
    return draw_strokes(digit.strokes, style, rng, canvas)


def draw_strokes(
    strokes: Sequence[Path], style: Style, rng: np.random.Generator, canvas: int = CANVAS, *, filled: bool = False
) -> NDArray[np.uint8]:
    """Draw strokes on a white canvas, in black.

    Args:
        strokes: What to draw; each of shape (points, 2), x and y with y down, in any unit.
        style: How; the drawing is moved so far that brush and box stay on the canvas, if they fit at all.
        rng: Source of jitter, pressure and stray dots.
        canvas: Side of the canvas, in pixels.
        filled: Whether the area that each stroke goes around is black too.

    Returns:
        Shape (canvas, canvas), uint8, 0 ink on 255.
    """
    strokes = [np.stack([style.aspect * s[:, 0] - style.slant * s[:, 1], s[:, 1]], axis=1) for s in strokes]
    strokes = _vary_handwriting(strokes, rng, style)
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = style.size / max(float((high - low).max()), 1e-6)
    room = canvas - scale * (high - low) - style.brush
    corner = np.array([style.left, style.top]) * np.maximum(room, 0) + np.minimum(room, 0) / 2 + style.brush / 2
    picture = Image.new("L", (SMOOTH * canvas, SMOOTH * canvas), 255)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        path = _tremble(_thin_out(scale * (stroke - low), style.coarse), rng, style.jitter) + corner
        if filled and len(path) > 2:
            pen.polygon([(SMOOTH * float(x), SMOOTH * float(y)) for x, y in path], fill=0)
        diameters = style.brush * _swell(len(path), rng, style.pressure)
        _brush_along(pen, SMOOTH * path, SMOOTH * diameters)
    for _ in range(style.dots):
        dot, diameter = rng.uniform(0, canvas, (1, 2)), style.brush * rng.uniform(0.5, 1.5, 1)
        _brush_along(pen, SMOOTH * dot, SMOOTH * diameter)
    return np.asarray(picture.reduce(SMOOTH))


def _vary_handwriting(strokes: Sequence[Path], rng: np.random.Generator, style: Style) -> Sequence[Path]:
    """Bend the plane that the strokes lie in, smoothly, and shift each of them a little."""
    if not (style.bend or style.loose):
        return strokes
    points = np.concatenate(strokes)
    size = max(float(np.ptp(points, axis=0).max()), 1e-6)
    # Four waves of any direction for each axis, most with less than a whole period across the digit.
    directions, phases = rng.normal(0.0, 0.4, (2, 4, 2)), rng.uniform(0, 2 * np.pi, (2, 4, 1))

    def bent(stroke: Path) -> Path:
        waves = np.sin(2 * np.pi * directions @ (stroke / size).T + phases)  # (2, 4, points)
        own = style.loose * rng.normal(0.0, 1.0, 2)
        moved: Path = stroke + size * (style.bend * waves.sum(1).T / np.sqrt(2) + own)
        return moved

    return [bent(stroke) for stroke in strokes]


def _thin_out(path: Path, distance: float) -> Path:
    """Keep the first and the last point, and between them only such as are `distance` pixels from the one before."""
    if distance <= 0 or len(path) < 3:
        return path
    kept = [0]
    for number in range(1, len(path) - 1):
        if np.hypot(*(path[number] - path[kept[-1]])) >= distance:
            kept.append(number)
    return path[[*kept, len(path) - 1]]


def _tremble(path: Path, rng: np.random.Generator, jitter: float) -> Path:
    """Move the points by noise that is smooth along the stroke, as that of a trembling hand."""
    if jitter == 0 or len(path) < 3:
        return path
    noise = rng.normal(0.0, 1.0, (len(path) + 4, 2))
    smooth = np.stack([np.convolve(noise[:, axis], np.ones(5) / np.sqrt(5), "valid") for axis in range(2)], axis=1)
    return path + jitter * smooth


def _swell(points: int, rng: np.random.Generator, pressure: float) -> Path:
    """Factors on the brush at each point, shape (points,): half a wave to two, as a pen slows down and speeds up."""
    if pressure == 0:
        return np.ones(points)
    phase, waves = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 2)
    return 1 + pressure * np.sin(phase + 2 * np.pi * waves * np.linspace(0, 1, points))


def _brush_along(pen: ImageDraw.ImageDraw, path: Path, diameters: Path) -> None:
    """A round brush along the path: thick lines, with a disc at each point for caps and joints."""
    points = [(float(x), float(y)) for x, y in path]
    if len(points) > 1 and np.ptp(diameters) == 0:
        pen.line(points, fill=0, width=max(1, round(diameters[0])))
    elif len(points) > 1:
        for number, width in enumerate((diameters[1:] + diameters[:-1]) / 2):
            pen.line(points[number : number + 2], fill=0, width=max(1, round(width)))
    for (x, y), radius in zip(points, diameters / 2, strict=True):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
