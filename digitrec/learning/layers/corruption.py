"""Random corruption of training images: what scanners, cameras, dirt and shaky strokes do to a drawing."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from digitrec.learning.layers.augmentation import bilinear
from digitrec.learning.layers.frame_ink import FRAME, FrameInk

CHANCE = 0.2
"""Probability of each corruption on an image that is corrupted: one or two on average, none on one in five."""


@keras.saving.register_keras_serializable(package="digitrec")
class RandomCorruption(keras.layers.Layer):
    """Corrupt some of the images, and frame them again, as serving would.

    Hollow strokes, bands in negative, a line drawn across, blur, pixels out of place, stains, other tones and noise:
    each with a chance of `CHANCE` and a strength of its own, one after the other. A network that has seen only clean
    ink fails at the slightest noise (Hendrycks and Dietterich, 2019, "Benchmarking neural network robustness to common
    corruptions and perturbations"). Framing comes after the corruption because noise in a corner changes the box.

    Takes and returns (n, 28, 28, 1), 0 background to 1 ink; outside of training the layer does nothing. It corrupts the
    first images of a batch, so batches must be shuffled.
    """

    def __init__(self, share: float, *, seed: int | None = None, **kwargs: Any) -> None:
        """Take the share of the images that are corrupted, in whole percents, and a seed."""
        super().__init__(**kwargs)
        self.share, self.seed = share, seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.frame_ink = FrameInk(dtype="float32")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the frame."""
        self.frame_ink.build(input_shape[:-1])

    def call(self, images: Any, training: bool = False) -> Any:
        """Corrupt images while training; return them unchanged otherwise."""
        if not training:
            return images
        count = ops.shape(images)[0] * round(100 * self.share) // 100
        damaged = images[:count, :, :, 0]
        kinds: tuple[Callable[[Any, Any], Any], ...] = (
            *(self._hollow, self._negative, self._line, self._blur, self._misplace, self._stain, self._tone),
            self._noise,
        )
        for damage in kinds:
            hit = self._amount(count) < CHANCE
            damaged = ops.clip(ops.where(hit, damage(damaged, count), damaged), 0.0, 1.0)
        return ops.concatenate([self.frame_ink(damaged), images[count:]], axis=0)

    def _amount(self, count: Any, low: float = 0.0, high: float = 1.0) -> Any:
        """A random number of each image's own, (count, 1, 1)."""
        return keras.random.uniform((count, 1, 1), low, high, seed=self.seed_generator)

    def _field(self, count: Any) -> Any:
        """Independent normal noise on every pixel, (count, 28, 28)."""
        return keras.random.normal((count, FRAME, FRAME), seed=self.seed_generator)

    def _hollow(self, ink: Any, count: Any) -> Any:
        """The outline of the strokes alone."""
        around = ops.max_pool(ops.expand_dims(ink, -1), 3, 1, padding="same")[..., 0]
        return 1.5 * (around - ink)

    def _negative(self, ink: Any, count: Any) -> Any:
        """Up to two bands across the picture in negative, at random or along its edges."""
        upright = self._amount(count) < 0.5
        for edge in (0.0, 1.0):
            place = ops.where(self._amount(count) < 0.5, edge, self._amount(count))
            reach = self._amount(count, 0.0, 0.3)
            within = ops.where(upright, ops.abs(COLUMNS / FRAME - place), ops.abs(ROWS / FRAME - place)) < reach
            ink = ops.where(within, 1.0 - ink, ink)
        return ink

    def _line(self, ink: Any, count: Any) -> Any:
        """A line across: straight or zigzag, whole or dashed, at any angle."""
        angle = self._amount(count, 0.0, np.pi)
        along = ops.cos(angle) * (COLUMNS - MIDDLE) + ops.sin(angle) * (ROWS - MIDDLE)
        beside = ops.cos(angle) * (ROWS - MIDDLE) - ops.sin(angle) * (COLUMNS - MIDDLE)
        turn = self._amount(count, 4.0, 12.0)
        swing = ops.where(self._amount(count) < 0.5, 0.0, self._amount(count, 1.0, 3.0))
        # A triangle wave, -1 to 1.
        wave = 4.0 * ops.abs(_fraction(along / turn) - 0.5) - 1.0
        off = ops.abs(beside - self._amount(count, -10.0, 10.0) - swing * wave)
        dash = self._amount(count, 2.0, 8.0)
        drawn = ops.logical_or(_fraction(along / dash) < 0.5, self._amount(count) < 0.5)
        line = ops.clip(self._amount(count, 0.8, 2.0) - off, 0.0, 1.0)
        return ops.where(drawn, ops.maximum(ink, line), ink)

    def _blur(self, ink: Any, count: Any) -> Any:
        """Blurred, along each axis by its own amount."""
        return _smooth(ink, self._amount(count, 0.3, 2.0), self._amount(count, 0.3, 2.0))

    def _misplace(self, ink: Any, count: Any) -> Any:
        """Every pixel from a place near its own."""
        strength = self._amount(count, 0.3, 1.2)
        rows, columns = ROWS + strength * self._field(count), COLUMNS + strength * self._field(count)
        return bilinear(ops.expand_dims(ink, -1), rows, columns)[..., 0]

    def _stain(self, ink: Any, count: Any) -> Any:
        """Clouds or stains, of any darkness, over the ink or under it."""
        size = self._amount(count, 0.8, 4.0)
        field = _smooth(self._field(count), size, size)
        field = field / (ops.std(field, axis=(1, 2), keepdims=True) + 1e-6)
        clouds = ink + self._amount(count, 0.0, 0.3) * ops.relu(field + 1.0)
        sharp = ops.sigmoid(8.0 * (field - self._amount(count, 0.8, 1.8)))
        stained = ink + sharp * (self._amount(count, 0.0, 0.8) - ink)
        return ops.where(self._amount(count) < 0.5, clouds, stained)

    def _tone(self, ink: Any, count: Any) -> Any:
        """Fainter or fuller greys."""
        return ops.power(ops.maximum(ink, 1e-6), ops.exp(self._amount(count, -1.0, 1.0)))

    def _noise(self, ink: Any, count: Any) -> Any:
        """Normal noise, or more or less of it where there is ink, or salt and pepper."""
        kind, strength = self._amount(count), self._amount(count)
        even = ink + 0.3 * strength * self._field(count)
        by_light = ink + 0.6 * strength * ops.sqrt(ink) * self._field(count)
        level = keras.random.uniform((count, FRAME, FRAME), seed=self.seed_generator)
        share = 0.1 * strength
        grains = ops.where(level < share, 0.0, ops.where(level > 1.0 - share, 1.0, ink))
        return ops.where(kind < 1 / 3, even, ops.where(kind < 2 / 3, by_light, grains))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments it was made with."""
        return {**super().get_config(), "share": self.share, "seed": self.seed}


ROWS = np.arange(FRAME, dtype=np.float32)[np.newaxis, :, np.newaxis]
COLUMNS = np.arange(FRAME, dtype=np.float32)[np.newaxis, np.newaxis, :]
MIDDLE = (FRAME - 1) / 2


def _fraction(x: Any) -> Any:
    return x - ops.floor(x)


def _smooth(images: Any, down: Any, across: Any) -> Any:
    """Blur images (n, 28, 28) by Gaussians of standard deviations (n, 1, 1) in pixels, as two matrix products."""
    distance = (ROWS - COLUMNS) ** 2  # (1, 28, 28): from each pixel along a side to each

    def kernel(sigma: Any) -> Any:
        weights = ops.exp(-0.5 * distance / sigma**2)
        return weights / ops.sum(weights, axis=2, keepdims=True)

    return ops.matmul(ops.matmul(kernel(down), images), ops.transpose(kernel(across), (0, 2, 1)))
