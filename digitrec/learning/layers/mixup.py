"""Mixup: training on mixtures of two images, with the loss of both labels."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="digitrec")
class RandomMixup(keras.layers.Layer):
    """Mix each image with another of its batch, as Zhang et al. (2018), "mixup: beyond empirical risk minimization".

    Takes (n, 28, 28, 1); returns such images, and the weight (n, 1) of each one's own part in them, 0.5 to 1. The
    other part is that of the image at its place counted from the end of the batch, so batches must be shuffled.
    Outside of training all weights are 1.
    """

    def __init__(self, alpha: float, *, seed: int | None = None, **kwargs: Any) -> None:
        """Take both parameters of the beta distribution that weights are drawn from, and a seed."""
        super().__init__(**kwargs)
        self.alpha, self.seed = alpha, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> tuple[Any, Any]:
        """Mix while training; return the images unchanged otherwise."""
        count = ops.shape(images)[0]
        if not training:
            return images, ops.ones((count, 1))
        drawn = keras.random.beta((count, 1), self.alpha, self.alpha, seed=self.seed_generator)
        weight = ops.maximum(drawn, 1.0 - drawn)
        own = ops.reshape(weight, (-1, 1, 1, 1))
        return own * images + (1.0 - own) * ops.flip(images, axis=0), weight

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        """The shape of the input, and of the weights."""
        return input_shape, (input_shape[0], 1)

    def get_config(self) -> dict[str, Any]:
        """The arguments it was made with."""
        return {**super().get_config(), "alpha": self.alpha, "seed": self.seed}


def mixup_loss(by_label: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Build the loss of logits (n, 11) and weights (n, 1), concatenated to (n, 12), against labels (n,).

    Args:
        by_label: Loss of each of n labels and logits (n, 11), of shape (n,).
    """

    def loss(labels: Any, outputs: Any) -> Any:
        logits, weight = outputs[:, :-1], outputs[:, -1]
        other = ops.flip(ops.reshape(labels, (-1,)), axis=0)
        return weight * by_label(labels, logits) + (1.0 - weight) * by_label(other, logits)

    return loss
