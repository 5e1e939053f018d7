"""Random distortions of training images: our own layers, and Keras' classic `ImageDataGenerator`."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


@keras.saving.register_keras_serializable(package="digitrec")
class RandomWarp(keras.layers.Layer):
    """Rotate, zoom, shear, shift and bend each image by amounts of its own, in one bilinear resampling.

    One resampling instead of five blurs the strokes once instead of five times, and costs a fifth. Bending is elastic
    distortion as in Simard, Steinkraus and Platt (2003), "Best practices for convolutional neural networks", with a
    field that is smooth because it is interpolated from a few random displacements. Outside of training the layer does
    nothing. Takes and returns (n, height, width, channels); what comes from outside the picture is background, 0.
    """

    def __init__(
        self,
        *,
        rotation: float,
        zoom: float,
        shear: float,
        shift: float,
        elastic: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Choose how far each distortion goes, either way.

        Args:
            rotation: Largest angle, in degrees.
            zoom: Largest change of size, as a share of it, below 1; height and width change independently.
            shear: Largest horizontal slant, in pixels sideways for each pixel upwards.
            shift: Largest shift along each axis, as a share of the side.
            elastic: Standard deviation of the displacements that bend the image, in pixels.
            seed: Seed of the random amounts.
            **kwargs: As for any `keras.layers.Layer`.
        """
        super().__init__(**kwargs)
        self.rotation, self.zoom, self.shear, self.shift = rotation, zoom, shear, shift
        self.elastic, self.seed = elastic, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Distort a batch while training; return it unchanged otherwise."""
        if not training:
            return images
        height, width = images.shape[1], images.shape[2]
        rows, columns = self._sources(ops.shape(images)[0], height, width)
        return bilinear(images, rows, columns)

    def _sources(self, count: Any, height: int, width: int) -> tuple[Any, Any]:
        """Row and column that each pixel comes from, each (n, height, width)."""
        amounts = keras.random.uniform((count, 6, 1, 1), -1.0, 1.0, seed=self.seed_generator)
        angle, down, across, slant, move_y, move_x = (amounts[:, i] for i in range(6))  # (n, 1, 1) each
        cos, sin = ops.cos(angle * np.deg2rad(self.rotation)), ops.sin(angle * np.deg2rad(self.rotation))
        zoom_y, zoom_x, slant = 1.0 + down * self.zoom, 1.0 + across * self.zoom, slant * self.shear
        # From the middle of the picture: the matrix is rotation @ shear @ zoom.
        y = (np.arange(height, dtype=np.float32) - (height - 1) / 2)[np.newaxis, :, np.newaxis]
        x = (np.arange(width, dtype=np.float32) - (width - 1) / 2)[np.newaxis, np.newaxis, :]
        columns = cos * zoom_x * x + (cos * slant - sin) * zoom_y * y + (width - 1) / 2 + move_x * self.shift * width
        rows = sin * zoom_x * x + (sin * slant + cos) * zoom_y * y + (height - 1) / 2 + move_y * self.shift * height
        if self.elastic:
            field = keras.random.normal((count, 2, KNOTS, KNOTS), stddev=self.elastic, seed=self.seed_generator)
            along_y, along_x = _between_knots(height), _between_knots(width)
            bend = ops.matmul(ops.matmul(along_y, field), along_x.T)  # (n, 2, height, width)
            rows, columns = rows + bend[:, 0], columns + bend[:, 1]
        return rows, columns

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments it was made with."""
        amounts = {name: getattr(self, name) for name in ("rotation", "zoom", "shear", "shift", "elastic", "seed")}
        return {**super().get_config(), **amounts}


KNOTS = 6
"""Displacements along each side of an image that is bent; the field between them is interpolated."""


def _between_knots(length: int) -> NDArray[np.float32]:
    """Weights of the knots at each pixel along a side, shape (length, KNOTS): smooth bumps.

    Scaled so that displacements between the knots vary as much as at the knots.
    """
    place = np.linspace(0, KNOTS - 1, length)[:, np.newaxis] - np.arange(KNOTS)
    bump = np.exp(-0.5 * (place / 0.6) ** 2)
    weights: NDArray[np.float32] = (bump / np.sqrt((bump**2).sum(1, keepdims=True))).astype(np.float32)
    return weights


def bilinear(images: Any, rows: Any, columns: Any) -> Any:
    """Look images (n, height, width, 1) up at places between their pixels, each (n, height, width); 0 outside."""
    height, width = images.shape[1], images.shape[2]
    # A blank pixel all round, onto which whatever lies outside is clipped.
    padded = ops.reshape(ops.pad(images[..., 0], [[0, 0], [1, 1], [1, 1]]), (-1, (height + 2) * (width + 2)))
    rows, columns = ops.clip(rows + 1.0, 0.0, height + 0.999), ops.clip(columns + 1.0, 0.0, width + 0.999)
    top, left = ops.floor(rows), ops.floor(columns)
    down, right = rows - top, columns - left
    corner = ops.reshape(ops.cast(top * (width + 2) + left, "int32"), (-1, height * width))

    def at(step: int) -> Any:
        return ops.reshape(ops.take_along_axis(padded, corner + step, axis=1), (-1, height, width))

    upper = at(0) + right * (at(1) - at(0))
    lower = at(width + 2) + right * (at(width + 3) - at(width + 2))
    return ops.expand_dims(upper + down * (lower - upper), -1)


@keras.saving.register_keras_serializable(package="digitrec")
class RandomThickness(keras.layers.Layer):
    """Make the strokes of each image thicker or thinner, by dilation or erosion of its own strength.

    Erosion goes half as far: a whole pixel off each side would leave nothing of MNIST's thinner strokes.

    Takes and returns (n, height, width, channels), 0 background to 1 ink; outside of training the layer does nothing.
    """

    def __init__(self, amount: float, *, seed: int | None = None, **kwargs: Any) -> None:
        """Take the largest strength, 0 to 1: 1 is a whole pixel on each side of a stroke, or half of it off each."""
        super().__init__(**kwargs)
        self.amount, self.seed = amount, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Change the strokes while training; return them unchanged otherwise."""
        if not training:
            return images
        strength = keras.random.uniform(
            (ops.shape(images)[0], 1, 1, 1), -self.amount, self.amount, seed=self.seed_generator
        )
        thick = ops.max_pool(images, 3, 1, padding="same")
        thin = 1.0 - ops.max_pool(1.0 - images, 3, 1, padding="same")
        return images + ops.relu(strength) * (thick - images) - 0.5 * ops.relu(-strength) * (images - thin)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments it was made with."""
        return {**super().get_config(), "amount": self.amount, "seed": self.seed}


@keras.saving.register_keras_serializable(package="digitrec")
class RandomErasing(keras.layers.Layer):
    """Blank a random rectangle in some of the images, as Zhong et al. (2020), "Random erasing data augmentation".

    Takes and returns (n, height, width, channels); outside of training the layer does nothing.
    """

    def __init__(self, share: float, *, largest: float = 0.35, seed: int | None = None, **kwargs: Any) -> None:
        """Take the share of images that lose a rectangle, its longest side as a share of the picture's, and a seed."""
        super().__init__(**kwargs)
        self.share, self.largest, self.seed = share, largest, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Erase while training; return the images unchanged otherwise."""
        if not training:
            return images
        height, width = images.shape[1], images.shape[2]
        chance = keras.random.uniform((ops.shape(images)[0], 5, 1, 1, 1), seed=self.seed_generator)
        rows = np.arange(height, dtype=np.float32)[np.newaxis, :, np.newaxis, np.newaxis]
        columns = np.arange(width, dtype=np.float32)[np.newaxis, np.newaxis, :, np.newaxis]
        # Half the side: the distance from the middle within which a row or a column is erased.
        tall, wide = (chance[:, i] * self.largest / 2 for i in (1, 2))
        middle_y, middle_x = chance[:, 3] * (height - 1), chance[:, 4] * (width - 1)
        hit = ops.logical_and(ops.abs(rows - middle_y) < tall * height, ops.abs(columns - middle_x) < wide * width)
        hit = ops.logical_and(hit, chance[:, 0] < self.share)
        return ops.where(hit, 0.0, images)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments it was made with."""
        return {**super().get_config(), "share": self.share, "largest": self.largest, "seed": self.seed}


class ImageDataGeneratorAugmentation:
    """Keras' `ImageDataGenerator`, one image at a time on the CPU, with the recipe of most MNIST tutorials.

    Rotation by up to 10 degrees, zoom by up to 0.1 of the size, shifts by up to 0.1 of the side; no shear. A legacy
    module of Keras that TensorFlow still has; it needs SciPy.
    """

    def __init__(self) -> None:
        """Import the legacy module.

        Raises:
            ImportError: TensorFlow is not installed.
        """
        try:
            from tensorflow.keras.preprocessing.image import ImageDataGenerator
        except ImportError as error:
            raise ImportError(
                "the augmentation 'imagedatagenerator' is a part of TensorFlow; install the train extra, or choose"
                " 'layers'"
            ) from error
        self._generator = ImageDataGenerator(
            rotation_range=10,
            zoom_range=0.1,
            width_shift_range=0.1,
            height_shift_range=0.1,
            fill_mode="constant",
            cval=0.0,
        )

    def __call__(self, images: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Distort a batch of shape (n, 28, 28, 1). It draws from NumPy's global generator, seeded here from `rng`."""
        np.random.seed(rng.integers(2**32))  # noqa: NPY002 - the legacy module uses no other
        return np.stack([self._generator.random_transform(image) for image in images])
