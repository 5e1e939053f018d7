"""Second ways to cut digits out: parted from neighbours, and without the lines that they stand on."""

import numpy as np
import pytest

from digitrec.detection.crops import SIDE, crops_of, separate
from digitrec.detection.judgement import judge
from digitrec.detection.lines import find_lines
from digitrec.detection.maps import DIGIT, Found
from digitrec.detection.second_cuts import part_neighbours, take_lines_out
from tests.support.drawings import drawing


def page_of(*, overlap=0, digits=(0, 3)):
    """Two digits side by side, dark on light, and their boxes; by so many pixels they overlap."""
    page, boxes, left = np.full((200, 400), 255, np.uint8), [], 80
    for digit in digits:
        shown = drawing(digit, size=110, canvas=(200, 200), thickness=9)
        rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
        part = shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        there = page[40 : 40 + part.shape[0], left : left + part.shape[1]]
        np.minimum(there, 255 - part, out=there)
        boxes.append([left, 40, left + part.shape[1], 40 + part.shape[0]])
        left += part.shape[1] - overlap
    return page, np.array(boxes, np.float32)


def test_overlapping_digits_are_parted_in_the_middle_of_what_they_share():
    page, boxes = page_of(overlap=8)
    _, inner, ink = crops_of(page, boxes)
    first, _ = separate(ink, inner, find_lines(ink > 0.5))
    rows, parted = part_neighbours(first, boxes)
    assert rows.tolist() == [0, 1]
    apart, alone = page_of(overlap=-60)
    _, inner, ink = crops_of(apart, alone)
    clean, _ = separate(ink, inner, find_lines(ink > 0.5))
    for cut, whole, wanted in zip(parted, first, clean, strict=True):
        assert np.abs(cut - wanted).sum() < np.abs(whole - wanted).sum()
        assert np.minimum(cut, wanted).sum() > 0.8 * wanted.sum()


@pytest.mark.parametrize("overlap", [-20, 80])
def test_digits_beside_or_on_one_another_are_not_parted(overlap):
    page, boxes = page_of(overlap=overlap)
    _, inner, ink = crops_of(page, boxes)
    rows, parted = part_neighbours(separate(ink, inner, find_lines(ink > 0.5))[0], boxes)
    assert rows.size == 0
    assert parted.shape == (0, SIDE, SIDE)


def test_lines_are_taken_out_of_digits_and_strokes_across_them_stay():
    page, boxes = page_of(digits=(3,))
    clean = crops_of(page, boxes)[2] * crops_of(page, boxes)[1]
    page[70:75] = 0
    depth, inner, ink = crops_of(page, boxes)
    rows, without = take_lines_out(depth, inner, ink, find_lines(ink > 0.5))
    assert rows.tolist() == [0]
    assert without.dtype == np.float32
    bare = clean[0] == 0
    assert without[0][bare].sum() < 0.3 * (ink * inner)[0][bare].sum()
    assert np.minimum(without[0], clean[0]).sum() > 0.85 * clean.sum()


def test_where_no_line_is_or_nothing_but_lines_nothing_is_taken_out():
    page, boxes = page_of(digits=(3,))
    depth, inner, ink = crops_of(page, boxes)
    assert take_lines_out(depth, inner, ink, find_lines(ink > 0.5))[0].size == 0
    ruled = np.full((200, 400), 255, np.uint8)
    ruled[90:93] = 0
    depth, inner, ink = crops_of(ruled, boxes)
    assert take_lines_out(depth, inner, ink, find_lines(ink > 0.5))[0].size == 0


class Answers:
    """A single-digit network that doubts every ink but one, and names what it is told to."""

    def __init__(self, sure_of, names):
        self.sure_of, self.names = sure_of, names

    def __call__(self, inks):
        doubts = [0.01 if any(np.array_equal(ink, one) for one in self.sure_of) else 0.9 for ink in inks]
        self.doubt = np.array(doubts, np.float32)
        self.probabilities = np.full((len(inks), 10), 0.01, np.float32)
        self.probabilities[:, self.names] = 0.91
        self.model_input = np.zeros((len(inks), 28, 28), np.float32)
        return self


@pytest.mark.parametrize(("named", "taken"), [(3, True), (8, False)])
def test_a_second_cut_counts_only_where_it_is_what_the_detector_found(named, taken):
    page, boxes = page_of(overlap=8, digits=(3, 3))
    _, inner, ink = crops_of(page, boxes)
    _, parted = part_neighbours(separate(ink, inner, find_lines(ink > 0.5))[0], boxes)
    logits = np.zeros((2, 10), np.float32)
    logits[:, 3] = 5
    found = Found(boxes, np.full(2, 0.6, np.float32), np.full(2, DIGIT), logits)
    judged = judge(page, found, Answers(parted, named))
    assert (judged.network_doubts < 0.5).tolist() == [taken, taken]
