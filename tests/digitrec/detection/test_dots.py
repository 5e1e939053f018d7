"""Which strokes have a dot that makes them something else."""

import numpy as np
import pytest

from digitrec import predict, predict_batch
from digitrec.detection.dots import is_dotted_stroke
from tests.support.drawings import STROKES, drawing

STEM = [(0.5, 0.25), (0.5, 0.75)]
SLANTED = [(0.6, 0.25), (0.45, 0.75)]
SEVEN_LIKE = [(0.35, 0.2), (0.6, 0.2), (0.62, 0.35), (0.5, 0.5), (0.5, 0.7)]


def ink(*strokes, size=190, thickness=14):
    return drawing(list(strokes), size=size, thickness=thickness) / np.float32(255)


@pytest.mark.parametrize("thickness", [3, 10, 20])
@pytest.mark.parametrize("size", [90, 190])
@pytest.mark.parametrize(
    ("strokes", "digit"),
    [
        ([STEM, [(0.5, 0.07)]], 1),
        ([STEM, [(0.53, 0.93)]], 1),
        ([SLANTED, [(0.6, 0.07)]], 1),
        ([SLANTED, [(0.655, 0.07)]], 1),
        ([[*STEM, (0.6, 0.75)], [(0.5, 0.07)]], 1),
        ([SEVEN_LIKE, [(0.5, 0.9)]], 7),
    ],
    ids=["i", "!", "slanted i, the dot above", "slanted i, the dot in line", "i with a hook", "?"],
)
def test_a_dot_in_line_with_a_stroke_belongs_to_it(strokes, digit, size, thickness):
    if thickness < size / 7:
        assert is_dotted_stroke(ink(*strokes, size=size, thickness=thickness), digit)


@pytest.mark.parametrize(
    "strokes",
    [
        [STEM],
        [STEM, [(0.62, 0.07)]],
        [STEM, [(0.62, 0.93)]],
        [STEM, [(0.75, 0.5)]],
        [STEM, [(0.5, -0.2)]],
        [STEM, [(0.5, 0.07)], [(0.5, 0.93)]],
        [[(0.35, 0.4), *STEM], [(0.5, 0.93)]],
        [[(0.35, 0.4), *STEM], [(0.5, 0.07)]],
        [STEM, [(0.4, 0.93), (0.6, 0.93)]],
        [[(0.2, 0.25), (0.8, 0.25)], [(0.2, 0.5), (0.8, 0.5)]],
    ],
    ids=[
        "alone",
        "above, beside",
        "below, beside",
        "beside",
        "far",
        "two",
        "below a flag",
        "above a flag",
        "foot",
        "=",
    ],
)
def test_other_dots_are_slips_of_the_pen(strokes):
    assert not is_dotted_stroke(ink(*strokes), 1)


def test_only_what_looks_like_such_a_sign_is_looked_at():
    marked = ink(STEM, [(0.5, 0.07)])
    assert [digit for digit in range(10) if is_dotted_stroke(marked, digit)] == [1]
    assert not is_dotted_stroke(ink(SEVEN_LIKE, [(0.5, 0.07)]), 7)
    assert not is_dotted_stroke(np.zeros((28, 28), np.float32), 1)


def test_dust_is_none():
    speck = ink(STEM, thickness=20)
    speck[44:46, 139:141] = 1
    assert not is_dotted_stroke(speck, 1)


@pytest.mark.parametrize("paper", [255, 40])
def test_the_answer_keeps_its_digit_and_is_doubted(paper):
    sign = drawing([STEM, [(0.5, 0.07)]], thickness=10)
    page = np.where(sign > 127, np.uint8(255 - paper), np.uint8(paper))
    one = predict(page)
    assert (one.digit, one.is_digit) == (1, False)
    assert [answer.doubt for answer in predict_batch([page, page])] == pytest.approx([one.doubt] * 2)


@pytest.mark.parametrize("digit", [digit for digit in STROKES if digit != 1])  # its 1 is a bare stroke
def test_a_dot_below_a_digit_with_more_than_a_stroke_changes_nothing(digit):
    page = 255 - drawing([*STROKES[digit], [(0.5, 1.2)]], size=150, thickness=10)
    answer = predict(page)
    assert answer.digit == digit
    assert answer.is_digit, answer.doubt
