"""Random distortions of training images: our own layer, and Keras' classic `ImageDataGenerator`."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


@keras.saving.register_keras_serializable(package="digitrec")
class RandomAffine(keras.layers.Layer):
    """Rotate, zoom, shear and shift each image by amounts of its own, in one bilinear resampling.

    One resampling instead of four blurs the strokes once instead of four times, and costs a quarter. Outside of
    training the layer does nothing. Takes and returns (n, height, width, channels); what comes from outside the
    picture is background, 0.
    """

    def __init__(
        self,
        *,
        rotation: float,
        zoom: float,
        shear: float,
        shift: float,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Choose how far each distortion goes, either way.

        Args:
            rotation: Largest angle, in degrees.
            zoom: Largest change of size, as a share of it, below 1; height and width change independently.
            shear: Largest horizontal slant, in pixels sideways for each pixel upwards.
            shift: Largest shift along each axis, as a share of the side.
            seed: Seed of the random amounts.
            **kwargs: As for any `keras.layers.Layer`.
        """
        super().__init__(**kwargs)
        self.rotation, self.zoom, self.shear, self.shift, self.seed = rotation, zoom, shear, shift, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Distort a batch while training; return it as it came otherwise."""
        if not training:
            return images
        height, width = images.shape[1], images.shape[2]
        count = ops.shape(images)[0]
        amounts = keras.random.uniform((count, 6), -1.0, 1.0, seed=self.seed_generator)
        angle, down, across, slant, move_y, move_x = (amounts[:, i] for i in range(6))
        cos, sin = ops.cos(angle * np.deg2rad(self.rotation)), ops.sin(angle * np.deg2rad(self.rotation))
        zoom_y, zoom_x = 1.0 + down * self.zoom, 1.0 + across * self.zoom
        slant = slant * self.shear
        # Keras wants, for each output pixel (x, y), where it comes from: (a x + b y + c, d x + e y + f). The matrix is
        # rotation @ shear @ zoom about the centre of the picture.
        a, b = cos * zoom_x, (cos * slant - sin) * zoom_y
        d, e = sin * zoom_x, (sin * slant + cos) * zoom_y
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        c = middle_x - a * middle_x - b * middle_y + move_x * self.shift * width
        f = middle_y - d * middle_x - e * middle_y + move_y * self.shift * height
        zero = ops.zeros_like(a)
        transform = ops.stack([a, b, c, d, e, f, zero, zero], axis=1)  # (n, 8)
        return ops.image.affine_transform(images, transform, interpolation="bilinear", fill_mode="constant")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """As it came in."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments it was made with."""
        amounts = {name: getattr(self, name) for name in ("rotation", "zoom", "shear", "shift", "seed")}
        return {**super().get_config(), **amounts}


class ImageDataGeneratorAugmentation:
    """Keras' `ImageDataGenerator`, one image at a time on the CPU, with the recipe of most MNIST tutorials.

    Rotation by up to 10 degrees, zoom by up to 0.1 of the size, shifts by up to 0.1 of the side; no shear. A legacy
    module of Keras 3 that lives on in TensorFlow, and needs SciPy.
    """

    def __init__(self) -> None:
        """Find the legacy module.

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
        np.random.seed(rng.integers(2**32))  # noqa: NPY002 - the legacy module knows no other
        return np.stack([self._generator.random_transform(image) for image in images])
