"""The benchmark of explanations: its figures are what they say, on a network that is known by heart."""

import numpy as np
import pytest

from benchmarks.explanation import METHODS, Check, compare, multiply_gradient, occlude, rank_correlation
from tests.digitrec.explanation.test_attribution import KnownNetwork

RNG = np.random.default_rng(0)


class LeftIsThree(KnownNetwork):
    """A 3 is ink on the left, and a 5 ink on the right."""

    def run(self, ink, frames, digit, outputs):
        logits = np.zeros((len(frames), 11), np.float32)
        logits[:, 3] = frames[:, :, :14].sum((1, 2))
        logits[:, 5] = frames[:, :, 14:].sum((1, 2))
        return {"logits": logits}


def frames():
    """Threes that have some ink on the right too."""
    drawn = np.zeros((4, 28, 28), np.float32)
    drawn[:, 8:20, 6:10] = 0.1
    drawn[:, 8:12, 18:20] = 0.1
    return drawn


def test_the_ink_that_matters_is_removed_and_kept():
    found = compare(LeftIsThree(), frames(), np.full(4, 3, np.uint8), "bars", METHODS)
    ours, chance = found.rows["digitrec.explain"], found.rows["chance"]
    assert ours.lowered > chance.lowered
    assert ours.back == 1
    assert found.ratio("chance") == 1
    assert "digitrec.explain" in str(found)
    assert found.to_dict()["rows"]["digitrec.explain"]["of_chance"] == found.ratio("digitrec.explain")


@pytest.mark.parametrize("method", [occlude, multiply_gradient])
def test_the_other_methods_find_what_speaks_for_and_against(method):
    frame = frames()[0]
    found = method(LeftIsThree(), frame, 3, RNG)
    assert (found[10:18, 7:9] > 0).all()
    assert (found[8:12, 18:20] < 0).all()


def test_rank_correlation_is_over_the_ink():
    frame = np.zeros((28, 28), np.float32)
    frame[0, :5] = 1
    one = np.arange(784, dtype=np.float32).reshape(28, 28)
    assert rank_correlation(one, one**2, frame) == pytest.approx(1)
    assert rank_correlation(one, -one, frame) == pytest.approx(-1)


def test_a_goal_is_met_or_missed():
    assert str(Check("it", 0.2, 0.3)).endswith("met")
    assert str(Check("it", 160, 150, " ms")).endswith("MISSED")
