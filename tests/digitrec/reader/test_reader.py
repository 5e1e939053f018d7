"""The shipped reader: numbers on canvases and photographs, nothing where there is nothing, bounds, errors."""

import io
import pickle
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

import digitrec
from digitrec import Reader, read
from digitrec.errors import InvalidImageError, ModelIntegrityError, ModelNotFoundError
from tests.support.drawings import drawing, encoded


def line_of(*digits, size=120, gap=40):
    """Digits side by side, (height, width) uint8, white on black."""
    parts = []
    for digit in digits:
        picture = drawing(digit, size=size, canvas=(280, 280), thickness=10)
        columns = np.flatnonzero(picture.any(0))
        parts += [picture[:, columns[0] : columns[-1] + 1], np.zeros((280, gap), np.uint8)]
    edge = np.zeros((280, gap), np.uint8)
    return np.concatenate([edge, *parts], 1)


@pytest.mark.parametrize("digits", [(4, 7), (1, 2, 0), (5, 6, 3, 8)])
def test_a_number_on_a_canvas(digits):
    picture = line_of(*digits)
    for polarity in (picture, 255 - picture):
        reading = read(polarity)
        assert reading.text == "".join(map(str, digits))
        assert len(reading.numbers) == 1
        assert all(digit.doubt < 0.5 for digit in reading.digits)


SIGNS = {"-": [[(0.2, 0.5), (0.7, 0.5)]], ".": [[(0.5, 0.97)] * 2], ",": [[(0.52, 0.93), (0.44, 1.12)]]}


def written(text):
    """Digits and signs side by side, (height, width) uint8, black on white."""
    return 255 - line_of(*(SIGNS.get(sign) or int(sign) for sign in text), size=90, gap=24)


@pytest.mark.parametrize(
    ("shown", "values"),
    [
        ("7-2", [7, -2]),
        ("3-4-5", [3, -4, -5]),
        ("12.5.24", [12, 5, 24]),
        ("1,000,000", [1_000_000]),
        ("1.000.000", [1_000_000]),
        ("1,234.56", [1234.56]),
        ("1.000", [1.0]),
        ("-3.5", [-3.5]),
    ],
)
def test_no_number_reaches_across_a_sign(shown, values):
    reading = read(written(shown))
    assert [number.value for number in reading.numbers] == values
    assert [number.value for number in reading.numbers] == [float(text) for text in reading.text.split()]


def test_a_one_with_a_minus_at_the_edge_of_a_photograph_is_no_pen():
    number = written("7-1")
    inked = np.flatnonzero((number < 255).any(0))
    page = np.full((480, 640), 225.0)
    page[100:380, 635 - inked[-1] : 640] -= (255 - number[:, : inked[-1] + 5]) / 2.0
    page += np.random.default_rng(0).normal(0, 3, page.shape)
    assert read(np.rint(page.clip(0, 255)).astype(np.uint8)).text == "7 -1"


def test_two_lines():
    one, other = line_of(4, 7), line_of(2, 5)
    wide = max(one.shape[1], other.shape[1])
    page = np.concatenate([np.pad(line, ((0, 0), (0, wide - line.shape[1]))) for line in (one, other)])
    assert read(255 - page).text == "47\n25"


def test_each_box_is_around_its_digit():
    picture = line_of(4, 7)
    inked = np.flatnonzero(picture.any(0))
    rows = np.flatnonzero(picture.any(1))
    four, seven = read(picture).digits
    assert four.box[0] == pytest.approx(inked[0], abs=14)
    assert seven.box[2] == pytest.approx(inked[-1] + 1, abs=14)
    assert (four.box[1], four.box[3]) == pytest.approx((rows[0], rows[-1] + 1), abs=14)


def test_boxes_are_in_pixels_of_the_picture_as_it_is_shown():
    small = 255 - line_of(4, 7)
    large = Image.fromarray(small).resize((small.shape[1] * 5, small.shape[0] * 5))
    file = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6  # shown turned by a quarter
    large.transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", exif=exif)
    expected = [np.array(digit.box) * 5 for digit in read(small).digits]
    for digit, box in zip(read(file.getvalue()).digits, expected, strict=True):
        assert digit.box == pytest.approx(box, abs=75)  # a tenth of its size


def test_a_photograph_with_uneven_light_and_lines():
    page = 235.0 * np.ones((480, 640)) * (1 - 0.4 * np.arange(640) / 640)
    page[40::60] *= 0.75
    number = line_of(5, 3, size=90)[90:190]
    page[195:295, 100 : 100 + number.shape[1]] *= 1 - 0.85 * number / 255
    page += np.random.default_rng(0).normal(0, 3, page.shape)
    assert read(page.clip(0, 255).astype(np.uint8)).text == "53"


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_is_an_empty_reading(value):
    assert not read(np.full((200, 300), value, np.uint8))


def test_text_noise_and_patterns_are_no_digits_and_cost_little():
    text = Image.new("L", (1000, 1000), 255)
    for top in range(10, 980, 30):
        ImageDraw.Draw(text).text((10, top), "the quick brown fox jumps, many a word " * 4, fill=0, font_size=20)
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000), np.uint8)
    checkers = (255 * (np.indices((1000, 1000)).sum(0) // 8 % 2)).astype(np.uint8)
    for picture in (np.asarray(text), noise, checkers):
        start = time.process_time()
        reading = read(picture)
        assert len(reading.digits) < 40
        assert time.process_time() - start < 20  # a bound, not a figure: those are in benchmarks/


def test_files_and_arrays_are_read_alike():
    picture = 255 - line_of(4, 7)
    assert read(encoded(picture, "PNG")).text == read(picture).text == "47"


def test_files_that_are_no_picture_are_refused_as_by_predict():
    with pytest.raises(InvalidImageError):
        read(b"not a picture")


def test_a_reader_of_ones_own(tmp_path, recognizer):
    with pytest.raises(ModelNotFoundError, match=r"none\.onnx"):
        Reader(tmp_path / "none.onnx")
    with pytest.raises(ModelIntegrityError, match="no detector of digits"):
        Reader(recognizer.path)
    assert Reader(digitrec.artifacts.reader_path(), recognizer=recognizer).read(255 - line_of(4, 7)).text == "47"


def test_the_shipped_detector_is_small():
    assert digitrec.artifacts.reader_path().stat().st_size < 2_000_000
    assert set(digitrec.artifacts.read_card()["reader"]) >= {"training", "export", "figures"}


@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_a_pen_that_reaches_into_a_photograph_is_no_one(slope):
    page = Image.new("L", (640, 480), 225)
    digit = drawing(5, size=110, canvas=(140, 140), thickness=9)
    page.paste(Image.fromarray(225 - digit // 2), (150, 120))
    ImageDraw.Draw(page).line([(560, 380), (560 + 110 * slope, 490)], fill=110, width=16)
    noise = np.random.default_rng(0).normal(0, 3, (480, 640))
    photograph = np.rint((np.asarray(page) + noise).clip(0, 255)).astype(np.uint8)
    assert read(photograph).text == "5"
    assert digitrec.predict(photograph).digit == 5
    assert digitrec.predict(photograph).is_digit


def test_a_reader_that_was_pickled_reads_alike(recognizer):
    page = 255 - line_of(4, 7)
    one = Reader(recognizer=recognizer)
    other = pickle.loads(pickle.dumps(one))
    assert other.recognizer.path == one.recognizer.path
    assert other.read(page).text == one.read(page).text == "47"
