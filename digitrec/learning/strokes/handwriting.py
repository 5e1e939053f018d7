"""Handwriting: strokes from drawings in text notation, varied at random as those of different writers are.

Strokes are arrays of shape (points, 2), x and y with y down, in any unit;
`digitrec.learning.strokes.drawing` draws them.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.strokes.drawing import Style, random_style

Stroke = NDArray[np.float64]

POINTS = 48
"""Points of a stroke, whatever its length: enough to round its corners and bend its line."""


def parse_strokes(drawing: str, rng: np.random.Generator | None = None, spread: float = 0.0) -> list[Stroke]:
    """Parse the strokes of a drawing in the notation of `digitrec.learning.negatives.letters`.

    Args:
        drawing: The text.
        rng: Source of the spread of the points.
        spread: Standard deviation by which each point of the text is off, as a share of the drawing's height.

    Returns:
        The strokes, of `POINTS` points each.
    """
    strokes = []
    for text in drawing.split("|"):
        kind, *numbers = text.split()
        values = np.array(numbers, float)
        points = _arc(*values) if kind == "o" else values.reshape(-1, 2)
        if rng is not None and kind != "o":
            points = points + rng.normal(0.0, 100 * spread, points.shape)
        strokes.append(resample(points, straight=kind == "-"))
    return strokes


def _arc(x: float, y: float, across: float, down: float, start: float, sweep: float) -> Stroke:
    angle = np.radians(start + np.linspace(0.0, sweep, POINTS))
    return np.stack([x + across * np.cos(angle), y + down * np.sin(angle)], axis=1)


def resample(points: Stroke, *, straight: bool = False, count: int = POINTS) -> Stroke:
    """Put `count` points, evenly spaced, on a line or a smooth (Catmull-Rom) curve through some points."""
    if not straight and len(points) > 2:
        ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
        t = np.linspace(0.0, 1.0, 12, endpoint=False)[:, None]
        pieces = [
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
        ]
        points = np.concatenate([*pieces, points[-1:]])
    steps = np.hypot(*np.diff(points, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.linspace(0.0, travelled[-1], count)
    return np.stack([np.interp(even, travelled, points[:, axis]) for axis in range(2)], axis=1)


def perturb_strokes(
    strokes: Sequence[Stroke], rng: np.random.Generator, wildness: float = 1.0, *, crisp: bool = False
) -> list[Stroke]:
    """Perturb strokes as handwriting does: each is shifted, corners rounded, the whole bent, stretched and turned.

    Args:
        strokes: The intended strokes.
        rng: Source of the perturbations.
        wildness: Their size: 0 for none, 1 for those of usual handwriting.
        crisp: Whether corners stay corners.

    Returns:
        As many strokes, of the same numbers of points, in a unit of the longer side.
    """
    points = np.concatenate(strokes)
    low, span = points.min(0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    stretch = np.exp(wildness * rng.normal(0.0, [0.12, 0.05]))
    turn = wildness * rng.normal(0.0, 0.08)
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    wave = wildness * rng.normal(0.0, 0.018, (2, 2, 2))  # which axis moves, along which, at which frequency
    phase = rng.uniform(0.0, 2 * np.pi, (2, 2, 2))
    roundness = 0 if crisp else int(rng.integers(0, 3))
    drawn = []
    for stroke in strokes:
        path = _extend_ends((stroke - low) / span, wildness * rng.normal(0.0, 0.03, 2))
        middle = path.mean(0)
        path = middle + (path - middle) * np.exp(wildness * rng.normal(0.0, 0.04, 2)) @ turned
        path = round_corners(path + wildness * rng.normal(0.0, 0.018, 2), roundness)
        bent = path.copy()
        for axis in range(2):
            for other in range(2):
                for frequency in range(2):
                    angle = np.pi * (frequency + 1) * path[:, other] + phase[axis, other, frequency]
                    bent[:, axis] += wave[axis, other, frequency] * np.sin(angle)
        drawn.append((bent - 0.5) @ turned * stretch)
    return drawn


def _extend_ends(path: Stroke, further: NDArray[np.float64]) -> Stroke:
    """Lengthen or shorten a line at both ends."""
    path = path.copy()
    for end, inner, far in ((0, 3, further[0]), (-1, -4, further[1])):
        outwards = path[end] - path[inner]
        path[end] += outwards / max(float(np.hypot(*outwards)), 1e-6) * far
    return path


def round_corners(path: Stroke, width: int) -> Stroke:
    """A path whose points are means of up to `width` neighbours on either side, which rounds its corners."""
    if width == 0:
        return path
    padded = np.pad(path, ((width, width), (0, 0)), mode="edge")
    kernel = np.ones(2 * width + 1) / (2 * width + 1)
    return np.stack([np.convolve(padded[:, axis], kernel, "valid") for axis in range(2)], axis=1)


def legible_style(strokes: Sequence[Stroke], rng: np.random.Generator, covered: float = 0.5) -> Style:
    """Draw a random style whose brush leaves the drawing's holes open.

    Under too thick a brush any sign becomes a blob, and some blobs look like digits.

    Args:
        strokes: What is to be drawn.
        rng: Source of the style.
        covered: Share of the drawing's box that ink may cover.
    """
    style = random_style(rng)
    points = np.concatenate(strokes)
    extent = np.ptp(points, axis=0) / max(float(np.ptp(points, axis=0).max()), 1e-6)
    length = path_length(strokes)
    thickest = min(0.25, covered * max(float(extent.prod()), 0.1) / max(length, 1e-6)) * style.size
    return dataclasses.replace(style, brush=float(np.exp(rng.uniform(0.0, np.log(max(thickest, 1.5))))))


def path_length(strokes: Sequence[Stroke]) -> float:
    """Length of the pen's path, in units of the longer side of the box around it."""
    points = np.concatenate(strokes)
    span = max(float(np.ptp(points, axis=0).max()), 1e-6)
    return float(sum(np.hypot(*np.diff(stroke, axis=0).T).sum() for stroke in strokes)) / span


def aspect(strokes: Sequence[Stroke]) -> float:
    """Width of the box around the strokes as a multiple of its height."""
    width, height = np.ptp(np.concatenate(strokes), axis=0)
    return float(width / max(float(height), 1e-6))
