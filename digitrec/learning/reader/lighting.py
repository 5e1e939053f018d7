"""How a picture came about: light and shadow on the page, the lens, the sensor, the file."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitrec.learning.reader.papers import Field, half_plane, turned


def uneven_light(rng: np.random.Generator, side: int) -> Field:
    """Factors on the brightness: a shadow, a lamp's spot, a vignette, a gradient or a beam, or two of them."""
    light = np.ones((side, side), np.float32)
    for _ in range(1 if rng.random() < 0.7 else 2):
        light = light * _LIGHTS[rng.integers(len(_LIGHTS))](rng, side)
    return light


def _shadow(rng: np.random.Generator, side: int) -> Field:
    depth = np.float32(rng.uniform(0.1, 0.6))
    dark = half_plane(rng, side, rng.exponential(10) + 1)
    if rng.random() < 0.5:  # a corner, as of a phone or a hand
        dark = np.minimum(dark, half_plane(rng, side, rng.exponential(10) + 1))
    return np.asarray(1 - depth * dark)


def _lamp(rng: np.random.Generator, side: int) -> Field:
    x, y = turned(side, 0.0)
    distance = np.square(x - np.float32(rng.uniform(0, side))) + np.square(y - np.float32(rng.uniform(0, side)))
    floor = rng.uniform(0.3, 0.7)
    reach = 2 * (side * rng.uniform(0.25, 0.8)) ** 2
    return np.asarray(np.float32(floor) + np.float32(1 - floor) * np.exp(-distance / np.float32(reach)))


def _vignette(rng: np.random.Generator, side: int) -> Field:
    x, y = turned(side, 0.0)
    middle = rng.uniform(0.3, 0.7, 2) * side
    distance = np.square(x - np.float32(middle[0])) + np.square(y - np.float32(middle[1]))
    return np.asarray(1 - np.float32(rng.uniform(0.1, 0.6)) * distance / distance.max())


def _gradient(rng: np.random.Generator, side: int) -> Field:
    along, _ = turned(side, rng.uniform(0, 2 * np.pi))
    return np.asarray(1 - np.float32(rng.uniform(0.1, 0.65)) * (along - along.min()) / np.float32(np.ptp(along)))


def _beam(rng: np.random.Generator, side: int) -> Field:
    along, _ = turned(side, rng.uniform(0, 2 * np.pi))
    distance = np.abs(along - np.float32(rng.uniform(float(along.min()), float(along.max()))))
    soft = np.float32(rng.uniform(2, 20))
    bright = np.clip((np.float32(side * rng.uniform(0.05, 0.2)) - distance) / soft + np.float32(0.5), 0, 1)
    floor = np.float32(rng.uniform(0.4, 0.8))
    return np.asarray(floor + (1 - floor) * bright)


_LIGHTS = (_shadow, _shadow, _shadow, _lamp, _vignette, _gradient, _gradient, _beam)


def taken(picture: Field, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture as a camera's file has it: blurred, noisy, compressed.

    Args:
        picture: Shape (side, side), brightness 0 to 1.
        rng: Decides on everything.

    Returns:
        The same shape, uint8.
    """
    image = np.rint(255 * picture.clip(0, 1)).astype(np.uint8)
    if rng.random() < 0.6:
        image = np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(float(rng.exponential(0.6)))))
    if rng.random() < 0.7:
        grain = rng.standard_normal(image.shape, np.float32) * np.float32(rng.exponential(4.0) + 0.5)
        image = np.rint((image + grain).clip(0, 255)).astype(np.uint8)
    if rng.random() < 0.3:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=int(rng.integers(25, 90)))
        image = np.asarray(Image.open(file))
    return np.asarray(image)
