"""Cells and photographs of sudokus: where their digits lie, and that no puzzle serves both parts."""

import numpy as np
import pytest

from digitrec.learning.reader.cells import SEVERAL, digit_box, homography, read_cells, read_photos
from digitrec.learning.reader.page import SIDE
from digitrec.learning.reader.photos import photographed


def cell_with(*slices):
    cell = np.full((64, 64), 200, np.uint8)
    for part in slices:
        cell[part] = 40
    return cell


DIGIT = (slice(20, 45), slice(25, 40))


def test_the_box_of_a_cell_is_the_digits():
    assert digit_box(cell_with(DIGIT)).tolist() == [25, 20, 40, 45]


def test_lines_along_the_edges_are_no_digit():
    lines = (slice(None), slice(0, 9)), (slice(0, 8), slice(None))
    assert digit_box(cell_with(DIGIT, *lines)).tolist() == [25, 20, 40, 45]
    assert digit_box(cell_with(*lines)) is None


def test_four_points_make_a_projection():
    corners = np.array([[10.0, 20.0], [110.0, 25.0], [105.0, 130.0], [5.0, 120.0]])
    square = np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]])
    matrix = homography(square, corners)
    mapped = np.concatenate([square, np.ones((4, 1))], 1) @ matrix.T
    assert mapped[:, :2] / mapped[:, 2:] == pytest.approx(corners)


def test_no_puzzle_is_both_trained_and_validated_on(data_dir):
    puzzles = [{photo.name[:5] for photo in read_photos(data_dir, part)} for part in ("train", "validation")]
    assert all(puzzles)
    assert not puzzles[0] & puzzles[1]


def test_cells_of_validation_photographs_are_not_trained_on(data_dir):
    cells = read_cells(data_dir, "train")
    photo = read_photos(data_dir, "validation")[0]
    seen = np.stack([cell.picture for cell in photo.cells]).astype(float).reshape(81, -1)
    for cell in cells[::50]:
        correlations = [np.corrcoef(cell.picture.ravel(), other)[0, 1] for other in seen if other.std() > 0]
        assert max(correlations) < 0.995


def test_what_is_cut_out_of_a_photograph_keeps_its_digits(data_dir):
    photos = read_photos(data_dir, "validation")
    found = 0
    for seed in range(12):
        scene = photographed(photos, np.random.default_rng(seed))
        assert scene.picture.shape == (SIDE, SIDE)
        for left, top, right, bottom in scene.boxes.astype(int):
            inside = scene.picture[top:bottom, left:right].astype(float)
            assert np.ptp(inside) > 30  # there is ink
            found += 1
    assert found > 20
    assert all(-1 <= cell.label <= SEVERAL for photo in photos for cell in photo.cells)
