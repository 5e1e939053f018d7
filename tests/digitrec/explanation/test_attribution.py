"""What a map says, checked on a network that is known by heart, and on the shipped one."""

import numpy as np
import pytest

from digitrec.artifacts import EXPLANATION_NAME, models_dir
from digitrec.explanation.attribution import attribute, ink_ranks
from digitrec.explanation.graph import ExplanationGraph
from tests.support.drawings import drawing


class KnownNetwork:
    """Log odds of 3 that are a sum of pixels: the left half speaks for it, the right half against."""

    def gradient(self, frames, digit):
        weights = np.ones((28, 28), np.float32)
        weights[:, 14:] = -1
        sign = 1 if digit == 3 else -1
        odds = sign * (frames * weights).sum((1, 2))
        return odds, np.broadcast_to(sign * weights, frames.shape).copy()


@pytest.fixture(scope="module")
def graph():
    return ExplanationGraph(models_dir() / EXPLANATION_NAME)


@pytest.fixture(scope="module")
def frames(recognizer):
    return {digit: recognizer.predict(255 - drawing(digit)).model_input for digit in range(10)}


def test_ranks_are_shares_of_the_ink_that_comes_first():
    frame = np.zeros((28, 28), np.float32)
    frame[0, :4] = 1, 1, 0.5, 0.5
    order = np.zeros((28, 28), np.float32)
    order[0, :4] = 1, 4, 3, 2
    ranks = ink_ranks(frame, order)
    np.testing.assert_allclose(ranks[0, :4], [1, 1 / 3, 0.5, 2 / 3])
    assert (ranks[1:] == 2).all()


def test_ink_and_missing_ink_speak_as_the_weights_say():
    frame = np.zeros((28, 28), np.float32)
    frame[8:20, 6:10] = 1
    frame[8:20, 18:22] = 1
    found = attribute(KnownNetwork(), frame, 3)
    assert np.abs(found).max() == pytest.approx(1)
    assert (found[8:20, 6:10] > 0).all()
    assert (found[8:20, 18:22] < 0).all()
    # Ink that is missing on the left would have spoken for 3, and so speaks against it.
    assert (found[22:, 2:10] < 0).all()
    assert (found[22:, 18:26] > 0).all()
    np.testing.assert_allclose(attribute(KnownNetwork(), frame, 5), -found, atol=1e-6)


def test_a_blank_frame_has_a_finite_map(graph):
    assert np.isfinite(attribute(graph, np.zeros((28, 28), np.float32), 3)).all()


def test_the_same_frame_has_the_same_map(graph, frames):
    np.testing.assert_array_equal(attribute(graph, frames[4], 4), attribute(graph, frames[4], 4))


def test_ink_that_matters_most_lowers_the_probability_most(graph, frames):
    """Deletion on ten drawings: the first fifth of the ink, against as much that comes last and as much by chance."""
    fallen = {"first": [], "last": [], "chance": []}
    for digit, frame in frames.items():
        found = attribute(graph, frame, digit)
        chance = np.random.default_rng(digit).uniform(size=(28, 28))
        whole = graph.probabilities_of(frame[np.newaxis])[0, digit]
        for name, order in (("first", found), ("last", -found), ("chance", chance)):
            less = np.where(ink_ranks(frame, order) <= 0.2, 0, frame).astype(np.float32)
            fallen[name].append(whole - graph.probabilities_of(less[np.newaxis])[0, digit])
    assert np.mean(fallen["first"]) > 3 * max(np.mean(fallen["chance"]), np.mean(fallen["last"]), 0.001)


def test_a_third_of_the_ink_brings_the_digit_back(graph, frames):
    right = 0
    for digit, frame in frames.items():
        kept = np.where(ink_ranks(frame, attribute(graph, frame, digit)) <= 0.3, frame, 0).astype(np.float32)
        right += int(graph.probabilities_of(kept[np.newaxis])[0].argmax() == digit)
    assert right >= 5
