"""What the shipped model makes of drawings that are no digit, and of digits as people draw them."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

import digitrec
from tests.support.drawings import STROKES, Points, drawing

SIDE = 280


def circle(x, y, radius, start=0, end=360) -> Points:
    return [
        (x + radius * math.cos(math.radians(a)), y + radius * math.sin(math.radians(a)))
        for a in range(start, end + 1, 10)
    ]


SHAPES: dict[str, list[Points]] = {
    "heart": [
        [(0.5, 0.85), (0.2, 0.55), (0.15, 0.35), (0.3, 0.2), (0.45, 0.25), (0.5, 0.38)],
        [(0.5, 0.38), (0.55, 0.25), (0.7, 0.2), (0.85, 0.35), (0.8, 0.55), (0.5, 0.85)],
    ],
    "cross": [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]],
    "tick": [[(0.15, 0.55), (0.4, 0.8), (0.9, 0.15)]],
    "smiley": [
        circle(0.5, 0.5, 0.38),
        circle(0.38, 0.4, 0.03),
        circle(0.62, 0.4, 0.03),
        circle(0.5, 0.5, 0.22, 20, 160),
    ],
    "star": [[(0.5, 0.1), (0.7, 0.85), (0.1, 0.38), (0.9, 0.38), (0.3, 0.85), (0.5, 0.1)]],
    "triangle": [[(0.5, 0.15), (0.85, 0.8), (0.15, 0.8), (0.5, 0.15)]],
    "square": [[(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2)]],
    "house": [[(0.25, 0.85), (0.25, 0.45), (0.5, 0.15), (0.75, 0.45), (0.75, 0.85), (0.25, 0.85)]],
    "plus": [[(0.5, 0.2), (0.5, 0.8)], [(0.2, 0.5), (0.8, 0.5)]],
    "equals": [[(0.2, 0.4), (0.8, 0.4)], [(0.2, 0.6), (0.8, 0.6)]],
    "line across": [[(0.05, 0.5), (0.95, 0.52)]],
    "wave": [[(0.05 + 0.03 * i, 0.5 + 0.15 * math.sin(i / 2)) for i in range(31)]],
    "A": [[(0.2, 0.85), (0.5, 0.15), (0.8, 0.85)], [(0.3, 0.6), (0.7, 0.6)]],
    "E": [[(0.75, 0.15), (0.3, 0.15), (0.3, 0.85), (0.75, 0.85)], [(0.3, 0.5), (0.65, 0.5)]],
    "H": [[(0.25, 0.15), (0.25, 0.85)], [(0.75, 0.15), (0.75, 0.85)], [(0.25, 0.5), (0.75, 0.5)]],
    "K": [[(0.3, 0.15), (0.3, 0.85)], [(0.75, 0.15), (0.3, 0.5), (0.75, 0.85)]],
    "M": [[(0.15, 0.85), (0.2, 0.15), (0.5, 0.6), (0.8, 0.15), (0.85, 0.85)]],
    "R": [[(0.3, 0.85), (0.3, 0.15), (0.6, 0.18), (0.7, 0.33), (0.6, 0.48), (0.3, 0.5), (0.75, 0.85)]],
    "W": [[(0.1, 0.2), (0.3, 0.8), (0.5, 0.35), (0.7, 0.8), (0.9, 0.2)]],
    "zigzag scribble": [[(0.15 + 0.7 * (i % 2), 0.15 + 0.05 * i) for i in range(15)]],
    "i": [[(0.5, 0.35), (0.47, 0.85)], [(0.5, 0.2)]],
    "i with a hook": [[(0.5, 0.35), (0.47, 0.75), (0.5, 0.84), (0.57, 0.86)], [(0.52, 0.18)]],
    "exclamation mark": [[(0.52, 0.15), (0.5, 0.7)], [(0.49, 0.85)]],
    "question mark": [
        [(0.35, 0.25), (0.45, 0.15), (0.58, 0.17), (0.65, 0.28), (0.6, 0.4), (0.51, 0.5), (0.5, 0.68)],
        [(0.5, 0.85)],
    ],
    "arrow to the right": [[(0.15, 0.5), (0.85, 0.5)], [(0.6, 0.3), (0.85, 0.5), (0.6, 0.7)]],
}
"""Strokes in a unit square, y down; not those that negatives are trained with."""


def drawn(strokes: list[Points], thickness: int = 16) -> np.ndarray:
    picture = Image.new("L", (4 * SIDE, 4 * SIDE), 255)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        path = [(4 * SIDE * x, 4 * SIDE * y) for x, y in stroke]
        pen.line(path, fill=0, width=4 * thickness)
        for x, y in path:
            pen.ellipse([x - 2 * thickness, y - 2 * thickness, x + 2 * thickness, y + 2 * thickness], fill=0)
    return np.asarray(picture.reduce(4))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("thickness", [4, 16])
def test_a_non_digit_is_doubted(name, thickness):
    prediction = digitrec.predict(drawn(SHAPES[name], thickness))
    assert not prediction.is_digit, (prediction.digit, prediction.doubt)


def test_a_dot_a_flip_and_two_digits_are_doubted():
    dot = np.full((SIDE, SIDE), 255, np.uint8)
    rows, columns = np.ogrid[:SIDE, :SIDE]
    dot[(rows - 140) ** 2 + (columns - 120) ** 2 < 12**2] = 0
    pair = np.maximum(drawing(2, size=100, at=(30, 90)), drawing(5, size=100, at=(150, 90)))
    for name, picture in {
        "dot": dot,
        "3 in a mirror": drawing(3)[:, ::-1],
        "4 upside down": drawing(4)[::-1, ::-1],
        "2 beside 5": pair,
    }.items():
        prediction = digitrec.predict(picture)
        assert not prediction.is_digit, (name, prediction.digit, prediction.doubt)


def test_noise_and_a_scene_are_doubted():
    rng = np.random.default_rng(5)
    assert not digitrec.predict(rng.integers(0, 256, (SIDE, SIDE), np.uint8)).is_digit
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    scene = 90 + 120 * y
    scene[(x - 0.4) ** 2 + (y - 0.5) ** 2 < 0.06] = 40
    scene[y > 0.75] = 150
    assert not digitrec.predict((scene + rng.normal(0, 6, scene.shape)).clip(0, 255).astype(np.uint8)).is_digit


@pytest.mark.parametrize("digit", STROKES)
@pytest.mark.parametrize(
    "how", [{}, {"thickness": 4}, {"thickness": 36}, {"size": 60, "at": (10, 12), "thickness": 8}, {"size": 250}]
)
def test_digits_are_not_doubted_and_right(digit, how):
    prediction = digitrec.predict(255 - drawing(digit, **how))
    assert prediction.digit == digit
    assert prediction.is_digit, prediction.doubt


@pytest.mark.parametrize("digit", STROKES)
def test_a_stray_dot_changes_nothing(digit):
    page = 255 - drawing(digit, size=130, at=(110, 120))
    rows, columns = np.ogrid[:SIDE, :SIDE]
    page[(rows - 25) ** 2 + (columns - 20) ** 2 < 9**2] = 0
    prediction = digitrec.predict(page)
    assert prediction.digit == digit
    assert prediction.is_digit, prediction.doubt
