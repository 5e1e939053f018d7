import keras
import numpy as np
import pytest

from digitrec.learning.layers.calibrated_answer import CalibratedAnswer, Calibration
from digitrec.learning.models.calibration import MAX_DOUBTED_SHARE, doubt_scores, fit_calibration

RNG = np.random.default_rng(0)


def honest_logits(count=20_000, spread=3.0):
    """Logits that say what they mean: each label is drawn from the probabilities that they stand for."""
    logits = RNG.normal(0, spread, (count, 11)).astype(np.float32)
    logits[:, 10] = -20
    odds = np.exp(logits[:, :10])
    shares = np.cumsum(odds / odds.sum(1, keepdims=True), axis=1)
    labels = (shares < RNG.random((count, 1))).sum(1).clip(0, 9).astype(np.uint8)
    return logits, labels


def answer(calibration, logits):
    return {name: keras.ops.convert_to_numpy(value) for name, value in calibration.layer(logits).items()}


def test_a_network_that_is_twice_too_sure_is_cooled_by_two():
    logits, labels = honest_logits()
    assert fit_calibration({"a": (logits, labels)}, None).temperature == pytest.approx(1, abs=0.05)
    assert fit_calibration({"a": (2 * logits, labels)}, None).temperature == pytest.approx(2, abs=0.1)


def test_a_network_that_is_not_sure_enough_is_left_alone():
    logits, labels = honest_logits()
    assert fit_calibration({"a": (logits / 2, labels)}, None).temperature == pytest.approx(1, abs=0.01)


def test_each_set_counts_alike_whatever_its_size():
    logits, labels = honest_logits(4000)
    small, few = honest_logits(500)
    both = fit_calibration({"large": (logits, labels), "small": (3 * small, few)}, None).temperature
    assert 1.2 < both < 2.5


def test_the_temperature_changes_no_digit():
    logits, _ = honest_logits(200)
    for temperature in (0.5, 3.0):
        probabilities = answer(Calibration(temperature=temperature), logits)["probabilities"]
        np.testing.assert_array_equal(probabilities.argmax(1), logits[:, :10].argmax(1))
        np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)


def separable(count=4000):
    digits, labels = honest_logits(count)
    digits[:, 10] = digits[:, :10].max(1) + RNG.normal(-6, 2, count)
    negatives = RNG.normal(0, 1, (count, 11)).astype(np.float32)
    negatives[:, 10] = negatives[:, :10].max(1) + RNG.normal(6, 2, count)
    return digits, labels, negatives


@pytest.mark.parametrize("allowed", [MAX_DOUBTED_SHARE, 5 * MAX_DOUBTED_SHARE])
def test_no_more_digits_are_doubted_than_allowed_and_each_set_counts_alike(allowed):
    digits, labels, negatives = separable()
    worse = digits[:1000].copy()
    worse[:, 10] += 2
    fitted = fit_calibration({"a": (digits, labels), "b": (worse, labels[:1000])}, negatives, allowed)
    # The digit that the line is drawn through has a doubt of a half, give or take a rounding.
    doubted = [float((answer(fitted, part)["doubt"] > 0.501).mean()) for part in (digits, worse)]
    assert np.mean(doubted) == pytest.approx(allowed, abs=0.0003)
    assert doubted[1] > doubted[0]
    assert (answer(fitted, negatives)["doubt"] >= 0.5).mean() > 0.9


def test_a_few_hard_digits_of_one_set_do_not_draw_the_line_alone():
    digits, labels, negatives = separable()
    hard = digits.copy()
    hard[:6, 10] = 50  # 0.15 % of this set
    lines = [fit_calibration({"a": (digits, labels), "b": (b, labels)}, negatives).threshold for b in (digits, hard)]
    assert lines[0] < lines[1] < lines[0] + 2


def test_doubt_goes_from_0_to_1_and_is_a_half_at_the_threshold():
    digits, labels, negatives = separable()
    fitted = fit_calibration({"a": (digits, labels)}, negatives)
    doubt = answer(fitted, np.concatenate([digits, negatives]))["doubt"]
    assert doubt.min() < 0.01
    assert doubt.max() > 0.99
    scores = doubt_scores(np.concatenate([digits, negatives]), fitted.temperature, trained=True)
    np.testing.assert_array_equal(doubt > 0.5, scores > fitted.threshold)


def test_a_network_that_never_saw_a_negative_doubts_what_it_is_least_sure_of():
    logits, labels = honest_logits()
    fitted = fit_calibration({"a": (logits, labels)}, None)
    result = answer(fitted, logits)
    doubted = result["doubt"] >= 0.5
    assert not fitted.trained
    assert doubted.mean() == pytest.approx(MAX_DOUBTED_SHARE, abs=0.0005)
    assert result["probabilities"].max(1)[doubted].max() <= result["probabilities"].max(1)[~doubted].min() + 1e-6


def test_the_layer_survives_saving():
    layer = CalibratedAnswer(temperature=1.5, threshold=-2.0, steepness=0.7, trained=True)
    assert CalibratedAnswer.from_config(layer.get_config()).get_config() == layer.get_config()
