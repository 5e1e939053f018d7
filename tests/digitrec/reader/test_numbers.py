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
        Sign("-", (40.0, 117.0, 84.0, 121.0), 0.9),  # through both digits
        Sign("-", (57.0, 102.0, 67.0, 105.0), 0.9),  # between two digits, high up
        Sign(".", (61.0, 100.0, 66.0, 105.0), 0.9),  # high up
        Sign(".", (100.0, 135.0, 105.0, 140.0), 0.9),  # behind the last digit
    ],
)
def test_signs_elsewhere_are_none(sign):
    assert join_digits([digit(3, 30), digit(5, 70)], [sign]).text == "35"


def found(text, *, pitch=40.0, fall=0.0):
    """Digits and signs one after the other, as the detector finds them; a comma is found as a point."""
    digits, signs = [], []
    for place, sign in enumerate(text):
        left, top = 10 + place * pitch, 100 + place * pitch * fall
        if sign.isdigit():
            digits.append(digit(int(sign), left, top))
        elif sign == "-":
            signs.append(Sign("-", (left + 4, top + 17, left + 20, top + 21), 0.8))
        else:
            signs.append(Sign(".", (left + 9, top + 35, left + 14, top + 40), 0.8))
    return digits, signs


@pytest.mark.parametrize("pitch", [25, 32])
@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("7-2", "7 -2"),
        ("-7-2", "-7 -2"),
        ("3-4-5", "3 -4 -5"),
        ("555-2368", "555 -2368"),
        ("3.5-2.5", "3.5 -2.5"),
    ],
)
def test_a_minus_ends_a_number_and_begins_the_next(written, text, pitch):
    for fall in (-0.2, 0, 0.2):
        assert join_digits(*found(written, pitch=pitch, fall=fall)).text == text


def test_a_minus_at_the_left_one_of_two_digits_parts_them_too():
    minus = Sign("-", (35.0, 117.0, 41.0, 121.0), 0.9)
    assert join_digits([digit(7, 10), digit(2, 76)]).text == "72"
    assert join_digits([digit(7, 10), digit(2, 76)], [minus]).text == "7 2"  # too far from the 2 to be its own


def test_each_number_has_its_own_minus_in_its_box():
    one, other = join_digits(*found("-1-5", pitch=25)).numbers
    assert (one.value, one.box) == (-1, (14.0, 100.0, 59.0, 140.0))
    assert (other.value, other.box) == (-5, (64.0, 100.0, 109.0, 140.0))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1.000.000", "1000000"),
        ("-12,345,678", "-12345678"),
        ("1,234.56", "1234.56"),
        ("1.234.567,8", "1234567.8"),
        ("1.000", "1.000"),  # one point is a decimal point
    ],
)
def test_points_between_thousands_are_left_out(written, text):
    (number,) = join_digits(*found(written)).numbers
    assert number.text == text
    assert number.value == float(text)
    assert isinstance(number.value, int) == ("." not in text)
    assert len(number.digits) == sum(sign.isdigit() for sign in written)


@pytest.mark.parametrize("pitch", [25, 40])
@pytest.mark.parametrize(
    "written",
    ["12.5.24", "24.12.2025", "2025.12.24", "1234.567.890", "0.000.000", "555.234.6789", "192.168.2.40", "-1.5.3"],
)
def test_other_points_part_numbers_and_none_is_dropped(written, pitch):
    assert join_digits(*found(written, pitch=pitch)).text == written.replace(".", " ")


def test_a_point_joins_what_stands_wide_around_it():
    wide = [digit(3, 30), digit(5, 86)]  # 0.8 of their height apart
    assert join_digits([*wide, digit(2, 118)]).text == "3 52"
    assert join_digits([*wide, digit(2, 118)], [Sign(".", (67.0, 135.0, 72.0, 140.0), 0.9)]).text == "3.52"
    far = Sign(".", (70.0, 135.0, 75.0, 140.0), 0.9)
    assert join_digits([digit(3, 30), digit(5, 190)], [far]).text == "3 5"  # too far from the 5


@pytest.mark.parametrize(("wide", "tall", "text"), [(17, 25, "3.5"), (20, 25, "35"), (17, 28, "35")])
def test_a_point_is_found_with_room_around_it_but_is_smaller_than_a_digit(wide, tall, text):
    point = Sign(".", (62.0 - wide / 2, 142.0 - tall, 62.0 + wide / 2, 142.0), 0.7)
    assert join_digits([digit(3, 30), digit(5, 70)], [point]).text == text


def test_the_surer_of_two_points_in_one_place_counts():
    points = [Sign(".", (62.0, 136.0, 67.0, 144.0), 0.5), POINT, Sign(".", (62.0, 136.0, 67.0, 143.0), 0.6)]
    (number,) = join_digits([digit(3, 30), digit(5, 70)], points).numbers
    assert (number.text, number.box) == ("3.5", (30.0, 100.0, 94.0, 140.0))


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
