import numpy as np
import pytest

from digitrec.learning.evaluation import auroc
from digitrec.learning.reliability import expected_calibration_error, reliability


def answers(confidences, right):
    """Answers of these confidences, right or wrong as told: all say 3."""
    probabilities = np.repeat(((1 - np.array(confidences)) / 9)[:, np.newaxis], 10, axis=1).astype(np.float32)
    probabilities[:, 3] = confidences
    return probabilities, np.where(right, 3, 4).astype(np.uint8)


def test_by_hand():
    """Ten bins: two answers at 0.75, one of them right; two at 0.95, both right."""
    bins = reliability(*answers([0.75, 0.75, 0.95, 0.95], [True, False, True, True]), bins=10)
    assert [(part.count, round(part.accuracy, 3)) for part in bins if part.count] == [(2, 0.5), (2, 1.0)]
    assert bins[7].confidence == pytest.approx(0.75)
    assert expected_calibration_error(bins) == pytest.approx((2 * 0.25 + 2 * 0.05) / 4, abs=1e-6)


def test_certainty_is_in_the_last_bin_and_empty_bins_count_nothing():
    bins = reliability(*answers([1.0, 1.0], [True, True]))
    assert [part.count for part in bins] == [0] * 14 + [2]
    assert expected_calibration_error(bins) == pytest.approx(0)


def test_honest_answers_have_a_small_error_and_boasts_a_large_one():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1, 20_000)
    right = rng.random(20_000) < confidence
    honest = expected_calibration_error(reliability(*answers(confidence, right)))
    boasting = expected_calibration_error(reliability(*answers(np.minimum(1, confidence + 0.2), right)))
    assert honest < 0.015
    assert boasting > 0.12


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    rng = np.random.default_rng(1)
    digits, negatives = rng.integers(0, 8, 70) / 8, rng.integers(3, 11, 50) / 8  # with ties
    pairs = [(n > d) + (n == d) / 2 for n in negatives for d in digits]
    assert auroc(digits, negatives) == pytest.approx(np.mean(pairs))
    assert auroc(np.zeros(3), np.ones(2)) == 1
    assert auroc(np.ones(3), np.zeros(2)) == 0
