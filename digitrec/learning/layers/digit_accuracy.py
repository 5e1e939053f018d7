"""Accuracy on the digits of a batch, which may hold non-digits too."""

from typing import Any

import keras
from keras import ops

from digitrec.training_rows import NOT_A_DIGIT


@keras.saving.register_keras_serializable(package="digitrec")
class DigitAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Share of the digits that are classified correctly, doubted or not. Non-digits do not count."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count a batch. Takes labels (n,) and logits (n, 11); weights are not used."""
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        is_digit = labels != NOT_A_DIGIT
        return super().update_state(ops.where(is_digit, labels, 0), y_pred[:, :NOT_A_DIGIT], is_digit)
