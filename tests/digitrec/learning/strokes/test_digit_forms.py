"""Forms of digits as text: drawn by other hands, they are recordings of all ten digits."""

from collections import Counter

import numpy as np
import pytest

from digitrec.learning.strokes.digit_forms import DIGIT_FORMS, draw_digit_forms


def test_every_digit_has_several_forms() -> None:
    assert sorted(DIGIT_FORMS) == list(range(10))
    assert all(len(set(forms)) == len(forms) >= 4 for forms in DIGIT_FORMS.values())


def test_all_digits_are_drawn_alike_often_and_all_their_forms() -> None:
    digits = list(draw_digit_forms(1_000, seed=1))
    assert set(Counter(digit.label for digit in digits).values()) == {100}
    drawn = {(digit.label, digit.writer) for digit in digits}
    assert drawn == {(label, f"form-{form}") for label, forms in DIGIT_FORMS.items() for form in range(len(forms))}


def test_the_same_seed_draws_the_same_and_a_larger_count_begins_with_a_smaller() -> None:
    few, many = list(draw_digit_forms(5, seed=3)), list(draw_digit_forms(9, seed=3))
    for one, other in zip(few, many, strict=False):
        np.testing.assert_array_equal(np.concatenate(one.strokes), np.concatenate(other.strokes))
    other_seed = next(draw_digit_forms(1, seed=4))
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(np.concatenate(few[0].strokes), np.concatenate(other_seed.strokes))
