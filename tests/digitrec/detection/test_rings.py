"""Digits in rings: the ring is left out where it encloses a digit, and stays where it is one."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitrec import read
from digitrec.detection.crops import crops_of
from digitrec.detection.rings import boxes_in_rings
from tests.support.drawings import drawing


def ringed(digit: int, *, ink: int = 255, ring: int = 255, size: int = 110) -> np.ndarray:
    """A digit in a ring, dark on light; strengths from 0 to 255."""
    page = Image.fromarray((drawing(digit, size=size).astype(float) * ink / 255).astype(np.uint8))
    ImageDraw.Draw(page).ellipse((40, 35, 240, 245), outline=ring, width=8)
    return 255 - np.asarray(page)


def in_rings(page: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    depth, _, ink = crops_of(page, boxes)
    return boxes_in_rings(depth, ink, boxes)


BOX = np.array([[40, 35, 241, 246]], np.float32)


def box_of(page: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero((page < 128).any(1)), np.flatnonzero((page < 128).any(0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


@pytest.mark.parametrize("ink", [255, 90], ids=["as dark as the ring", "fainter than the ring"])
def test_the_box_is_that_of_the_digit_in_the_ring(ink):
    found = in_rings(ringed(4, ink=ink), BOX)
    np.testing.assert_allclose(found[0], box_of(255 - drawing(4, size=110)), atol=8)


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_alone_has_no_ring(digit):
    page = 255 - drawing(digit)
    found = in_rings(page, box_of(page)[np.newaxis].astype(np.float32))
    assert found[0, 2] == found[0, 0]


def test_an_empty_ring_and_one_with_a_dot_have_no_box():
    empty = ringed(4, ink=0)
    dotted = empty.copy()
    dotted[130:150, 130:150] = 0
    assert [found[2] - found[0] for page in (empty, dotted) for found in in_rings(page, BOX)] == [0, 0]


@pytest.mark.parametrize("page", [np.zeros((60, 60), np.uint8), np.random.default_rng(0).integers(0, 256, (60, 60))])
def test_a_picture_without_a_ring_gives_none(page):
    found = in_rings(page.astype(np.uint8), np.array([[5, 5, 50, 50], [0, 0, 60, 60]], np.float32))
    assert found.shape == (2, 4)
    assert (found[:, 2] == found[:, 0]).all()


@pytest.mark.parametrize("digit", [2, 4, 5, 7])
def test_a_circled_digit_is_read(digit):
    assert read(ringed(digit)).text == str(digit)


def test_a_zero_is_no_ring():
    assert read(255 - drawing(0)).text == "0"
