"""The shipped detector: what it finds depends neither on where a drawing stands nor on how little is around it."""

import numpy as np
import pytest

import digitrec
from digitrec.detection.maps import DIGIT
from tests.support.drawings import drawing

NUMBER = np.concatenate([drawing(digit, size=60, canvas=(64, 54), thickness=6) for digit in (4, 7, 3)], 1)


def on_a_canvas(left, top, shape=(300, 400)):
    """The number on an empty canvas, dark on light."""
    page = np.full(shape, 255, np.uint8)
    page[top : top + NUMBER.shape[0], left : left + NUMBER.shape[1]] -= NUMBER
    return page


@pytest.mark.parametrize(("left", "top", "shape"), [(200, 210, (300, 400)), (11, 7, (300, 400)), (20, 18, (96, 232))])
def test_a_drawing_is_read_alike_wherever_it_stands_on_a_canvas(recognizer, left, top, shape):
    first = recognizer.detector.find(on_a_canvas(100, 101))
    second = recognizer.detector.find(on_a_canvas(left, top, shape))
    assert (second.kinds == DIGIT).sum() == 3
    assert (second.boxes - first.boxes == [left - 100, top - 101] * 2).all()
    assert (second.scores == first.scores).all()
    assert (second.logits == first.logits).all()


def test_a_canvas_costs_what_is_drawn_on_it(recognizer, monkeypatch):
    looked_at = []
    maps = recognizer.detector.maps
    monkeypatch.setattr(recognizer.detector, "maps", lambda given: looked_at.append(given.size) or maps(given))
    recognizer.detector.find(on_a_canvas(100, 101))
    small = sum(looked_at)
    looked_at.clear()
    recognizer.detector.find(on_a_canvas(100, 101, (1000, 1000)))
    assert sum(looked_at) == small


def test_a_blank_picture_has_nothing_to_find(recognizer):
    assert not len(recognizer.detector.find(np.full((100, 120), 200, np.uint8)))


@pytest.mark.parametrize("side", [36, 64, 96, 150])
@pytest.mark.parametrize("digit", [3, 5])
def test_a_digit_that_fills_a_photograph_of_any_size_is_read(digit, side):
    shown = drawing(digit, size=round(0.9 * side), canvas=(side, side), thickness=max(3, side // 10))
    noise = np.random.default_rng(0).normal(0, 3, shown.shape)
    photograph = np.rint((225 - 0.7 * shown + noise).clip(0, 255)).astype(np.uint8)
    assert digitrec.read(photograph).text == str(digit)
