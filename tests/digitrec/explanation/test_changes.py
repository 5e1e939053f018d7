"""Sentences about a map are true of the network: it is asked again with the drawing changed as they say."""

import numpy as np
import pytest

from digitrec.artifacts import EXPLANATION_NAME, models_dir
from digitrec.explanation.attribution import attribute
from digitrec.explanation.changes import change_towards, confirm_map
from digitrec.explanation.graph import ExplanationGraph, softmax
from tests.support.drawings import drawing


class HalfEmpty:
    """A 3 is a frame with ink on the left and none on the right; everything else is a 5."""

    def answers_to(self, frames):
        logits = np.zeros((len(frames), 10), np.float32)
        logits[:, 3] = 100 * (frames[:, :, :14].mean((1, 2)) - frames[:, :, 14:].mean((1, 2))) - 12
        logits[:, 5] = 2
        return softmax(logits), np.zeros(len(frames), bool)


FRAME = np.zeros((28, 28), np.float32)
FRAME[10:18, 16:24] = 1
MAP = np.zeros((28, 28), np.float32)
MAP[10:18, 16:24] = -1
MAP[10:18, 4:12] = -0.4


def test_what_speaks_against_is_undone_the_loudest_first():
    change = change_towards(HalfEmpty(), FRAME, MAP, 3)
    assert change.is_answer
    assert (change.removed, change.added) == (True, True)
    assert not change.frame[10:18, 16:24].any()
    assert change.frame[10:18, 4:12].all()
    finding = confirm_map(HalfEmpty(), FRAME, MAP, 3, 5)
    assert finding.describe().startswith(
        "Without the blue ink and with ink in the blue gaps, the network would answer 3, "
    )


def test_what_does_not_help_is_not_said():
    assert confirm_map(HalfEmpty(), FRAME, -MAP, 3, 5) is None
    assert not change_towards(HalfEmpty(), FRAME, np.zeros((28, 28), np.float32), 3).is_answer


def test_the_answer_rests_on_the_ink_that_is_named():
    frame = FRAME[:, ::-1].copy()
    assert confirm_map(HalfEmpty(), frame, -MAP[:, ::-1], 3, 3).describe().startswith("Without the most orange tenth")


def test_sentences_about_the_shipped_model_are_true(recognizer):
    graph = ExplanationGraph(models_dir() / EXPLANATION_NAME)
    said = 0
    for drawn in (4, 7, 1):
        frame = recognizer.predict(255 - drawing(drawn)).model_input
        for digit in set(range(10)) - {drawn}:
            found = attribute(graph, frame, digit)
            if not (finding := confirm_map(graph, frame, found, digit, drawn)):
                continue
            said += 1
            sentence = finding.describe()
            change = change_towards(graph, frame, found, digit)
            (probabilities,), (doubted,) = graph.answers_to(change.frame[np.newaxis])
            assert probabilities.argmax() == digit
            assert probabilities[digit] == pytest.approx(finding.after, abs=1e-5)
            assert not doubted
            assert ("without the blue ink" in sentence.lower()) == bool((change.frame < frame).any())
            assert ("with ink in the blue gaps" in sentence.lower()) == bool((change.frame > frame).any())
    assert said >= 3


def test_a_change_that_makes_it_no_digit_is_not_said():
    class Doubtful(HalfEmpty):
        def answers_to(self, frames):
            return super().answers_to(frames)[0], np.ones(len(frames), bool)

    assert confirm_map(Doubtful(), FRAME, MAP, 3, 5) is None


def test_probabilities_and_doubt_are_the_recognizer_s(recognizer):
    graph = ExplanationGraph(models_dir() / EXPLANATION_NAME)
    pictures = [255 - drawing(digit) for digit in (0, 8)]
    pictures.append(np.pad(np.eye(60, dtype=np.uint8)[::-1] * 255, 20) | np.pad(np.eye(60, dtype=np.uint8) * 255, 20))
    answers = [recognizer.predict(picture) for picture in pictures]
    probabilities, doubted = graph.answers_to(np.stack([answer.model_input for answer in answers]))
    np.testing.assert_allclose(probabilities, [answer.probabilities for answer in answers], atol=2e-3)
    assert doubted.tolist() == [not answer.is_digit for answer in answers]
