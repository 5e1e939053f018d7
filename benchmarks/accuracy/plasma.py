"""Clouds: the plasma fractal, by midpoint displacement."""

import numpy as np
from numpy.typing import NDArray


def plasma(count: int, rng: np.random.Generator, *, decay: float, side: int = 256) -> NDArray[np.float32]:
    """Make plasma fractals that continue at their opposite edges.

    The diamond-square algorithm of Fournier, Fussell and Carpenter (1982), "Computer rendering of stochastic models":
    midpoints of squares and then of their sides get the mean of their four neighbours and a random displacement.

    Args:
        count: How many.
        rng: Where the displacements come from.
        decay: Its square is what displacements shrink by each time the distances halve; above 1, larger is smoother.
        side: Length of the sides in pixels, a power of two.

    Returns:
        Shape (count, side, side), each from 0 to 1.

    Raises:
        ValueError: The side is no power of two above 1.
    """
    if side < 2 or side & (side - 1):
        raise ValueError(f"side is {side}; it must be a power of two")
    clouds = np.zeros((count, side, side), np.float32)

    def displaced(sums: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
        noise = rng.random(sums.shape, np.float32)
        return sums / 4 + np.float32(amount) * (2 * noise - 1)

    step, amount = side, 1.0
    while step > 1:
        half = step // 2
        corners = clouds[:, ::step, ::step]
        beside = corners + np.roll(corners, -1, 2)
        clouds[:, half::step, half::step] = displaced(beside + np.roll(beside, -1, 1), amount)
        middles = clouds[:, half::step, half::step]
        clouds[:, ::step, half::step] = displaced(beside + middles + np.roll(middles, 1, 1), amount)
        below = corners + np.roll(corners, -1, 1)
        clouds[:, half::step, ::step] = displaced(below + middles + np.roll(middles, 1, 2), amount)
        step, amount = half, amount / decay**2
    clouds -= clouds.min((1, 2), keepdims=True)
    clouds /= clouds.max((1, 2), keepdims=True)
    return clouds
