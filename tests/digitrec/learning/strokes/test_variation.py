"""Variation of recordings: what changes, and what does not."""

import numpy as np
import pytest

from digitrec.learning.strokes import variation
from digitrec.learning.strokes.recordings import PenDigit
from digitrec.learning.strokes.variation import VARIATIONS, vary

ANGLE = np.radians(np.linspace(-90, 268, 60))
ZERO = np.stack([50 + 30 * np.cos(ANGLE), 50 + 50 * np.sin(ANGLE)], axis=1)
ONE = np.stack([np.full(20, 10.0), np.linspace(0, 80, 20)], axis=1)
SEVEN = np.array([[0.0, 0.0], [30.0, 0.0], [60.0, 0.0], [50.0, 30.0], [40.0, 60.0], [30.0, 100.0]])


def changed(label: int, stroke: np.ndarray, name: str, seed: int = 0) -> list[np.ndarray]:
    return getattr(variation, name)([stroke / np.ptp(stroke, axis=0).max()], np.random.default_rng(seed))


def test_every_digit_varies_and_keeps_its_label_and_writer() -> None:
    assert sorted(VARIATIONS) == list(range(10))
    for label in range(10):
        for seed in range(20):
            varied = vary(PenDigit(label, "ann", [ZERO]), np.random.default_rng(seed))
            assert (varied.label, varied.writer) == (label, "ann")
            assert all(np.isfinite(stroke).all() and stroke.shape[1] == 2 for stroke in varied.strokes)


def test_many_recordings_stay_as_they_were_and_many_do_not() -> None:
    plain = ZERO - ZERO.min(0)
    plain /= plain.max()
    varied = [vary(PenDigit(0, "ann", [ZERO]), np.random.default_rng(seed)).strokes for seed in range(200)]
    same = sum(len(strokes) == 1 and np.array_equal(strokes[0], plain) for strokes in varied)
    assert 20 < same < 160


def test_the_same_generator_varies_alike() -> None:
    one, other = (vary(PenDigit(0, "ann", [ZERO]), np.random.default_rng(7)) for _ in range(2))
    for stroke, twin in zip(one.strokes, other.strokes, strict=True):
        np.testing.assert_array_equal(stroke, twin)


@pytest.mark.parametrize("seed", range(5))
def test_a_loop_goes_on_past_its_start(seed: int) -> None:
    (loop,) = changed(0, ZERO, "_close_with_overshoot", seed)
    assert len(loop) > len(ZERO)
    assert np.hypot(*np.diff(loop, axis=0).T).max() < 0.2  # without a jump


@pytest.mark.parametrize("seed", range(5))
def test_a_gap_is_left_in_a_loop_alone(seed: int) -> None:
    (loop,) = changed(0, ZERO, "_leave_a_gap", seed)
    assert len(loop) < len(ZERO)
    (line,) = changed(1, ONE, "_leave_a_gap", seed)
    assert len(line) == len(ONE)


def test_a_slash_rises_to_the_right_through_the_middle() -> None:
    _, slash = changed(0, ZERO, "_slash")
    (left, low), (right, high) = slash
    assert left < right
    assert low > high  # y points down
    np.testing.assert_allclose(slash.mean(0), ZERO.mean(0) / 100, atol=0.06)


def test_a_foot_lies_below_a_one_and_a_flag_begins_it() -> None:
    _, foot = changed(1, ONE, "_add_a_foot")
    assert foot[0, 0] < ONE[-1, 0] / 80 < foot[1, 0]
    assert foot[:, 1].min() > 0.9
    (flagged,) = changed(1, ONE, "_add_a_flag")
    assert len(flagged) == len(ONE) + 1
    assert flagged[0, 0] < flagged[1, 0]
    assert flagged[0, 1] > flagged[1, 1]


def test_a_bar_crosses_the_stem_of_a_seven() -> None:
    stem, bar = changed(7, SEVEN, "_add_a_bar")
    assert bar[0, 0] < bar[1, 0]
    assert 0.3 < bar[:, 1].mean() < 0.75
    at = np.interp(bar[:, 1].mean(), stem[2:, 1], stem[2:, 0])
    assert bar[0, 0] < at < bar[1, 0]


def test_a_longer_stem_leaves_the_upper_half_as_it_was() -> None:
    (longer,) = changed(9, ZERO, "_lengthen_the_stem_below")
    plain = ZERO / np.ptp(ZERO, axis=0).max()
    upper = plain[:, 1] < 0.49
    np.testing.assert_allclose(longer[upper], plain[upper])
    assert np.ptp(longer[:, 1]) > 1.04


@pytest.mark.parametrize(("label", "name", "sign"), [(8, "_pinch_below", 1), (9, "_pinch_above", -1)])
def test_one_half_of_a_digit_is_drawn_together_and_the_other_stays(label: int, name: str, sign: int) -> None:
    plain = ZERO / np.ptp(ZERO, axis=0).max()
    (pinched,) = changed(label, ZERO, name)
    height = sign * (plain[:, 1] - (plain[:, 1].min() + plain[:, 1].max()) / 2)
    np.testing.assert_allclose(pinched[height < 0], plain[height < 0])
    far = height > 0.25
    assert np.ptp(pinched[far, 0]) < 0.8 * np.ptp(plain[far, 0])
    np.testing.assert_allclose(pinched[:, 1], plain[:, 1])


def test_what_is_drawn_together_keeps_its_slant() -> None:
    leaning = ZERO - np.outer(ZERO[:, 1], [0.5, 0.0])
    (pinched,) = changed(8, leaning, "_pinch_below")
    lower = leaning[:, 1] > 60
    rise, _ = np.polyfit(pinched[lower, 1], pinched[lower, 0], 1)
    assert rise == pytest.approx(-0.5, abs=0.15)


def test_a_slant_moves_the_upper_end_and_no_height() -> None:
    leans = []
    for seed in range(40):
        (line,) = changed(1, ONE, "_slant", seed)
        np.testing.assert_allclose(line[:, 1], ONE[:, 1] / 80)
        leans.append(line[0, 0] - line[-1, 0])  # the upper end, beside the lower one
    assert -0.25 <= min(leans) < 0
    assert 0.4 < max(leans) <= 0.6


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("label", "stroke"), [(1, ONE), (7, SEVEN)])
def test_an_underline_lies_below_the_digit_and_is_wider_than_it_is_tilted(label: int, stroke: np.ndarray, seed: int):
    digit, line = changed(label, stroke, "_underline", seed)
    assert line[:, 1].min() > digit[:, 1].max()
    assert np.ptp(line[:, 0]) >= 0.29
    assert np.ptp(line[:, 1]) < 0.3 * np.ptp(line[:, 0])


def test_every_digit_may_be_underlined() -> None:
    assert all(variation._underline in [change for _, change in changes] for changes in VARIATIONS.values())
