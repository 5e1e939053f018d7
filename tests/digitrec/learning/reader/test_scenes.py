"""Scenes: what is noted of them is what is drawn on them."""

import numpy as np
import pytest

from digitrec.learning.reader.hands import printed_hands
from digitrec.learning.reader.page import BEYOND, LARGEST, SIDE, SMALLEST, Page
from digitrec.learning.reader.scenes import compose
from digitrec.learning.reader.writing import MINUS, POINT, Layout, write
from tests.support.reader_sources import small_sources


@pytest.fixture(scope="module")
def sources():
    return small_sources()


def test_a_scene_follows_from_its_seed_alone(sources):
    first, again, other = (compose(sources, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.boxes, again.boxes)
    assert not np.array_equal(first.picture, other.picture)


def test_scenes_have_digits_of_all_sizes_within_their_pictures(sources):
    sizes = []
    for seed in range(150):
        scene = compose(sources, np.random.default_rng(seed))
        assert scene.picture.shape == (SIDE, SIDE)
        assert scene.picture.dtype == np.uint8
        assert len(scene.boxes) == len(scene.labels)
        assert (scene.boxes >= 0).all()
        assert (scene.boxes <= SIDE).all()
        digits = scene.boxes[scene.labels < MINUS]
        sizes += (digits[:, 2:] - digits[:, :2]).max(1).tolist()
    assert min(sizes) < 14
    assert 80 < max(sizes) <= LARGEST


def test_each_digit_of_a_number_lies_in_its_box():
    hand = printed_hands("train")[0]
    written = write("407", hand, 40, Layout(gap=0.3), np.random.default_rng(0))
    assert written.labels.tolist() == [4, 0, 7]
    left = -1.0
    outside = written.ink.copy()
    for x0, y0, x1, y1 in written.boxes.astype(int):
        assert x0 > left
        left = x1
        inside = written.ink[y0:y1, x0:x1]
        for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
            assert edge.max() > 0  # as tight as it can be
        outside[y0:y1, x0:x1] = 0
    assert outside.max() == 0


def test_signs_are_written_where_they_belong():
    written = write("-3.5", printed_hands("train")[0], 50, Layout(gap=0.2), np.random.default_rng(1))
    assert written.labels.tolist() == [MINUS, 3, POINT, 5]
    minus, three, point, _ = written.boxes
    assert three[1] < (minus[1] + minus[3]) / 2 < three[3]
    assert point[1] > (three[1] + three[3]) / 2


@pytest.mark.parametrize(("gap", "overlap", "apart"), [(0.4, 0.0, True), (0.0, 0.15, False)])
def test_gaps_and_overlaps_of_digits_follow_the_layout(gap, overlap, apart):
    written = write("88", printed_hands("train")[0], 60, Layout(gap, overlap), np.random.default_rng(2))
    assert (written.boxes[1, 0] > written.boxes[0, 2]) == apart


def page_with(size, at):
    page = Page(np.ones((SIDE, SIDE), np.float32))
    page.note_box(np.array([*at, at[0] + size, at[1] + size], np.float32), 4)
    return page


@pytest.mark.parametrize(
    ("size", "at", "boxes", "ignored"),
    [
        (SMALLEST + 1, (50, 50), 1, 0),
        (LARGEST - 1, (20, 20), 1, 0),
        (SMALLEST - 1, (50, 50), 0, 1),
        (LARGEST + 1, (20, 20), 0, 1),
        (BEYOND + 1, (10, 10), 0, 0),  # another of the sizes that serving looks at has it
        (40, (-20, 50), 0, 1),  # half of it is cut off
        (40, (SIDE + 5, 50), 0, 0),
    ],
)
def test_what_counts_depends_on_size_and_place(size, at, boxes, ignored):
    page = page_with(size, at)
    assert (len(page.boxes), len(page.ignored)) == (boxes, ignored)


def test_nothing_is_written_where_something_is():
    page = Page(np.ones((SIDE, SIDE), np.float32))
    page.paste(np.full((20, 20), 255, np.uint8), 40, 40, 1.0)
    assert not page.has_room(55, 55, 20, 20, 2)
    assert page.has_room(70, 70, 20, 20, 2)
    assert page.picture[50, 50] == 0
