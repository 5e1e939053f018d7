"""LocalContrast: a picture without the light on it and without regard to how dark its ink is."""

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="digitrec")
class LocalContrast(keras.layers.Layer):
    """Pixels as they differ from their surroundings, plain and in units of how much it varies there.

    What light falls on the page, and how dark the ink is, then matters little. The surroundings reach some 20 pixels
    far: mean and variance of blocks of 8x8, averaged over 5x5 of them, and interpolated between.
    """

    BLOCK, AROUND, FLOOR = 8, 5, 0.03

    def __init__(self, **kwargs: Any) -> None:
        """As any layer, but always computed in float32: differences of nearly equal numbers need the digits."""
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, pixels: Any) -> Any:
        """Takes (n, h, w, 1) brightness 0 to 1; returns (n, h, w, 2)."""
        mean = self._smooth(pixels)
        difference = pixels - mean
        deviation = ops.sqrt(self._smooth(ops.square(difference)) + self.FLOOR**2)
        return ops.concatenate([difference / deviation, 4 * difference], -1)

    def _smooth(self, x: Any) -> Any:
        x = ops.average_pool(x, self.BLOCK, self.BLOCK)
        x = ops.average_pool(x, self.AROUND, 1, padding="same")
        return _enlarged(x, self.BLOCK)


def _enlarged(x: Any, factor: int) -> Any:
    """Enlarge (n, h, w, 1) by linear interpolation, as a transposed convolution: fast, and of any size."""
    for axis in (1, 2):  # the outermost values go on beyond the edge
        last = ops.shape(x)[axis] - 1
        x = ops.concatenate([ops.take(x, [0], axis), x, ops.take(x, [last], axis)], axis)
    tent = 1 - np.abs((np.arange(2 * factor) + 0.5) / factor - 1)
    kernel = np.outer(tent, tent)[..., np.newaxis, np.newaxis].astype(np.float32)
    x = ops.conv_transpose(x, ops.convert_to_tensor(kernel), strides=factor, padding="same")
    return x[:, factor:-factor, factor:-factor]
