"""When `predict` looks again, and that what it answers then is the one digit among other things."""

from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitrec import predict, predict_batch, read
from digitrec.detection.detector import Detector
from digitrec.detection.judgement import least_doubts
from digitrec.detection.maps import Found
from digitrec.detection.second_look import CERTAIN, SURE, digits_in, is_canvas, may_be_several
from digitrec.prediction import GraphOutputs
from tests.support.drawings import drawing


class Answer(NamedTuple):
    """What `may_be_several` asks of a prediction."""

    digit: int
    doubt: float


NOTHING = Found(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, int), np.zeros((0, 10), np.float32))
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


def test_a_wide_drawing_is_not_looked_at_again_where_it_is_not_doubted_at_all(recognizer, monkeypatch):
    wide = drawing(0, size=60, canvas=(100, 200), thickness=6).repeat(2, 1)
    first = recognizer.run(wide[np.newaxis] / np.float32(255))
    outputs = (first.probabilities, np.full(1, 0.5 * CERTAIN, np.float32), first.model_input)
    looks = []
    monkeypatch.setattr(recognizer, "run", lambda ink: GraphOutputs(*outputs))
    monkeypatch.setattr(Detector, "find", lambda self, picture: looks.append(picture) or NOTHING)
    for way in (recognizer.predict, lambda picture: recognizer.predict_batch([picture])[0]):
        assert way(wide).doubt == pytest.approx(0.5 * CERTAIN)
        assert not looks
    outputs = (first.probabilities, np.full(1, 2 * CERTAIN, np.float32), first.model_input)
    for number, way in enumerate((recognizer.predict, lambda picture: recognizer.predict_batch([picture])[0]), 1):
        assert way(wide).doubt == pytest.approx(2 * CERTAIN)
        assert len(looks) == number


@pytest.mark.parametrize(("doubt", "digit"), [(0.5 * CERTAIN, 0), (0.03, 5), (0.3, 5), (0.9, 5)])
def test_a_frame_taken_for_a_zero_gives_way_to_its_digit_unless_it_is_hardly_doubted(
    doubt, digit, recognizer, monkeypatch
):
    """A frame around a digit may be a weak 0 to the network, which sees all of the ink at once."""
    page, answered = framed(), recognizer.run
    outputs = list(answered(np.ones((1, 1, 1), np.float32)))
    outputs[0] = np.eye(10, dtype=np.float32)[:1]
    outputs[1] = np.full(1, doubt, np.float32)
    first_of = iter([GraphOutputs(*outputs)])
    monkeypatch.setattr(recognizer, "run", lambda ink: next(first_of, None) or answered(ink))
    answer = recognizer.predict(page)
    assert (answer.digit, answer.is_digit) == (digit, True)


def test_two_digits_are_recognized_only_where_both_can_be_sure(recognizer):
    page = np.concatenate([drawing(digit, size=120, canvas=(140, 140), thickness=10) for digit in (4, 7)], 1)
    runs = []

    def run(ink):
        runs.append(len(ink))
        return recognizer.run(ink)

    found = digits_in(page, run, recognizer.detector, canvas=True, sure=2)
    assert found is not None
    assert sorted(found.probabilities.argmax(1)) == [4, 7]
    assert found.doubts.max() < SURE
    runs.clear()
    assert digits_in(page, run, recognizer.detector, canvas=True, sure=3) is None
    assert not runs


def test_no_digit_is_surer_than_its_score_allows():
    scores = np.linspace(0.01, 0.99, 50, dtype=np.float32)
    least = least_doubts(scores)
    assert (np.diff(least) < 0).all()
    assert least[0] > 0.9
    assert least[-1] < 0.01


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
        ([(slice(10, 30), slice(10, 30)), (slice(34, 54), slice(10, 30))], True),  # one above the other
        ([(slice(10, 18), slice(10, 30)), (slice(22, 54), slice(10, 30))], False),  # the bar of a 5
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
    assert may_be_several(ink, Answer(5, CERTAIN)) == several


def test_of_a_drawing_that_is_surely_a_digit_only_what_stands_above_each_other_may_be_several():
    ink = np.zeros((80, 80), np.float32)
    ink[10:40, 10:60] = 1
    assert not may_be_several(ink, Answer(5, 0.0))
    ink[24:27] = 0
    assert may_be_several(ink, Answer(5, 0.0))
    assert not may_be_several(ink, Answer(8, 0.0))  # a circle above a circle


def ring(page, middle, radii, width=8):
    """The page with a ring drawn on it, white on black."""
    sheet = Image.fromarray(page)
    (x, y), (across, down) = middle, radii
    ImageDraw.Draw(sheet).ellipse((x - across, y - down, x + across, y + down), outline=255, width=width)
    return np.asarray(sheet)


@pytest.mark.parametrize("digit", [2, 3, 4, 5, 6, 7, 9])
@pytest.mark.parametrize("radius", [88, 105])
def test_a_digit_in_a_ring_is_the_digit(digit, radius):
    page = ring(drawing(digit, size=105, thickness=9), (140, 140), (radius, radius))
    assert (predict(page).digit, predict(page).is_digit) == (digit, True)
    assert read(page).text == str(digit)


@pytest.mark.parametrize("digit", [1, 2, 4, 7])
def test_a_digit_on_a_disc_is_the_digit(digit):
    sheet = Image.new("RGB", (280, 280), "white")
    ImageDraw.Draw(sheet).ellipse((5, 5, 274, 274), fill=(30, 60, 200))
    page = np.asarray(sheet).copy()
    page[drawing(digit, size=130, thickness=16) > 128] = 255
    assert (predict(page).digit, predict(page).is_digit) == (digit, True)


def test_a_face_is_no_digit_in_a_ring():
    page = ring(drawing([[(0.5, 0.0), (0.48, 1.0)]], size=60, thickness=8), (140, 140), (85, 85))
    for x in (110, 170):
        page = ring(page, (x, 110), (8, 8))
    assert predict(page).digit != 1 or not predict(page).is_digit


@pytest.mark.parametrize("noise", [0, 3])
@pytest.mark.parametrize("slant", [0.6, 1.0])
def test_a_0_with_a_slash_inside_is_no_1(noise, slant):
    slash = drawing([[(0.5 + slant / 2, 0.0), (0.5 - slant / 2, 1.0)]], size=60, thickness=8)
    page = 255 - ring(slash, (140, 140), (50, 72)).astype(np.float64)
    page = (0.9 * page + np.random.default_rng(0).normal(0, noise, page.shape)).clip(0, 255).astype(np.uint8)
    assert (predict(page).digit, predict(page).is_digit) == (0, True)
    assert read(page).text == "0"


@pytest.mark.parametrize("above", [1, 7, 9])
def test_digits_one_above_the_other_are_not_taken_for_one(above):
    one = [drawing(digit, size=80, canvas=(280, 100), thickness=10) for digit in (above, 1)]
    page = np.concatenate(one)
    assert not predict(page).is_digit
    assert read(page).text == f"{above}\n1"
    (batched,) = predict_batch([page])
    assert not batched.is_digit
