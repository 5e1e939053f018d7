"""The benchmark of reading: scores are what they say, pictures show what they say, by seed."""

import numpy as np
import pytest

from benchmarks.reading.pictures import LAYOUTS, PAPERS, numbers_on_canvas, photographs
from benchmarks.reading.scores import Score, edit_distance
from digitrec.learning.reader.hands import printed_hands

HANDS = printed_hands("test")[:2]


@pytest.mark.parametrize(
    ("one", "other", "distance"), [("", "", 0), ("12", "12", 0), ("12", "1", 1), ("132", "12", 1), ("47", "71", 2)]
)
def test_edit_distance(one, other, distance):
    assert edit_distance(one, other) == edit_distance(other, one) == distance


def test_a_score_counts_texts_and_digits():
    score = Score.of([("12", "12"), ("3", "34"), ("", "5678")])
    assert (score.count, score.exact, score.digits) == (3, pytest.approx(1 / 3), pytest.approx(1 - 5 / 8))


@pytest.mark.parametrize("layout", [*LAYOUTS, "two lines"])
def test_numbers_on_canvases(layout):
    for shown in numbers_on_canvas(HANDS, layout, 3, seed=1):
        assert shown.picture.shape[0] == 280
        assert set(map(int, np.unique(shown.picture[[0, -1]]))) == {255}
        assert all(2 <= len(line) <= 6 for line in shown.text.split("\n"))


@pytest.mark.parametrize("paper", [*PAPERS, "circled", "highlighter", "chalk"])
def test_photographs_follow_from_their_seed(paper):
    first, again = (next(photographs(HANDS, paper, (1, 1), 1, seed=4)) for _ in range(2))
    assert first.picture.shape == (480, 640)
    assert np.array_equal(first.picture, again.picture)
    assert len(first.text) == 1
