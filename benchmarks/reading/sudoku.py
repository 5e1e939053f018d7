"""Photographed sudokus: digits found and false ones, and single cells by `predict`."""

from collections.abc import Callable

import numpy as np

from digitrec import predict
from digitrec.errors import BlankImageError
from digitrec.learning.reader.cells import SEVERAL, Cell, Photo
from digitrec.reader.reading import Reading


def read_photographs(read: Callable[[np.ndarray], Reading], photos: list[Photo]) -> dict[str, float]:
    """Read photographs and look up what was found in each cell.

    Returns:
        `cells`: cells with one digit; `right`: share of them with that digit and no other; `false in the grid`: digits
        found in blank cells, a photograph; `elsewhere`: digits found outside of the grid, where a calendar is
        printed, a photograph.
    """
    cells = right = false = elsewhere = 0
    for photo in photos:
        back = np.linalg.inv(photo.to_picture)
        in_cell: dict[int, list[int]] = {}
        for digit in read(photo.picture).digits:
            left, top, right_edge, bottom = digit.box
            middle = np.array([(left + right_edge) / 2, (top + bottom) / 2, 1.0])
            u, v, w = back @ middle
            column, row = int(np.floor(u / w)), int(np.floor(v / w))
            if 0 <= column < 9 and 0 <= row < 9:
                in_cell.setdefault(9 * row + column, []).append(digit.digit)
            else:
                elsewhere += 1
        for number, cell in enumerate(photo.cells):
            found = in_cell.get(number, [])
            if 0 < cell.label < SEVERAL:
                cells += 1
                right += found == [cell.label]
            elif cell.label < 0:
                false += len(found)
    n = max(len(photos), 1)
    return {"cells": cells, "right": right / max(cells, 1), "false in the grid": false / n, "elsewhere": elsewhere / n}


def predict_cells(cells: list[Cell]) -> tuple[float, float]:
    """Share of cells with one digit that `predict` names right, and share of them that it doubts."""
    known = [cell for cell in cells if 0 < cell.label < SEVERAL]
    right = doubted = 0
    for cell in known:
        try:
            answer = predict(cell.picture)
        except BlankImageError:
            doubted += 1
            continue
        right += answer.digit == cell.label
        doubted += not answer.is_digit
    return right / max(len(known), 1), doubted / max(len(known), 1)
