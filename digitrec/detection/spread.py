"""What hangs together in crops: marks that spread to their neighbours."""

import numpy as np
from numpy.typing import NDArray


def spread(start: NDArray[np.bool_], within: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """All pixels that hang together with marked ones, over their four neighbours.

    Args:
        start: Shape (n, side, side): where to begin.
        within: The same shape: where to go.
    """
    reached = start & within
    for _ in range(within.shape[1] // 2):
        before = reached
        for _ in range(4):  # comparing costs as much as a step
            reached = with_neighbours(reached) & within
        if np.array_equal(reached, before):
            break
    return reached


def rings_in(inked: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What lies around all of the ink of crops (n, side, side), and the ink that stands at it, closed or not.

    What is neither, and no ink, is enclosed.
    """
    around = spread(edges_of(inked), ~inked)
    return around, spread(with_neighbours(around), inked)


def edges_of(crops: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The outermost pixels of crops (n, height, width), marked, in the same shape."""
    edges = np.zeros_like(crops)
    edges[:, :1] = True
    edges[:, -1:] = True
    edges[:, :, :1] = True
    edges[:, :, -1:] = True
    return edges


def with_neighbours(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marked pixels, and those right above, below and beside them. Takes and returns (n, side, side)."""
    return beside(marked, 1) | beside(marked, 2)


def beside(marked: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """Marked pixels, and those next to them along an axis: above and below for 1, left and right for 2."""
    grown = marked.copy()
    if axis == 1:
        grown[:, 1:] |= marked[:, :-1]
        grown[:, :-1] |= marked[:, 1:]
    else:
        grown[:, :, 1:] |= marked[:, :, :-1]
        grown[:, :, :-1] |= marked[:, :, 1:]
    return grown
