"""Grey pictures of one size, all at once: those whose border is of one colour, as MNIST's and most scans' is.

What `digitrec.ink` finds of each, in a fraction of the steps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitrec.decoding import Pixels
from digitrec.detection.maps import Floats
from digitrec.ink import MIN_CONTRAST


class PlainPages(NamedTuple):
    """What is known of n pictures.

    Attributes:
        plain: Shape (n,): which have a border of one colour, and ink within it. `second_look.is_canvas` is true of
            them. The others' rows of `inks` say nothing.
        inks: Shape (n, h, w), float32: what `ink_from_pixels` finds.
    """

    plain: NDArray[np.bool_]
    inks: Floats


def find_plain_pages(pictures: Sequence[Pixels]) -> PlainPages | None:
    """Look at pictures of one shape and dtype; None for those in colour, or not of uint8."""
    if pictures[0].ndim != 2 or pictures[0].dtype != np.uint8:
        return None
    stack = np.stack(pictures)
    border = np.concatenate([stack[:, 0], stack[:, -1], stack[:, 1:-1, 0], stack[:, 1:-1, -1]], 1)
    paper = border[:, :1]
    levels = paper[:, :, np.newaxis]
    difference = np.maximum(stack, levels) - np.minimum(stack, levels)
    largest = difference.max((1, 2))
    plain = (border == paper).all(1) & (largest / 255 > MIN_CONTRAST)
    inks = np.divide(difference, np.maximum(largest, 1)[:, np.newaxis, np.newaxis], dtype=np.float32)
    return PlainPages(plain, inks)
