import numpy as np
import pytest

from digitrec.learning.evaluation.reliability import auroc, expected_calibration_error, reliability


def sure_of(*confidences):
    """Answers that say 1 with these confidences."""
    table = np.stack([(1 - np.array(confidences)) / 9] * 10, axis=1)
    table[:, 1] = confidences
    return table.astype(np.float32)


def ones_and_others(right):
    return np.where(right, 1, 0).astype(np.uint8)


def test_the_error_by_hand():
    # Two bins of ten: 0.6-0.7 with confidence 0.65 and half right, 0.9-1 with 0.95 and all right.
    table = sure_of(0.64, 0.66, 0.94, 0.96, 0.95, 0.95)
    labels = ones_and_others([True, False, True, True, True, True])
    assert expected_calibration_error(table, labels, bins=10) == pytest.approx(2 / 6 * 0.15 + 4 / 6 * 0.05, abs=1e-6)


def test_one_bin_compares_the_means():
    table, labels = sure_of(0.5, 0.7, 0.9), ones_and_others([True, True, False])
    assert expected_calibration_error(table, labels, bins=1) == pytest.approx(abs(2 / 3 - 0.7), abs=1e-6)


def test_the_error_against_the_definition_bin_by_bin():
    rng = np.random.default_rng(0)
    table = rng.dirichlet(np.full(10, 0.2), 500).astype(np.float32)
    labels = rng.integers(0, 10, 500).astype(np.uint8)
    confidence, right = table.max(1).astype(float), table.argmax(1) == labels
    expected = 0.0
    for m in range(1, 16):
        inside = (confidence > (m - 1) / 15) & (confidence <= m / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert expected_calibration_error(table, labels) == pytest.approx(expected, rel=1e-9)


def test_confidence_that_comes_true_has_no_error():
    table, labels = sure_of(*[0.75] * 400), ones_and_others(np.arange(400) % 4 > 0)
    assert expected_calibration_error(table, labels) == pytest.approx(0, abs=1e-6)


def test_an_edge_belongs_to_the_bin_below_it():
    bins = reliability(sure_of(0.5, 1.0), ones_and_others([True, True]), bins=4)
    assert [one.count for one in bins] == [0, 1, 0, 1]
    assert (bins[0].confidence, bins[0].accuracy) == (0, 0)
    assert (bins[1].low, bins[1].high, bins[1].confidence) == (0.25, 0.5, 0.5)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="bins is 0"):
        reliability(sure_of(0.5), ones_and_others([True]), bins=0)
    with pytest.raises(ValueError, match="do not fit 2 labels"):
        reliability(sure_of(0.5), ones_and_others([True, True]))
    with pytest.raises(ValueError, match="do not fit 0 labels"):
        expected_calibration_error(np.zeros((0, 10), np.float32), np.zeros(0, np.uint8))


@pytest.mark.parametrize("levels", [3, 50, 10_000])
def test_auroc_against_counting_every_pair(levels):
    rng = np.random.default_rng(levels)
    digits, negatives = rng.integers(0, levels, 83) / levels, rng.integers(levels // 3, levels, 57) / levels
    pairs = [1.0 if n > d else 0.5 if n == d else 0.0 for d in digits for n in negatives]
    assert auroc(digits, negatives) == pytest.approx(sum(pairs) / len(pairs), rel=1e-12)


def test_auroc_at_its_ends():
    low, high = np.array([0.0, 0.1], np.float32), np.array([0.2, 0.9, 1.0], np.float32)
    assert auroc(low, high) == 1
    assert auroc(high, low) == 0
    assert auroc(low, low) == 0.5


def test_auroc_needs_both_kinds_and_no_nan():
    one, none = np.array([0.5]), np.array([])
    for digits, negatives in ((one, none), (none, one)):
        with pytest.raises(ValueError, match="both needed"):
            auroc(digits, negatives)
    with pytest.raises(ValueError, match="NaN"):
        auroc(one, np.array([np.nan]))
