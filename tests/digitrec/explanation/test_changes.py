"""Sentences about a map are true of the network: it is asked again with the drawing changed as they say."""

import numpy as np

from digitrec.artifacts import EXPLANATION_NAME, models_dir
from digitrec.explanation.attribution import attribute
from digitrec.explanation.changes import change_towards, describe_map
from digitrec.explanation.graph import ExplanationGraph, softmax
from tests.support.drawings import drawing


class HalfEmpty:
    """A 3 is a frame with ink on the left and none on the right; everything else is a 5."""

    def probabilities_of(self, frames):
        logits = np.zeros((len(frames), 10), np.float32)
        logits[:, 3] = 100 * (frames[:, :, :14].mean((1, 2)) - frames[:, :, 14:].mean((1, 2))) - 12
        logits[:, 5] = 2
        return softmax(logits)


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
    sentence = describe_map(HalfEmpty(), FRAME, MAP, 3, 5)
    assert sentence.startswith("Without the blue ink and with ink in the blue gaps, the network would answer 3, ")


def test_what_does_not_help_is_not_said():
    assert describe_map(HalfEmpty(), FRAME, -MAP, 3, 5) == ""
    assert not change_towards(HalfEmpty(), FRAME, np.zeros((28, 28), np.float32), 3).is_answer


def test_the_answer_rests_on_the_ink_that_is_named():
    frame = FRAME[:, ::-1].copy()
    assert describe_map(HalfEmpty(), frame, -MAP[:, ::-1], 3, 3).startswith("Without the most orange tenth")


def test_sentences_about_the_shipped_model_are_true(recognizer):
    graph = ExplanationGraph(models_dir() / EXPLANATION_NAME)
    said = 0
    for drawn in (4, 7, 1):
        frame = recognizer.predict(255 - drawing(drawn)).model_input
        for digit in set(range(10)) - {drawn}:
            found = attribute(graph, frame, digit)
            if not (sentence := describe_map(graph, frame, found, digit, drawn)):
                continue
            said += 1
            change = change_towards(graph, frame, found, digit)
            assert graph.probabilities_of(change.frame[np.newaxis])[0].argmax() == digit
            assert ("without the blue ink" in sentence.lower()) == bool((change.frame < frame).any())
            assert ("with ink in the blue gaps" in sentence.lower()) == bool((change.frame > frame).any())
    assert said >= 3
