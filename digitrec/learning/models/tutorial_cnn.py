"""The convolutional network of most MNIST tutorials: the baseline."""

from typing import Any

import keras

from digitrec.learning.layers.frame_ink import FRAME
from digitrec.learning.models.cnn import LOGITS


def build_tutorial_cnn(*, dropout: float = 0.3, name: str = "cnn") -> Any:
    """Build the classic network, untrained: what tutorials and notebooks on MNIST have been copying since about 2017.

    Two 5x5 convolutions of 32 filters, two 3x3 of 64, two 3x3 of 256, each pair padded and followed by max pooling
    and dropout; then 128 features. ReLU throughout, no normalization; 1.1 million weights.

    Args:
        dropout: Share of the features dropped after each pooling, and twice as many before the last layer; 0 to
            below 0.5.
        name: Name of the model.

    Returns:
        A functional `keras.Model` from (n, 28, 28, 1) float32 ink in [0, 1] to (n, 11) float32 logits.
    """
    layers = keras.layers
    ink = keras.Input((FRAME, FRAME, 1), name="frame")
    x = ink
    for filters, kernel in ((32, 5), (64, 3), (256, 3)):
        for _ in range(2):
            x = layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)  # 14, 7, 3
        x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(min(2 * dropout, 0.9))(x)
    return keras.Model(ink, layers.Dense(LOGITS, dtype="float32", name="logits")(x), name=name)
