"""The network: a CNN on framed ink, and the recognizer that puts `FrameInk` in front of it."""

from typing import Any

import keras

from digitrec.learning.framing import FRAME, FrameInk

CLASSES = 10


def build_cnn(*, width: int = 32, dropout: float = 0.3, name: str = "cnn") -> Any:
    """Build the convolutional network, untrained.

    Five 3x3 convolutions, each followed by batch normalization and ReLU. Only the frame is padded, once; the
    convolutions themselves are unpadded, which spends a third of the multiplications that padded ones would on a
    picture whose ink stays in the middle. Sized for two CPU cores: 15 million multiplications an image.

    Args:
        width: Filters of the first two convolutions; the others have two and four times as many.
        dropout: Share of the features dropped before the softmax, and half of it after the second pooling, while
            training; 0 to below 1.
        name: Name of the model.

    Returns:
        A functional `keras.Model` from (n, 28, 28, 1) float32 ink in [0, 1] to (n, 10) probabilities.
    """
    layers = keras.layers
    ink = keras.Input((FRAME, FRAME, 1), name="frame")
    x = layers.ZeroPadding2D(2)(ink)  # 32
    x = _convolution(x, width)  # 30
    x = _convolution(x, width)  # 28
    x = layers.MaxPooling2D(2)(x)  # 14
    x = _convolution(x, 2 * width)  # 12
    x = _convolution(x, 2 * width)  # 10
    x = layers.MaxPooling2D(2)(x)  # 5
    x = layers.Dropout(dropout / 2)(x)
    x = _convolution(x, 4 * width)  # 3
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(ink, layers.Dense(CLASSES, activation="softmax", name="probabilities")(x), name=name)


def _convolution(x: Any, filters: int) -> Any:
    x = keras.layers.Conv2D(filters, 3, use_bias=False)(x)  # the normalization that follows has a bias of its own
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    return keras.layers.ReLU()(x)


def build_recognizer(cnn: Any) -> Any:
    """Put `FrameInk` in front of a trained CNN.

    Args:
        cnn: A model as `build_cnn` builds it; its weights are shared, not copied.

    Returns:
        A `keras.Model` from (n, h, w) ink in [0, 1], any h and w, to a dict of `probabilities` (n, 10) and
        `model_input` (n, 28, 28), the framed drawing.
    """
    ink = keras.Input((None, None), name="ink")
    framed = FrameInk(name="frame_ink")(ink)
    outputs = {
        "probabilities": cnn(framed),
        "model_input": keras.layers.Reshape((FRAME, FRAME), name="model_input")(framed),
    }
    return keras.Model(ink, outputs, name="digitrec")
