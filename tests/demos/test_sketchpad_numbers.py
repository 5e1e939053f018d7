"""The panel of numbers of the Gradio sketchpad, and the picture with its boxes."""

import html

import numpy as np
import pytest
from PIL import Image

from demos.boxes import show_picture
from demos.sketchpad import numbers
from demos.sketchpad.inputs import Upload
from demos.sketchpad.pad import Drawing
from digitrec import ReadDigit, Reading, ReadNumber, read
from tests.support.drawings import drawing, encoded, sketched


def digit_at(box, digit=4):
    probabilities = np.full(10, 0.01, np.float32)
    probabilities[digit] = 0.91
    return ReadDigit(digit, 0.91, probabilities, 0.1, box, np.zeros((28, 28), np.float32))


def reading_from(*texts):
    found = [ReadNumber(text, (digit_at((10, 10, 30, 40)),), (10, 10, 30, 40), 0.91) for text in texts]
    return Reading((tuple(found),))


class Fake:
    """A reader with a reading of the test's choice."""

    def __init__(self, reading):
        self.reading = reading

    def read(self, image):
        return self.reading


class Shipped:
    read = staticmethod(read)


BLANK = encoded(np.zeros((40, 60, 4), np.uint8))


def test_what_is_written_is_read_and_boxed():
    row = np.concatenate([drawing(4), drawing(7)], axis=1)
    shown = numbers.read_drawing(Shipped, Drawing(5, encoded(sketched(row))))
    assert 'data-state="answer"' in shown.markup
    assert 'data-drawing="5"' in shown.markup
    assert ">47<" in shown.markup
    picture, boxes = shown.picture
    assert [label for _, label in boxes] == ["47"]
    left, top, right, bottom = boxes[0][0]
    assert (picture[top:bottom, left:right] < 128).sum() > 0.95 * (picture < 128).sum()  # the box holds the ink


def test_nothing_to_read_is_said():
    assert numbers.INVITATION in numbers.read_drawing(Shipped, Drawing(3)).markup
    assert "There is no ink yet" in numbers.read_submitted_drawing(Shipped, Drawing(3)).markup
    nothing = numbers.read_drawing(Shipped, Drawing(4, BLANK))
    assert numbers.NOTHING in html.unescape(nothing.markup)
    assert nothing.picture[1] == []
    assert "There is no picture yet" in numbers.read_submitted_picture(Shipped, None).markup
    assert numbers.read_picture(Shipped, None) == numbers.empty_numbers()


def test_a_file_that_is_no_picture_is_a_sentence(tmp_path):
    (tmp_path / "x").write_bytes(b"no picture")
    shown = numbers.read_picture(Shipped, Upload(tmp_path / "x", "x"))
    assert "These 10 bytes are not a readable picture" in shown.markup
    gone = numbers.read_picture(Shipped, Upload(tmp_path / "gone", "gone"))
    assert "no longer here" in gone.markup
    assert str(tmp_path) not in gone.markup


def test_text_cannot_be_markup_and_lines_are_lines():
    shown = numbers.read_drawing(Fake(Reading(reading_from("<b>").lines * 2)), Drawing(1, BLANK))
    assert "&lt;b&gt;<br>&lt;b&gt;" in shown.markup
    assert "<b>" not in shown.markup


def test_a_page_full_of_numbers_gets_a_bounded_number_of_boxes():
    _, boxes = numbers.annotate(reading_from(*map(str, range(500))), BLANK)
    assert len(boxes) == numbers.MOST_BOXES


@pytest.mark.parametrize("mode", ["RGB", "L", "I;16", "RGBA", "LA", "1", "P"])
def test_any_picture_is_shown_as_rgb(mode):
    source = Image.fromarray(drawing(3)).convert("RGB").convert(mode) if mode != "I;16" else None
    source = source or Image.fromarray(drawing(3).astype(np.uint16) * 257)
    shown = show_picture(encoded(source), 100)
    assert (shown.picture.mode, shown.picture.size) == ("RGB", (100, 100))


def test_ink_in_the_alpha_channel_is_seen_whatever_its_colour():
    for colour in (0, 255):
        picture = np.full((40, 40, 4), colour, np.uint8)
        picture[..., 3] = 0
        picture[10:30, 10:30, 3] = 255
        shown = np.asarray(show_picture(encoded(picture), 40).picture)
        assert abs(int(shown[20, 20, 0]) - int(shown[0, 0, 0])) == 255


def test_boxes_stay_within_the_picture():
    shown = show_picture(encoded(np.zeros((400, 800), np.uint8)), 400)
    assert shown.scale == (0.5, 0.5)
    assert shown.place((10, 20, 30, 40)) == (5, 10, 15, 20)
    assert shown.place((-5, -5, 9_000, 9_000)) == (0, 0, 400, 200)
    left, top, right, bottom = shown.place((900, 500, 900, 500))
    assert (right - left, bottom - top) == (1, 1)
