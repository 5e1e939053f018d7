"""What the tests of the reader's scenes compose them of: printed digits and two shapes, drawn in a moment."""

import numpy as np

from digitrec.learning.reader.cells import Cell
from digitrec.learning.reader.hands import printed_hands
from digitrec.learning.reader.sources import Sources


def small_sources(part: str = "train") -> Sources:
    hands = printed_hands(part)[:3]
    square = np.zeros((40, 40), np.uint8)
    square[[0, -1]] = square[:, [0, -1]] = 255
    cell = np.full((64, 64), 200, np.uint8)
    cell[20:44, 30:34] = 40
    cells = [Cell(cell, 1, np.array([30, 20, 34, 44], np.float32)), Cell(np.full((64, 64), 180, np.uint8), -1, None)]
    return Sources(part, {"pen": hands, "mnist": hands, "print": hands}, [square, square[:20]], cells)
