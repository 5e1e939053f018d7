"""Every Keras class of ours. Importing the package registers them, so that Keras can load a file that holds them."""

from digitrec.learning.layers import (
    augmentation,
    batch_norm,
    calibrated_answer,
    corruption,
    digit_accuracy,
    frame_ink,
    local_contrast,
    mixup,
)

__all__ = [
    "augmentation",
    "batch_norm",
    "calibrated_answer",
    "corruption",
    "digit_accuracy",
    "frame_ink",
    "local_contrast",
    "mixup",
]
