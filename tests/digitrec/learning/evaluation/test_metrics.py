import json

import numpy as np
import pytest

from digitrec.learning.evaluation.metrics import evaluate, wilson_interval


def probabilities(digits, confidence=0.9):
    table = np.full((len(digits), 10), (1 - confidence) / 9, np.float32)
    table[np.arange(len(digits)), digits] = confidence
    return table


def test_counts_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 2], np.uint8)
    evaluation = evaluate(probabilities([0, 0, 1, 1, 1, 0]), labels)
    assert (evaluation.count, evaluation.errors) == (6, 2)
    assert evaluation.accuracy == pytest.approx(4 / 6)
    assert evaluation.confusion[0][:3] == [2, 1, 0]
    assert evaluation.confusion[2][:3] == [1, 0, 0]
    zero = evaluation.per_class[0]
    assert (zero.precision, zero.recall, zero.support) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 3)
    assert zero.f1 == pytest.approx(2 / 3)
    one = evaluation.per_class[1]
    assert (one.precision, one.recall) == (pytest.approx(2 / 3), 1.0)
    assert one.f1 == pytest.approx(0.8)
    assert evaluation.per_class[2].f1 == 0
    assert evaluation.per_class[9].support == 0
    assert evaluation.loss == pytest.approx(-(4 * np.log(0.9) + 2 * np.log(0.1 / 9)) / 6, rel=1e-5)


def test_the_surest_mistake_comes_first():
    table = np.concatenate([probabilities([3], 0.5), probabilities([4], 0.99), probabilities([5], 0.7)])
    evaluation = evaluate(table, np.array([0, 1, 5], np.uint8))
    assert [(m.index, m.label, m.digit) for m in evaluation.mistakes] == [(1, 1, 4), (0, 0, 3)]
    assert evaluation.mistakes[0].confidence == pytest.approx(0.99)


def test_wilson_interval_against_published_values():
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_calibration_is_a_part_of_it():
    evaluation = evaluate(probabilities([1, 2, 3, 4]), np.array([1, 2, 3, 0], np.uint8))
    assert evaluation.ece == pytest.approx(0.15)
    assert [(one.count, one.accuracy) for one in evaluation.reliability if one.count] == [(4, 0.75)]


def test_an_evaluation_can_be_written_as_json():
    evaluation = evaluate(probabilities([1, 2]), np.array([1, 3], np.uint8))
    plain = json.loads(json.dumps(evaluation.to_dict()))
    assert plain["errors"] == 1
    assert plain["ece"] == pytest.approx(0.4)
    assert sum(one["count"] for one in plain["reliability"]) == 2


def test_evaluate_refuses_arrays_that_do_not_fit_and_nan():
    with pytest.raises(ValueError, match="do not fit"):
        evaluate(probabilities([1]), np.array([1, 2], np.uint8))
    with pytest.raises(ValueError, match="NaN"):
        evaluate(np.full((1, 10), np.nan, np.float32), np.array([1], np.uint8))
