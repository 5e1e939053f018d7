"""The detector: a small fully convolutional network from a picture to maps of where which digits are."""

from typing import Any

import keras

from digitrec.learning.layers.batch_norm import FusedBatchNormalization
from digitrec.learning.layers.local_contrast import LocalContrast
from digitrec.learning.reader.targets import HEATS

CLASSES = 10

OUTPUTS = HEATS + CLASSES + 4
"""Channels of the maps: logits of the heats, logits of the digits, logarithms of the four distances."""

MULTIPLE = 32
"""Height and width of a picture must be multiples of this."""


def build_detector(width: int = 32) -> Any:
    """Build the detector, untrained.

    Features of strides 4 to 32 on the way down, added up again on the way back to stride 4 (Lin et al. 2017, "Feature
    pyramid networks"). By default some 120 million multiplications for 160x160 pixels.

    Args:
        width: Filters at stride 4; twice, three and four times as many at strides 8, 16 and 32.

    Returns:
        A `keras.Model` from (n, h, w, 1) brightness 0 to 1, h and w multiples of `MULTIPLE`, to (n, h / 4, w / 4,
        OUTPUTS) float32.
    """
    layers = keras.layers
    picture = keras.Input((None, None, 1), name="picture")
    x = LocalContrast(name="local_contrast")(picture)
    x = _convolution(x, width // 2, stride=2)
    levels = []
    for factor, count in ((1, 1), (2, 2), (3, 2), (4, 2)):
        x = _convolution(x, factor * width, stride=2)
        for _ in range(count):
            x = _convolution(x, factor * width)
        levels.append(x)
    for level, factor in ((levels[2], 3), (levels[1], 2), (levels[0], 1)):
        x = layers.UpSampling2D(2)(_convolution(x, factor * width, kernel=1))
        x = layers.Add()([x, level])
        x = _convolution(x, factor * width)
    x = _convolution(x, 2 * width, kernel=1)
    bias = keras.initializers.Constant(-2.0)  # nearly all of a picture is no digit
    heats = layers.Conv2D(HEATS, 1, bias_initializer=bias, dtype="float32", name="heats")(x)
    rest = layers.Conv2D(CLASSES + 4, 1, dtype="float32", name="classes_and_boxes")(x)
    return keras.Model(picture, layers.Concatenate(dtype="float32", name="maps")([heats, rest]), name="detector")


def _convolution(x: Any, filters: int, *, kernel: int = 3, stride: int = 1) -> Any:
    x = keras.layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(FusedBatchNormalization(momentum=0.97)(x))
