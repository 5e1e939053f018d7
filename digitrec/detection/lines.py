"""Straight lines through crops: of ruled and squared paper, of grids and frames, at the edge of a shadow or a sheet."""

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.spread import beside

SLOPES = np.linspace(-0.35, 0.35, 11)
"""How far a line falls, in pixels for each pixel across, in what is taken for one: up to 19 degrees."""

UNBROKEN = 0.92
"""Share of the crop's side along which a line must be inked, from edge to edge."""

Lines = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""Which pixels of crops lie on level lines, and which on upright ones: shape (n, side, side) each."""


def find_lines(inked: NDArray[np.bool_]) -> Lines:
    """Find straight lines from edge to edge of crops.

    Args:
        inked: Shape (n, side, side).
    """
    return _crossing(inked), np.swapaxes(_crossing(np.swapaxes(inked, 1, 2)), 1, 2)


def _crossing(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pixels lie on lines from the left to the right edge. Takes and returns (n, side, side)."""
    on_lines = np.zeros_like(inked)
    both_ends = np.flatnonzero(inked[:, :, :2].any((1, 2)) & inked[:, :, -2:].any((1, 2)))
    if both_ends.size:
        on_lines[both_ends] = _level_lines(inked[both_ends])
    return on_lines


def _level_lines(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    side = inked.shape[1]
    near = beside(inked, 1)
    rows, columns = np.arange(side)[:, None], np.arange(side)
    found = np.zeros_like(inked)
    for slope in SLOPES:
        along = rows + np.rint(slope * (columns - side / 2)).astype(np.intp)
        within = (along >= 0) & (along < side)
        covered = near[:, along.clip(0, side - 1), columns] & within
        lines = covered.mean(2) >= UNBROKEN
        for crop, row in np.argwhere(lines):
            found[crop, along[row].clip(0, side - 1), columns] = True
    return beside(found, 1)
