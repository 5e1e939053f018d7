"""When `predict` looks again, and that what it answers then is the one digit among other things."""

import numpy as np
import pytest

from digitrec import predict, predict_batch
from digitrec.detection.second_look import is_canvas, may_be_several
from tests.support.drawings import drawing

FIVE = 255 - drawing(5, size=110, canvas=(400, 400), thickness=9)


def framed():
    page = FIVE.copy()
    page[:4] = page[-4:] = page[:, :4] = page[:, -4:] = 60
    return page


def ruled():
    page = FIVE.copy()
    page[16::54] = np.minimum(page[16::54], 160)
    return page


def shaded():
    light = 1 - 0.5 * (np.arange(400) / 400)
    return (FIVE * light).astype(np.uint8)


def on_a_desk():
    page = FIVE.copy()
    page[:, 340:] = 70
    return page


def with_buttons():
    page = FIVE.copy()
    page[345:385, 40:170] = page[345:385, 220:350] = 90
    return page


@pytest.mark.parametrize("page", [framed, ruled, shaded, on_a_desk, with_buttons], ids=lambda page: page.__name__)
def test_the_one_digit_is_found_among_other_things(page):
    answer = predict(page())
    assert (answer.digit, answer.is_digit) == (5, True)


def test_two_digits_are_not_taken_for_one():
    one = drawing(1, size=120, canvas=(140, 280), thickness=10)
    zero = drawing(0, size=120, canvas=(140, 280), thickness=10)
    assert not predict(np.concatenate([one, zero], 1)).is_digit


@pytest.mark.parametrize("digit", range(10))
def test_a_clean_canvas_keeps_its_answer(digit, recognizer):
    picture = drawing(digit)
    ink = picture[np.newaxis].astype(np.float32) / 255
    answer = predict(picture)
    expected = recognizer.run(ink[:, :, :])
    assert answer.digit == int(expected.probabilities[0].argmax()) == digit
    assert answer.doubt == pytest.approx(float(expected.doubt[0]), abs=1e-4)


def test_a_batch_gives_the_same_answers():
    pages = [framed(), FIVE, ruled(), shaded()]
    for one, other in zip(predict_batch(pages), map(predict, pages), strict=True):
        assert one.digit == other.digit
        assert one.doubt == pytest.approx(other.doubt, abs=1e-4)


def test_what_is_a_canvas():
    assert is_canvas(FIVE)
    touching = FIVE.copy()
    touching[0, 180:200] = 0  # a stroke that leaves the page
    assert is_canvas(touching)
    assert not is_canvas(ruled())
    assert not is_canvas(shaded())
    assert not is_canvas(on_a_desk())


@pytest.mark.parametrize(
    ("slices", "several"),
    [
        ([(slice(10, 50), slice(10, 30))], False),
        ([(slice(10, 50), slice(10, 30)), (slice(10, 50), slice(40, 55))], True),
        ([(slice(10, 50), slice(10, 30)), (slice(46, 50), slice(40, 44))], False),  # a dot
        ([(slice(10, 40), slice(10, 60))], True),  # wide
        ([], False),
    ],
)
def test_what_may_be_several_digits(slices, several):
    ink = np.zeros((80, 80), np.float32)
    for part in slices:
        ink[part] = 1
    assert may_be_several(ink) == several
