"""Pictures of what happens inside of the network: its first filters, and what leaves each convolution."""

import numpy as np
from numpy.typing import NDArray

from digitrec.explanation.graph import Floats
from digitrec.explanation.picture import AGAINST, FOR

GAP = 1
"""Pixels between two tiles, before they are enlarged."""


def activation_sheet(activation: Floats, columns: int = 16, zoom: int = 2) -> NDArray[np.uint8]:
    """Lay what leaves a convolution out as tiles, one a filter, all on one scale: black is nothing, white the most.

    Args:
        activation: Shape (rows, columns, filters), 0 and more.
        columns: Tiles in a row.
        zoom: Pixels for each value, along both axes.

    Returns:
        A grey picture.
    """
    scaled = activation / max(float(activation.max()), 1e-6)
    return _tiles(np.rint(255 * scaled.transpose(2, 0, 1)).astype(np.uint8), columns, zoom, 60)


def filter_sheet(filters: Floats, columns: int = 16, zoom: int = 8) -> NDArray[np.uint8]:
    """Lay the kernels of the first convolution out as tiles: orange adds to the sum, blue takes from it, white is 0.

    Args:
        filters: Shape (rows, columns, filters).
        columns: Tiles in a row.
        zoom: Pixels for each weight, along both axes.

    Returns:
        An RGB picture.
    """
    share = filters.transpose(2, 0, 1)[..., np.newaxis] / max(float(np.abs(filters).max()), 1e-6)
    towards = np.where(share > 0, np.array(FOR, np.float32), np.array(AGAINST, np.float32))
    return _tiles(np.rint(255 + (towards - 255) * np.abs(share)).astype(np.uint8), columns, zoom, 255)


def _tiles(tiles: NDArray[np.uint8], columns: int, zoom: int, gap: int) -> NDArray[np.uint8]:
    """Lay tiles (n, h, w) or (n, h, w, 3) out in rows, with a gap of one grey between them."""
    rows = -(-len(tiles) // columns)
    height, width = tiles.shape[1] + GAP, tiles.shape[2] + GAP
    sheet = np.full((rows * height + GAP, columns * width + GAP, *tiles.shape[3:]), gap, np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // columns * height + GAP, number % columns * width + GAP
        sheet[top : top + tiles.shape[1], left : left + tiles.shape[2]] = tile
    return sheet.repeat(zoom, axis=0).repeat(zoom, axis=1)
