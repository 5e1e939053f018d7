"""Drawings on a sheet that a line or a margin of another colour surrounds, as on a screenshot."""

import numpy as np
import pytest
from PIL import Image, ImageOps

import digitrec
from digitrec.sheets import NESTED, on_its_sheet
from tests.support.drawings import BLUE, WHITE, drawing, painted

GREYS = (102, 128, 153, 187)


def sheet(digit, ink=(0, 0, 0), paper=WHITE):
    return Image.fromarray(painted(drawing(digit), ink, paper))


def answer(picture):
    found = digitrec.predict(picture)
    (batched,) = digitrec.predict_batch([picture])
    assert (batched.digit, batched.doubt) == (found.digit, pytest.approx(found.doubt, abs=1e-4))
    return (found.digit, found.is_digit, digitrec.read(picture).text)


@pytest.mark.parametrize("grey", GREYS)
@pytest.mark.parametrize("width", [1, 3])
def test_a_grey_line_around_a_canvas_changes_no_answer(grey, width):
    for digit in range(10):
        picture = ImageOps.expand(sheet(digit), width, fill=(grey, grey, grey))
        assert answer(picture) == (digit, True, str(digit))


@pytest.mark.parametrize("margin", [(128, 128, 128), (18, 18, 18), BLUE])
@pytest.mark.parametrize("line", [None, (128, 128, 128), (0, 0, 0)])
def test_nor_does_the_page_around_it(margin, line):
    picture = sheet(7) if line is None else ImageOps.expand(sheet(7), 1, fill=line)
    assert answer(ImageOps.expand(picture, (60, 90, 40, 20), fill=margin)) == (7, True, "7")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_pixels_of_every_kind_are_looked_at(mode):
    grey = np.asarray(ImageOps.expand(sheet(4), 2, fill=(128, 128, 128)).convert("L"))
    picture = grey.astype(np.uint16) * 257 if mode == "I;16" else Image.fromarray(grey).convert(mode)
    assert answer(picture) == (4, True, "4")


def test_boxes_and_maps_lie_where_the_digit_is():
    picture = ImageOps.expand(sheet(7), (60, 90, 40, 20), fill=(128, 128, 128))
    (found,) = digitrec.read(picture).digits
    (alone,) = digitrec.read(sheet(7)).digits
    np.testing.assert_allclose(found.box, np.add(alone.box, (60, 90, 60, 90)), atol=1.5)
    explained = digitrec.explain(picture)
    assert explained.for_and_against.shape == (390, 380)
    row, column = np.unravel_index(np.abs(explained.for_and_against).argmax(), (390, 380))
    assert found.box[0] <= column <= found.box[2]
    assert found.box[1] <= row <= found.box[3]
    assert explained.picture[0, 0] == 128


def rectangles(shape, *parts):
    plane = np.zeros(shape, np.uint8)
    for top, bottom, left, right, level in parts:
        plane[top:bottom, left:right] = level
    return plane


DRAWN = {
    "a bar": rectangles((280, 280), (40, 240, 130, 150, 255)),
    "a thin 0": rectangles((280, 280), (40, 240, 70, 210, 255), (60, 220, 90, 190, 0)),
    "a thick 0": rectangles((28, 28), (4, 24, 7, 21, 255), (8, 20, 11, 17, 0)),
    "a 0 with a dot": rectangles((280, 280), (40, 240, 70, 210, 255), (60, 220, 90, 190, 0), (135, 145, 135, 145, 255)),
    "a thin 8": rectangles((280, 280), (40, 240, 70, 210, 255), (60, 130, 90, 190, 0), (150, 220, 90, 190, 0)),
    "a thick 8": rectangles((28, 28), (4, 24, 7, 21, 255), (7, 12, 10, 18, 0), (15, 21, 10, 18, 0)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_digits_of_straight_strokes_are_no_sheets(name):
    assert on_its_sheet(DRAWN[name]) is DRAWN[name]


def test_a_plain_canvas_and_a_photograph_come_back_as_they_are():
    canvas, photograph = drawing(3), np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    blank = np.zeros((28, 28), np.uint8)
    assert on_its_sheet(canvas) is canvas
    assert on_its_sheet(photograph) is photograph
    assert on_its_sheet(blank) is blank


def test_lines_without_end_are_no_sheet():
    plane = rectangles((100, 100), *[(edge, 100 - edge, edge, 100 - edge, edge) for edge in range(1, 2 * NESTED + 2)])
    assert on_its_sheet(plane) is plane
