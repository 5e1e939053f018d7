"""What scenes are written on: blank canvases, ruled, squared and dotted paper, grids, forms, desks.

Fields are arrays of shape (side, side), float32. Brightness runs from 0 to 1; coverage says how much of a pixel
something covers, 0 to 1. All is computed from coordinates, so that lines lie at any angle with soft edges.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


@cache
def _coordinates(side: int) -> tuple[Field, Field]:
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    return x, y


def turned(side: int, angle: float) -> tuple[Field, Field]:
    """Coordinates along and across a direction, in pixels from the upper left corner. `angle` is in radians."""
    x, y = _coordinates(side)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return c * x + s * y, c * y - s * x


def line_at(distance: Field, width: float) -> Field:
    """Coverage of a line: 1 within half its width, 0 half a pixel outside of it."""
    return np.clip(np.float32(width / 2 + 0.5) - np.abs(distance), 0, 1)


def repeated(position: Field, step: float, offset: float) -> Field:
    """Distances of positions from the nearest of all lines that are `step` apart."""
    return (position - np.float32(offset) + np.float32(step / 2)) % np.float32(step) - np.float32(step / 2)


@dataclass(frozen=True)
class Grid:
    """Where lines are ruled, so that digits can be written between them.

    Attributes:
        angle: Direction of the lines, in radians.
        step: Distance between two lines, in pixels.
        left: Place of one of the upright lines, in pixels along `angle`.
        top: Place of one of the level lines, in pixels across it.
    """

    angle: float
    step: float
    left: float
    top: float

    def cell(self, column: int, row: int) -> tuple[float, float]:
        """The middle of a cell, x and y in pixels."""
        along, across = self.left + (column + 0.5) * self.step, self.top + (row + 0.5) * self.step
        c, s = np.cos(self.angle), np.sin(self.angle)
        return float(c * along - s * across), float(s * along + c * across)


def random_grid(rng: np.random.Generator, side: int, step: float) -> Grid:
    """A grid at a slight angle, somewhere."""
    angle = float(rng.normal(0, 0.05)) if rng.random() < 0.7 else 0.0
    return Grid(angle, step, float(rng.uniform(0, side)), float(rng.uniform(0, side)))


def ruling(rng: np.random.Generator, side: int, grid: Grid, kind: str) -> Field:
    """Coverage of the lines of a page.

    Args:
        rng: Decides on widths.
        side: Of the picture, in pixels.
        grid: Where the lines are.
        kind: `ruled`, `squared`, `dotted`, or `sudoku`: squares of which every third line is thicker.
    """
    along, across = turned(side, grid.angle)
    width = float(rng.uniform(0.5, max(0.8, min(3.0, grid.step / 14))))
    level = repeated(across, grid.step, grid.top)
    if kind == "ruled":
        lines = line_at(level, width)
        if rng.random() < 0.2:  # the margin of an exercise book
            lines = np.maximum(lines, line_at(along - np.float32(rng.uniform(0, side)), width))
        return lines
    upright = repeated(along, grid.step, grid.left)
    if kind == "dotted":
        return np.clip(np.float32(width / 2 + 1.0) - np.hypot(level, upright), 0, 1)
    lines = np.maximum(line_at(level, width), line_at(upright, width))
    if kind == "sudoku":
        thick = width + rng.uniform(0.5, max(1.0, grid.step / 16))
        for position, start in ((across, grid.top), (along, grid.left)):
            third = start + grid.step * int(rng.integers(3))
            lines = np.maximum(lines, line_at(repeated(position, 3 * grid.step, third), thick))
    return lines


def frame(side: int, middle: tuple[float, float], size: tuple[float, float], angle: float, width: float) -> Field:
    """Coverage of a rectangle's outline: a form's box. Middle and size (width, height) are in pixels."""
    along, across = turned(side, angle)
    c, s = np.cos(angle), np.sin(angle)
    u = np.abs(along - np.float32(c * middle[0] + s * middle[1])) - np.float32(size[0] / 2)
    v = np.abs(across - np.float32(c * middle[1] - s * middle[0])) - np.float32(size[1] / 2)
    return line_at(np.maximum(u, v), width)


def ring(side: int, middle: tuple[float, float], radii: tuple[float, float], width: float) -> Field:
    """Coverage of an ellipse's outline: a circle drawn around a digit."""
    x, y = _coordinates(side)
    u, v = (x - np.float32(middle[0])) / np.float32(radii[0]), (y - np.float32(middle[1])) / np.float32(radii[1])
    distance = (np.hypot(u, v) - 1) * np.float32(min(radii))
    return line_at(distance, width)


def half_plane(rng: np.random.Generator, side: int, softness: float) -> Field:
    """1 on one side of a line across the picture, 0 on the other, with an edge `softness` pixels wide."""
    angle = rng.uniform(0, 2 * np.pi)
    along, _ = turned(side, angle)
    position = along - np.float32(rng.uniform(float(along.min()), float(along.max())))
    soft: Field = np.clip(position / np.float32(max(softness, 0.5)) + np.float32(0.5), 0, 1)
    return soft


@cache
def textures(count: int = 24, side: int = 320) -> NDArray[np.float32]:
    """Surfaces as desks and paper have them, by a seed of their own: shape (count, side, side), deviation 1.

    Noise whose power falls with frequency, stretched along one axis in half of them, as wood is.
    """
    rng = np.random.default_rng(0)
    made = []
    for number in range(count):
        stretch = 1.0 if number % 2 else float(rng.uniform(3, 12))
        frequency = np.hypot(stretch * np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
        frequency[0, 0] = np.inf
        spectrum = np.fft.rfft2(rng.normal(0, 1, (side, side))) / frequency ** rng.uniform(0.6, 1.8)
        plane = np.fft.irfft2(spectrum, s=(side, side))
        made.append(((plane - plane.mean()) / plane.std()).astype(np.float32))
    return np.stack(made)


def texture(rng: np.random.Generator, side: int) -> Field:
    """A piece of one of the `textures`, turned at random; deviation about 1."""
    pool = textures()
    y, x = rng.integers(0, pool.shape[1] - side, 2)
    piece: Field = pool[rng.integers(len(pool)), y : y + side, x : x + side]
    return piece.T if rng.integers(2) else piece
