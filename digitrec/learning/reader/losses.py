"""How wrong the detector's maps are."""

from typing import Any

import keras
from keras import ops

from digitrec.learning.reader.network import CLASSES
from digitrec.learning.reader.targets import HEATS

CLASS_WEIGHT, BOX_WEIGHT = 1.0, 1.0


@keras.saving.register_keras_serializable(package="digitrec")
class DetectionLoss(keras.losses.Loss):
    """The sum of three: focal loss of the heat maps, cross-entropy of the classes, and what boxes lack in overlap.

    The focal loss is that of Zhou et al. (2019), equation 1, with alpha 2 and beta 4; boxes are judged by 1 - IoU and
    by the logarithms of their distances. All are divided by the number of digits in the batch.
    """

    def __init__(self, name: str = "detection", **kwargs: Any) -> None:
        super().__init__(name=name, reduction=None, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of a batch. Takes targets (n, h, w, CHANNELS) and maps (n, h, w, OUTPUTS); returns a scalar."""
        y_true, y_pred = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
        heat, counts = y_true[..., :HEATS], y_true[..., -1:]
        label, weight = y_true[..., HEATS], y_true[..., HEATS + 5]
        count = ops.maximum(ops.sum(ops.cast(heat > 0.999, "float32") * counts), 1.0)
        focal = ops.sum(_focal(heat, y_pred[..., :HEATS]) * counts) / count
        known = weight * ops.cast(label >= 0, "float32")
        which = ops.one_hot(ops.cast(ops.maximum(label, 0.0), "int32"), CLASSES)
        logs = ops.log_softmax(y_pred[..., HEATS : HEATS + CLASSES], axis=-1)
        classes = -ops.sum(known * ops.sum(which * logs, -1)) / ops.maximum(ops.sum(known), 1.0)
        boxes = ops.sum(weight * _box(y_true[..., HEATS + 1 : HEATS + 5], y_pred[..., HEATS + CLASSES :]))
        boxes = boxes / ops.maximum(ops.sum(weight), 1.0)
        return focal + CLASS_WEIGHT * classes + BOX_WEIGHT * boxes


def _focal(heat: Any, logits: Any) -> Any:
    log_p, log_not = -ops.softplus(-logits), -ops.softplus(logits)
    p = ops.sigmoid(logits)
    at_peak = ops.cast(heat > 0.999, "float32")
    return -at_peak * ops.square(1 - p) * log_p - (1 - at_peak) * (1 - heat) ** 4 * ops.square(p) * log_not


def _box(true: Any, predicted: Any) -> Any:
    """1 - IoU of two boxes around the same place, and how far their logarithms are apart. Returns (n, h, w)."""
    a, b = ops.exp(true), ops.exp(ops.clip(predicted, -3.0, 5.0))
    low = ops.minimum(a, b)
    common = (low[..., 0] + low[..., 2]) * (low[..., 1] + low[..., 3])
    areas = sum((d[..., 0] + d[..., 2]) * (d[..., 1] + d[..., 3]) for d in (a, b))
    overlap = common / (areas - common + 1e-6)
    return 1 - overlap + 0.25 * ops.mean(ops.minimum(ops.abs(true - predicted), 2.0), -1)


@keras.saving.register_keras_serializable(package="digitrec")
class CentreAccuracy(keras.metrics.Mean):
    """Share of digits whose class is named right at their centre, whether the heat map finds them or not."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count a batch; takes what the loss takes."""
        label = y_true[..., HEATS]
        centre = ops.cast((y_true[..., 0] > 0.999) & (label >= 0), "float32")
        named = ops.argmax(y_pred[..., HEATS : HEATS + CLASSES], -1)
        right = ops.cast(ops.equal(named, ops.cast(label, named.dtype)), "float32")
        return super().update_state(right, centre)
