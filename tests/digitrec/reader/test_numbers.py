"""Digits to numbers: what stands side by side on a line belongs together, and nothing else."""

import numpy as np
import pytest

from digitrec.reader.numbers import Sign, join_digits
from digitrec.reader.reading import ReadDigit, Reading

HEIGHT = 40.0


def digit(value, left, top=100.0, *, wide=24.0, tall=HEIGHT, confidence=0.9):
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[value] = confidence
    box = (left, top, left + wide, top + tall)
    return ReadDigit(value, confidence, probabilities, 0.1, box, np.zeros((28, 28), np.float32))


def row(text, left=10.0, top=100.0, *, pitch=30.0, fall=0.0, tall=HEIGHT):
    """Digits one after the other; a space is a gap of two digits."""
    return [
        digit(int(sign), left + place * pitch, top + place * pitch * fall, wide=0.6 * tall, tall=tall)
        for place, sign in enumerate(text)
        if sign != " "
    ]


def test_digits_side_by_side_are_a_number_whatever_order_they_are_found_in():
    digits = row("4071")
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        assert join_digits([digits[place] for place in order]).text == "4071"


def test_numbers_of_a_line_are_parted_by_wide_gaps():
    reading = join_digits(row("12") + row("345", left=110))
    assert reading.text == "12 345"
    assert [number.value for number in reading.numbers] == [12, 345]


def test_wide_writing_alone_is_one_number():
    assert join_digits(row("47", pitch=60)).text == "47"  # a gap of 0.9 heights


def test_lines_are_read_from_top_to_bottom():
    reading = join_digits(row("88", top=200) + row("12", top=100) + row("34", left=120, top=104))
    assert reading.text == "12 34\n88"
    assert [len(line) for line in reading.lines] == [2, 1]


@pytest.mark.parametrize("fall", [-0.25, 0.25])
def test_a_number_may_slope(fall):
    assert join_digits(row("123456", fall=fall)).text == "123456"


def test_touching_and_overlapping_digits_are_one_number():
    assert join_digits(row("555", pitch=24)).text == "555"
    assert join_digits(row("555", pitch=20)).text == "555"


def test_digits_of_very_different_sizes_are_not_one_number():
    assert len(join_digits([digit(3, 10), *row("12", left=40, top=110, tall=15, pitch=12)]).numbers) == 2


def test_digits_below_each_other_are_two_lines():
    assert join_digits([digit(4, 10, 50), digit(7, 12, 110)]).text == "4\n7"


MINUS = Sign("-", (0.0, 117.0, 14.0, 121.0), 0.9)
POINT = Sign(".", (61.0, 135.0, 66.0, 140.0), 0.9)


def test_signs_belong_to_the_number_they_stand_at():
    (number,) = join_digits([digit(3, 30), digit(5, 70)], [MINUS, POINT]).numbers
    assert (number.text, number.value) == ("-3.5", -3.5)
    assert number.box == (0.0, 100.0, 94.0, 140.0)
    assert join_digits([digit(3, 30)], [MINUS]).numbers[0].value == -3


@pytest.mark.parametrize(
    "sign",
    [
        Sign("-", (0.0, 139.0, 14.0, 142.0), 0.9),  # on the baseline: a line below
        Sign("-", (-60.0, 117.0, -46.0, 121.0), 0.9),  # far away
        Sign("-", (57.0, 117.0, 67.0, 121.0), 0.9),  # between two digits
        Sign(".", (61.0, 100.0, 66.0, 105.0), 0.9),  # high up
        Sign(".", (100.0, 135.0, 105.0, 140.0), 0.9),  # behind the last digit
    ],
)
def test_signs_elsewhere_are_none(sign):
    assert join_digits([digit(3, 30), digit(5, 70)], [sign]).text == "35"


def test_a_number_has_one_point():
    points = [POINT, Sign(".", (101.0, 135.0, 106.0, 140.0), 0.6)]
    assert join_digits([digit(3, 30), digit(5, 70), digit(2, 110)], points).text == "3.52"


def test_a_point_joins_what_stands_wide_around_it():
    wide = [digit(3, 30), digit(5, 86)]  # 0.8 of their height apart
    assert join_digits([*wide, digit(2, 118)]).text == "3 52"
    assert join_digits([*wide, digit(2, 118)], [Sign(".", (67.0, 135.0, 72.0, 140.0), 0.9)]).text == "3.52"
    far = Sign(".", (70.0, 135.0, 75.0, 140.0), 0.9)
    assert join_digits([digit(3, 30), digit(5, 190)], [far]).text == "3 5"  # too far from the 5


def test_the_surer_of_two_points_in_one_place_counts():
    points = [POINT, Sign(".", (62.0, 134.0, 67.0, 139.0), 0.5)]
    elsewhere = Sign(".", (101.0, 135.0, 106.0, 140.0), 0.7)
    assert join_digits([digit(3, 30), digit(5, 70), digit(2, 110)], [*points, elsewhere]).text == "3.52"


def test_a_number_is_as_sure_as_its_digits_together():
    (number,) = join_digits([digit(3, 10, confidence=0.9), digit(5, 40, confidence=0.8)]).numbers
    assert number.confidence == pytest.approx(0.72)


def test_nothing_is_an_empty_reading():
    empty = join_digits([], [MINUS])
    assert not empty
    assert (empty.text, empty.digits, empty.numbers) == ("", (), ())
    assert Reading().to_dict() == {"text": "", "numbers": [], "digits": []}


def test_a_reading_as_plain_values():
    plain = join_digits(row("12") + row("3", left=150)).to_dict()
    assert plain["text"] == "12 3"
    assert [number["digits"] for number in plain["numbers"]] == [[0, 1], [2]]
    assert plain["numbers"][0]["value"] == 12
    assert [one["digit"] for one in plain["digits"]] == [1, 2, 3]
    assert len(plain["digits"][0]["probabilities"]) == 10


def test_four_hundred_digits_are_joined_in_a_moment():
    digits = [one for line in range(20) for one in row("12345678901234567890", top=60.0 * line)]
    assert join_digits(digits).text.split("\n")[7] == "12345678901234567890"
