"""Digits apart on a blank canvas: when they are read part by part, and when the detector has to."""

import numpy as np
import pytest

from digitrec import read
from digitrec.reader.parts import separate_digits
from tests.support.drawings import drawing


def side_by_side(*pictures):
    return np.concatenate(pictures, 1)


FOUR = drawing(4, size=120, canvas=(180, 280), thickness=12)
SEVEN = drawing(7, size=120, canvas=(180, 280), thickness=12)


def values(found):
    return None if found is None else [one.digit for one in sorted(found, key=lambda one: one.box[:2])]


def test_separate_digits_are_found_from_left_to_right(recognizer):
    found = separate_digits(side_by_side(FOUR, SEVEN), recognizer)
    assert values(found) == [4, 7]
    assert found[1].box[0] > 180


def test_digits_of_two_lines_are_found(recognizer):
    found = separate_digits(np.concatenate([side_by_side(FOUR, SEVEN), side_by_side(SEVEN, FOUR)]), recognizer)
    assert sorted(one.digit for one in found) == [4, 4, 7, 7]
    assert sum(one.box[1] > 280 for one in found) == 2


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_that_is_cropped_to_its_ink_is_read(digit):
    ink = drawing(digit)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    assert read(255 - ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]).text == str(digit)


def test_a_line_beside_a_lower_digit_is_no_1(recognizer):
    page = FOUR.copy()
    page[:, 10:18] = 255  # it touches two opposite edges
    assert separate_digits(page, recognizer) is None


@pytest.mark.parametrize("above", [True, False], ids=["i", "!"])
def test_a_stroke_with_a_dot_is_no_digit_of_a_number(above, recognizer):
    ends = (0.22, 1.0) if above else (0.0, 0.78)
    sign = [[(0.5, ends[0]), (0.48, ends[1])], [(0.5, 0.0 if above else 1.0)]]
    page = side_by_side(FOUR, drawing(sign, size=120, canvas=(120, 280), thickness=12))
    assert values(separate_digits(page, recognizer)) == [4]
    assert read(255 - page).text == "4"
    assert not read(255 - page[:, 180:])


def test_a_blank_canvas_has_no_digits(recognizer):
    assert separate_digits(np.zeros((100, 100), np.uint8), recognizer) == []


@pytest.mark.parametrize("kind", ["touching", "dot", "photograph", "letter"])
def test_what_the_detector_has_to_read(kind, recognizer):
    page = side_by_side(FOUR, SEVEN)
    if kind == "touching":
        inked = np.flatnonzero(page.any(0))
        page[140:150, inked[0] : inked[-1]] = 255
    elif kind == "dot":
        page[195:205, 175:185] = 255
    elif kind == "photograph":
        page = np.maximum(page, np.arange(360, dtype=np.uint8)[None] // 4)
    else:
        page[80:200, 300:306] = page[80:200, 350:356] = 255
        page[137:143, 300:356] = 255  # an H over the 7
    assert separate_digits(page, recognizer) is None
