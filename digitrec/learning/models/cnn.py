"""The network: a CNN on framed ink, and the recognizer that puts `FrameInk` in front of it."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from digitrec.learning.batches import scale_images
from digitrec.learning.data.examples import Examples
from digitrec.learning.layers.batch_norm import FusedBatchNormalization
from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.layers.frame_ink import FRAME, FrameInk
from digitrec.training_rows import NOT_A_DIGIT

LOGITS = NOT_A_DIGIT + 1
"""Outputs of the network: a logit for each digit and, last, one for non-digits."""


def build_cnn(*, width: int = 32, depth: int = 2, dropout: float = 0.3, name: str = "cnn") -> Any:
    """Build the convolutional network, untrained.

    Two blocks of 3x3 convolutions, each block ended by a pooling, and one convolution more; each followed by batch
    normalization and ReLU. Only the frame is padded, once; the convolutions themselves are unpadded, which spends a
    third of the multiplications that padded ones would on a picture whose ink stays in the middle. Pooling comes before
    normalization, which then has a quarter of the work. Sized for two CPU cores: as it is by default, 15 million
    multiplications an image; with a depth of 3, 25 million.

    Args:
        width: Filters of the convolutions of the first block; those of the second have twice and the last one six
            times as many.
        depth: Convolutions of each block, 1 to 4: more would leave the last one less than its 3x3 pixels.
        dropout: Share of the features dropped before the last layer, and half of it after the second pooling, while
            training; 0 to below 1.
        name: Name of the model.

    Returns:
        A functional `keras.Model` from (n, 28, 28, 1) float32 ink in [0, 1] to (n, 11) float32 logits.
    """
    layers = keras.layers
    ink = keras.Input((FRAME, FRAME, 1), name="frame")
    x = layers.ZeroPadding2D(depth)(ink)  # 28 + 2 * depth
    for filters in (width, 2 * width):
        for number in range(1, depth + 1):
            x = _convolution(x, filters, pool=number == depth)  # 28 and 14 in the end; 14 - 2 * depth and half of it
    x = layers.Dropout(dropout / 2)(x)
    x = _convolution(x, 6 * width)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    # The last layer in float32 even where the others are not: a loss of near-certain answers needs the digits.
    return keras.Model(ink, layers.Dense(LOGITS, dtype="float32", name="logits")(x), name=name)


def _convolution(x: Any, filters: int, *, pool: bool = False) -> Any:
    x = keras.layers.Conv2D(filters, 3, use_bias=False)(x)  # the normalization that follows has a bias of its own
    if pool:
        x = keras.layers.MaxPooling2D(2)(x)
    x = FusedBatchNormalization(momentum=0.9)(x)
    return keras.layers.ReLU()(x)


def build_recognizer(cnn: Any, calibration: Calibration) -> Any:
    """Put `FrameInk` in front of a trained CNN, and its calibration behind it.

    Args:
        cnn: A model as `build_cnn` builds it; its weights are shared, not copied.
        calibration: Fitted to it by `digitrec.learning.models.calibration`.

    Returns:
        A `keras.Model` from (n, h, w) ink in [0, 1], any h and w, to a dict of `probabilities` (n, 10), `doubt` (n,),
        from 0 to 1 and 0.5 at the threshold, and `model_input` (n, 28, 28), the framed drawing.
    """
    ink = keras.Input((None, None), name="ink")
    framed = FrameInk(name="frame_ink")(ink)
    outputs = {
        **calibration.layer(cnn(framed)),
        "model_input": keras.layers.Reshape((FRAME, FRAME), name="model_input")(framed),
    }
    return keras.Model(ink, outputs, name="digitrec")


def refresh_statistics(cnn: Any, images: NDArray[np.uint8], chunk: int = 250) -> None:
    """Measure the statistics of batch normalization again, for the current weights.

    The moving statistics gathered while training belong to other weights than averaged ones, and to activations that
    dropout has disturbed; with them, a network may be wrong twice as often as with its own. So the images go
    through the network layer by layer, and each normalization is given the mean and the variance of all that reaches
    it. For averaged weights this is Izmailov et al. (2018), "Averaging weights leads to wider optima"; that dropout
    shifts the variance, Li et al. (2019), "Understanding the disharmony between dropout and batch normalization".

    Args:
        cnn: A network of layers that follow one another, as `build_cnn` builds it.
        images: Shape (n, 28, 28), uint8, of the mixture that it is trained on; a few thousand are enough.
        chunk: Images that go through a layer at once.
    """
    normalizations = [layer for layer in cnn.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if not normalizations:
        return
    chunks: list[Any] = [scale_images(images[start : start + chunk]) for start in range(0, len(images), chunk)]
    for layer in cnn.layers[1 : cnn.layers.index(normalizations[-1]) + 1]:
        if layer in normalizations:
            # Ruined weights give NaN here, and end the run by their loss.
            found = [ops.moments(ops.cast(x, "float32"), axes=(0, 1, 2)) for x in chunks]
            means, variances = (np.stack([ops.convert_to_numpy(pair[i]) for pair in found]) for i in (0, 1))
            weights = np.array([len(x) for x in chunks], np.float32)[:, np.newaxis] / len(images)
            with np.errstate(invalid="ignore", over="ignore"):
                mean = (weights * means).sum(0)
                layer.moving_mean.assign(mean)
                layer.moving_variance.assign((weights * (variances + (means - mean) ** 2)).sum(0))
        chunks = [layer(x, training=False) for x in chunks]


def compute_logits(cnn: Any, examples: Examples, batch_size: int = 500) -> NDArray[np.float32]:
    """Compute the logits of framed images. Returns (n, 11), float32."""
    starts = range(0, len(examples), batch_size)
    chunks = [scale_images(examples.images[start : start + batch_size]) for start in starts]
    return np.concatenate([keras.ops.convert_to_numpy(cnn(chunk, training=False)) for chunk in chunks])
