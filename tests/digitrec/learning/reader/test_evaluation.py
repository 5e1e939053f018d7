"""Readings of scenes compared with what is in them, and the file that holds them."""

import numpy as np
import pytest

from digitrec import ReadDigit
from digitrec.errors import DatasetError
from digitrec.learning.evaluation.scene_readings import SCENE_READINGS, SceneReadings
from digitrec.learning.reader.evaluation import compare
from digitrec.learning.reader.page import Scene
from digitrec.learning.reader.writing import MINUS


def scene(*digits, ignored=()):
    """A scene of 160 pixels with digits, each a label and its box."""
    boxes = np.array([box for _, box in digits], np.float32).reshape(-1, 4)
    labels = np.array([label for label, _ in digits], np.int32)
    return Scene(np.full((160, 160), 200, np.uint8), boxes, labels, np.array(ignored, np.float32).reshape(-1, 4))


def read_as(digit, box):
    return ReadDigit(digit, 0.9, np.full(10, 0.1, np.float32), 0.1, box, np.zeros((28, 28), np.float32))


FIRST, SECOND, THIRD = (10, 10, 30, 40), (50, 10, 70, 40), (100, 100, 120, 140)


def outcomes(digits):
    return [one.outcome for one in digits]


def test_each_digit_is_right_misread_missed_or_made_up():
    found = compare(scene((4, FIRST), (7, SECOND)), [read_as(4, (11, 10, 30, 41)), read_as(1, THIRD)])
    assert outcomes(found.wanted) == ["right", "missed"]
    assert outcomes(found.found) == ["right", "false"]
    assert not found.is_right
    assert outcomes(compare(scene((4, FIRST)), [read_as(9, FIRST)]).wanted) == ["misread"]
    assert compare(scene((4, FIRST)), [read_as(4, FIRST)]).is_right


def test_a_digit_that_is_read_twice_counts_once():
    found = compare(scene((4, FIRST)), [read_as(4, FIRST), read_as(4, FIRST)])
    assert outcomes(found.found) == ["right", "false"]


def test_signs_and_ignored_places_count_neither_way():
    found = compare(scene((MINUS, FIRST), ignored=[SECOND]), [read_as(1, SECOND)])
    assert (outcomes(found.wanted), outcomes(found.found)) == ([], ["ignored"])
    assert found.is_right
    assert compare(scene(), []).is_right


def test_readings_come_back_from_their_file(tmp_path):
    one = compare(scene((4, FIRST), (7, SECOND)), [read_as(4, FIRST), read_as(1, THIRD)])
    SceneReadings([one], "digest").save(tmp_path)
    loaded = SceneReadings.load(tmp_path)
    assert (loaded.model, loaded.wanted) == ("digest", 2)
    assert [loaded.count(outcome) for outcome in ("right", "misread", "missed", "false")] == [1, 0, 1, 1]
    assert loaded.scenes[0].found == one.found
    np.testing.assert_array_equal(loaded.scenes[0].picture, one.picture)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 rubbish"])
def test_a_file_that_is_none_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / SCENE_READINGS).write_bytes(content)
    with pytest.raises(DatasetError, match=r"scene_readings\.npz .*python -m training\.evaluate_reader"):
        SceneReadings.load(tmp_path)
