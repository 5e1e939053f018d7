"""Every Keras layer of ours. Importing the package registers them, so that Keras can load a file that holds them."""

from digitrec.learning.layers import augmentation, calibrated_answer, corruption, frame_ink, mixup

__all__ = ["augmentation", "calibrated_answer", "corruption", "frame_ink", "mixup"]
