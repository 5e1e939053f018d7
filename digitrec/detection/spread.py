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
    for _ in range(2 * within.shape[1]):
        grown = with_neighbours(reached) & within
        if np.array_equal(grown, reached):
            break
        reached = grown
    return reached


def with_neighbours(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marked pixels, and those right above, below and beside them. Takes and returns (n, side, side)."""
    grown = marked.copy()
    grown[:, 1:] |= marked[:, :-1]
    grown[:, :-1] |= marked[:, 1:]
    grown[:, :, 1:] |= marked[:, :, :-1]
    grown[:, :, :-1] |= marked[:, :, 1:]
    return grown
