"""Crops: the ink of one digit, whatever lies around it and whatever paper it is on."""

import numpy as np
import pytest

from digitrec.detection.crops import SIDE, inks_of
from tests.support.drawings import drawing

PAGE = 255 - drawing(4)
ROWS, COLUMNS = np.flatnonzero((PAGE < 128).any(1)), np.flatnonzero((PAGE < 128).any(0))
BOX = np.array([[COLUMNS[0], ROWS[0], COLUMNS[-1] + 1, ROWS[-1] + 1]], np.float32)


def ink_of_digit(page, box=BOX):
    return inks_of(np.clip(page, 0, 255).astype(np.uint8), box)[0][0]


CLEAN = ink_of_digit(PAGE)


def test_ink_is_between_nothing_and_full():
    assert CLEAN.shape == (SIDE, SIDE)
    assert CLEAN.dtype == np.float32
    assert CLEAN.max() == 1
    assert CLEAN[[0, -1]].max() == 0
    assert 0.05 < CLEAN.mean() < 0.4


def test_light_on_dark_is_the_same_ink():
    assert ink_of_digit(255 - PAGE.astype(float)) == pytest.approx(CLEAN, abs=0.02)


@pytest.mark.parametrize("light", ["gradient", "faint", "noise"])
def test_paper_leaves_no_ink(light):
    page = PAGE.astype(float)
    x = np.arange(280) / 280
    if light == "gradient":
        page = page * (1 - 0.5 * x)
    elif light == "faint":
        page = 235 - 0.2 * (255 - page)
    else:
        page = 0.9 * page + np.random.default_rng(0).normal(0, 6, page.shape)
    difference = np.abs(ink_of_digit(page) - CLEAN)
    assert difference.mean() < 0.04


def test_what_comes_in_from_outside_is_left_out():
    page = PAGE.copy()
    right = int(BOX[0, 2])
    page[int(BOX[0, 1]) : int(BOX[0, 3]), right + 12 : right + 20] = 0  # a neighbour
    page[int(BOX[0, 3]) + 12 : int(BOX[0, 3]) + 16] = 0  # a line below
    assert np.abs(ink_of_digit(page) - CLEAN).mean() < 0.01


def test_a_digit_that_touches_a_line_stays():
    page = PAGE.copy()
    page[int(BOX[0, 3]) - 6 : int(BOX[0, 3]) + 2] = 0
    ink = ink_of_digit(page)
    assert np.minimum(ink, CLEAN).sum() > 0.9 * CLEAN.sum()


def test_a_box_at_the_edge_of_the_picture():
    page = PAGE[int(BOX[0, 1]) :, int(BOX[0, 0]) :]
    moved = BOX - np.array([BOX[0, 0], BOX[0, 1]] * 2)
    assert np.abs(ink_of_digit(page, moved) - CLEAN).mean() < 0.03


def test_no_boxes_no_ink():
    inks, lines = inks_of(PAGE, np.zeros((0, 4), np.float32))
    assert inks.shape == (0, SIDE, SIDE)
    assert lines.shape == (0,)


def test_a_line_goes_on_and_a_digit_does_not():
    page = np.full((100, 100), 255, np.uint8)
    page[:, 50:54] = 0
    assert inks_of(page, np.array([[48, 30, 56, 70]], np.float32))[1].tolist() == [True]
    assert inks_of(PAGE, BOX)[1].tolist() == [False]


def squared(page, step=20, wide=2, tone=120):
    """The page on squared paper."""
    y, x = np.mgrid[: page.shape[0], : page.shape[1]]
    lines = (x % step < wide) | (y % step < wide)
    return np.where(lines, np.minimum(page, tone), page).astype(np.uint8)


def test_the_crossings_of_squared_paper_are_lines_and_the_digit_on_it_is_not():
    page = squared(PAGE)
    corner = np.array([[4, 4, 36, 36], [42, 2, 60, 40]], np.float32)  # away from the digit
    assert (PAGE[4:44, 2:64] == 255).all()
    assert inks_of(page, corner)[1].tolist() == [True, True]
    assert inks_of(page, BOX)[1].tolist() == [False]


@pytest.mark.parametrize("angle", [0.0, 0.25, -0.3])
def test_the_edge_of_a_shadow_is_a_line(angle):
    y, x = np.mgrid[:200, :200]
    page = np.where(x - 100 > angle * (y - 100), 230, 120).astype(np.uint8)
    assert inks_of(page, np.array([[85, 70, 115, 130]], np.float32))[1].tolist() == [True]
