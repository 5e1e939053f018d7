"""Ways of writing digits that MNIST and the tablets lack: straight strokes, flat-topped sixes, ones that lean back."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

import digitrec

SIDE, FINE = 280, 3
"""Side of the canvas, and how many times finer it is drawn."""

CORNERS = {
    "a": (0.3, 0.12, 0.7, 0.12), "b": (0.7, 0.12, 0.7, 0.5), "c": (0.7, 0.5, 0.7, 0.88), "d": (0.3, 0.88, 0.7, 0.88),
    "e": (0.3, 0.5, 0.3, 0.88), "f": (0.3, 0.12, 0.3, 0.5), "g": (0.3, 0.5, 0.7, 0.5),
}  # fmt: skip
SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
"""Which segments of a display each digit lights: a on top, then clockwise, g in the middle."""

Line = list[tuple[float, float]]


def drawn(lines: list[Line], brush: int) -> Image.Image:
    """Lines through points from 0 to 1, black on white, with round ends."""
    page = Image.new("L", (SIDE * FINE, SIDE * FINE), 255)
    pen, reach = ImageDraw.Draw(page), brush * FINE / 2
    for line in lines:
        points = [(SIDE * FINE * x, SIDE * FINE * y) for x, y in line]
        pen.line(points, fill=0, width=brush * FINE, joint="curve")
        for x, y in points:
            pen.ellipse([x - reach, y - reach, x + reach, y + reach], fill=0)
    return page.resize((SIDE, SIDE))


@pytest.mark.parametrize("digit", range(10))
def test_digits_of_straight_strokes(digit):
    lines = [[CORNERS[name][:2], CORNERS[name][2:]] for name in SEGMENTS[digit]]
    answer = digitrec.predict(drawn(lines, 16))
    assert (answer.digit, answer.is_digit) == (digit, True)


@pytest.mark.parametrize("brush", [11, 22])
@pytest.mark.parametrize("middle", [0.62, 0.66])
def test_a_six_with_a_flat_top(brush, middle):
    tall = 0.86 - middle
    turns = np.radians(np.linspace(200, -160, 40))
    bowl = [(0.5 + 0.25 * math.cos(turn), middle + tall * math.sin(turn)) for turn in turns]
    answer = digitrec.predict(drawn([[(0.75, 0.15), (0.3, 0.15), (0.25, 0.5), *bowl]], brush))
    assert (answer.digit, answer.is_digit) == (6, True)


@pytest.mark.parametrize("brush", [11, 22])
def test_a_one_with_a_flag_that_leans_back(brush):
    flag = (0.62 - 0.25 * math.cos(math.radians(30)), 0.2 + 0.25 * math.sin(math.radians(30)))
    answer = digitrec.predict(drawn([[flag, (0.62, 0.2), (0.6875, 0.65)]], brush))
    assert (answer.digit, answer.is_digit) == (1, True)
