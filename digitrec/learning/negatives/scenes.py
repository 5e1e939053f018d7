"""Pictures that are not drawings: noise, patterns, and scenes shaded like photographs.

Each is drawn by a random generator on a canvas of (280, 280) uint8.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from digitrec.learning.strokes.drawing import CANVAS

Plane = NDArray[np.float64]
"""Shape (280, 280), brightness in any unit."""


def draw_noise(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Noise or a pattern over the whole canvas."""
    return NOISES[rng.integers(len(NOISES))](rng)


def draw_scene(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture like a photograph: smooth light, things with shade and edges, texture, blur and grain."""
    y, x = np.mgrid[0:CANVAS, 0:CANVAS] / CANVAS
    plane = rng.uniform(0.2, 0.9) + rng.normal(0, 0.3) * x + rng.normal(0, 0.3) * y
    plane = plane + rng.uniform(0, 0.3) * _clouds(rng, rng.uniform(1.0, 2.2))
    for _ in range(rng.integers(2, 14)):
        plane = _add_object(plane, x, y, rng)
    if rng.random() < 0.3:
        plane = _add_light(plane, x, y, rng)
    picture = Image.fromarray(_stretch_contrast(plane, rng))
    picture = picture.filter(ImageFilter.GaussianBlur(float(rng.exponential(1.2))))
    return _add_grain(np.asarray(picture, float), rng)


def _stretch_contrast(plane: Plane, rng: np.random.Generator) -> NDArray[np.uint8]:
    low, high = np.percentile(plane, [1, 99])
    dark, bright = rng.uniform(0, 60), rng.uniform(180, 255)
    return _to_pixels(dark + (bright - dark) * (plane - low) / max(high - low, 1e-6))


def _add_grain(plane: Plane, rng: np.random.Generator) -> NDArray[np.uint8]:
    return _to_pixels(plane + rng.normal(0, rng.uniform(0, 8), plane.shape))


def _to_pixels(plane: Plane) -> NDArray[np.uint8]:
    return np.asarray(np.rint(plane.clip(0, 255)), np.uint8)


def _clouds(rng: np.random.Generator, falloff: float) -> Plane:
    """Noise whose power falls with frequency, as it does in nature; standard deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(CANVAS)[:, None], np.fft.rfftfreq(CANVAS)[None])
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.normal(0, 1, (CANVAS, CANVAS))) / frequency**falloff
    plane: Plane = np.fft.irfft2(spectrum, s=(CANVAS, CANVAS))
    return np.asarray(plane / plane.std())


def _add_object(plane: Plane, x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """An ellipse, a box or a half plane, with shade on it and perhaps a texture."""
    left, top = rng.uniform(-0.1, 1.1, 2)
    angle = rng.uniform(0, np.pi)
    across = ((x - left) * np.cos(angle) + (y - top) * np.sin(angle)) / rng.uniform(0.05, 0.5)
    down = ((y - top) * np.cos(angle) - (x - left) * np.sin(angle)) / rng.uniform(0.05, 0.5)
    shape = rng.integers(4)
    if shape == 0:
        distance = np.hypot(across, down) - 1
    elif shape == 1:
        distance = np.maximum(np.abs(across), np.abs(down)) - 1
    elif shape == 2:
        distance = down + 0.3 * np.sin(3 * across)
    else:
        distance = np.maximum(np.abs(across) - 1 + 0.6 * down, np.abs(down) - 1)
    mask = 1 / (1 + np.exp((distance * rng.uniform(15, 120)).clip(-50, 50)))
    value = rng.uniform(0, 1) + rng.normal(0, 0.25) * across + rng.normal(0, 0.25) * down
    if rng.random() < 0.3:
        value = value + rng.uniform(0.05, 0.3) * np.sin(across * rng.uniform(4, 40) + down * rng.uniform(0, 20))
    return np.asarray(plane * (1 - mask) + value.clip(-0.3, 1.3) * mask)


def _add_light(plane: Plane, x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    distance = (x - rng.uniform()) ** 2 + (y - rng.uniform()) ** 2
    return np.asarray(plane * (0.4 + 0.9 * np.exp(-distance / rng.uniform(0.1, 0.6))))


def _enlarge(small: Plane, rng: np.random.Generator) -> Plane:
    how = Image.Resampling.NEAREST if rng.integers(2) else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(small.astype(np.float32)).resize((CANVAS, CANVAS), how), float)


def _grain_size(rng: np.random.Generator) -> int:
    """Grains along the canvas' side, from one a pixel to very coarse."""
    return int(CANVAS / np.exp(rng.uniform(0, np.log(40))))


def _uniform(rng: np.random.Generator) -> NDArray[np.uint8]:
    side = _grain_size(rng)
    return _add_grain(_enlarge(rng.uniform(0, 255, (side, side)), rng).clip(0, 255), rng)


def _gaussian(rng: np.random.Generator) -> NDArray[np.uint8]:
    side = _grain_size(rng)
    middle = rng.choice([0, 255, 128])
    return _add_grain(_enlarge(rng.normal(middle, rng.uniform(25, 120), (side, side)), rng).clip(0, 255), rng)


def _salt_and_pepper(rng: np.random.Generator) -> NDArray[np.uint8]:
    side = _grain_size(rng)
    share = rng.uniform(0.03, 0.6)
    grains = np.where(rng.random((side, side)) < share, 0.0, 255.0)
    if rng.integers(2):
        grains = np.where(rng.random((side, side)) < share / 2, 128.0, grains)
    picture = Image.fromarray(grains.astype(np.uint8)).resize((CANVAS, CANVAS), Image.Resampling.NEAREST)
    return np.asarray(picture)


def _cloudy(rng: np.random.Generator) -> NDArray[np.uint8]:
    plane = _clouds(rng, rng.uniform(0.4, 2.0))
    if rng.integers(2):
        plane = np.where(plane > rng.normal(0, 0.5), 1.0, 0.0) + 0.02 * plane
    return _stretch_contrast(plane, rng)


def _stripes(rng: np.random.Generator) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:CANVAS, 0:CANVAS] / CANVAS
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    plane = np.sin(2 * np.pi * rng.uniform(3, 30) * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0, 6.3))
    if rng.integers(2):
        plane = np.sign(plane - rng.normal(0, 0.3))
    return _add_grain(_stretch_contrast(plane, rng).astype(float), rng)


def _checker(rng: np.random.Generator) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:CANVAS, 0:CANVAS]
    wide, tall = np.exp(rng.uniform(np.log(4), np.log(70), 2))
    plane = ((x // wide + y // tall) % 2).astype(float)
    if rng.integers(2):
        plane = np.sin(np.pi * x / wide) * np.sin(np.pi * y / tall)
    return _add_grain(_stretch_contrast(plane, rng).astype(float), rng)


def _gradient(rng: np.random.Generator) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:CANVAS, 0:CANVAS] / CANVAS
    plane = (
        rng.normal(0, 1) * x + rng.normal(0, 1) * y + rng.normal(0, 1) * np.hypot(x - rng.uniform(), y - rng.uniform())
    )
    return _add_grain(_stretch_contrast(plane, rng).astype(float), rng)


def _confetti(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Many spots and dashes all over the page."""
    page = Image.new("L", (CANVAS, CANVAS), 255)
    pen = ImageDraw.Draw(page)
    for _ in range(rng.integers(12, 150)):
        x, y = rng.uniform(0, CANVAS, 2)
        reach = rng.uniform(1, 12)
        if rng.integers(2):
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=int(rng.integers(0, 160)))
        else:
            dx, dy = rng.normal(0, 1.5 * reach, 2)
            pen.line((x, y, x + dx, y + dy), fill=int(rng.integers(0, 160)), width=int(rng.integers(1, 7)))
    return np.asarray(page)


NOISES: tuple[Callable[[np.random.Generator], NDArray[np.uint8]], ...] = (
    _uniform, _gaussian, _salt_and_pepper, _cloudy, _stripes, _checker, _gradient, _confetti,
)  # fmt: skip
