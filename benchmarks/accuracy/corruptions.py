"""The fifteen corruptions of MNIST-C: noise, blur, geometry, light and strokes added to MNIST's images.

Mu and Gilmer (2019), "MNIST-C: A robustness benchmark for computer vision", arXiv:1906.02337. Kinds and severities are
the published ones, among them those that follow from the versions of libraries of that time; the code is our own, so
that single images are other draws of the same distributions than the published files hold.

Each function takes images, shape (n, 28, 28), uint8, 0 background to 255 ink, and a random generator that every image
has draws of its own from; it returns new images of the same shape and dtype. The same images and a generator in the
same state give the same result.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from skimage.feature import canny
from skimage.filters import gaussian
from skimage.transform import warp
from skimage.util import random_noise

from benchmarks.accuracy.plasma import plasma

Images = NDArray[np.uint8]
Unit = NDArray[np.floating]
Corruption = Callable[[Images, np.random.Generator], Images]

SIDE = 28
MIDDLE = (SIDE - 1) / 2
FOG_AT_ONCE = 100


def corrupt(name: str, images: Images, seed: int = 0) -> Images:
    """Corrupt images by the name of the corruption: the same images and seed give the same result."""
    return CORRUPTIONS[name](images, np.random.default_rng([seed, list(CORRUPTIONS).index(name)]))


def shot_noise(images: Images, rng: np.random.Generator) -> Images:
    """So little light that full ink is three photons on average."""
    return _bytes(rng.poisson(3.0 * _unit(images)) / 3.0)


def impulse_noise(images: Images, rng: np.random.Generator) -> Images:
    """Salt and pepper on 17 % of the pixels."""
    return _bytes(random_noise(_unit(images), mode="s&p", rng=rng, amount=0.17))


def glass_blur(images: Images, rng: np.random.Generator) -> Images:
    """Pixels swapped with neighbours, twice over, between two blurs."""
    pixels = _blurred(_unit(images), 0.7)
    every = np.arange(len(images))
    for _ in range(2):
        for row in range(SIDE - 1, 1, -1):
            for column in range(SIDE - 1, 1, -1):
                swapped = every[rng.random(len(images)) < 0.5]
                up, left = rng.integers(0, 2, (2, len(swapped)))
                here, there = (swapped, row, column), (swapped, row - up, column - left)
                pixels[here], pixels[there] = pixels[there], pixels[here]
    return _bytes(_blurred(pixels, 0.7))


def motion_blur(images: Images, rng: np.random.Generator) -> Images:
    """Smeared to one side, up to 45 degrees off the horizontal, with half a Gaussian of 3 pixels cut off at 20."""
    angle = np.deg2rad(rng.uniform(-45.0, 45.0, (len(images), 1, 1)))
    reach = np.arange(21)
    weights = np.exp(-(reach**2) / (2 * 3.0**2))
    every, rows, columns = np.ogrid[: len(images), :SIDE, :SIDE]
    smeared = np.zeros(images.shape)
    for distance, weight in zip(reach, weights / weights.sum(), strict=True):
        row = (rows + np.rint(distance * np.sin(angle)).astype(int)).clip(0, SIDE - 1)
        column = (columns + np.rint(distance * np.cos(angle)).astype(int)).clip(0, SIDE - 1)
        smeared += weight * images[every, row, column]
    return _bytes(smeared / 255)


def shear(images: Images, rng: np.random.Generator) -> Images:
    """Slanted by sin(0.4) to either side and stretched upright by 1 / cos(0.4), as the authors' library sheared."""
    return _warped(images, rng, [[[1.0, -np.sin(angle)], [0.0, np.cos(angle)]] for angle in (-0.4, 0.4)])


def scale(images: Images, rng: np.random.Generator) -> Images:
    """Shrunk to 70 %."""
    return _warped(images, rng, [[[1 / 0.7, 0.0], [0.0, 1 / 0.7]]])


def rotate(images: Images, rng: np.random.Generator) -> Images:
    """Turned by 0.4 radians, 23 degrees, to either side."""
    turns = [[[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] for a in (-0.4, 0.4)]
    return _warped(images, rng, turns)


def brightness(images: Images, rng: np.random.Generator) -> Images:
    """Half of full ink more everywhere."""
    return _bytes(_unit(images) + 0.5)


def translate(images: Images, rng: np.random.Generator) -> Images:
    """Moved by 3 pixels along both axes, either way."""
    framed = np.pad(images, ((0, 0), (3, 3), (3, 3)))
    every, rows, columns = np.ogrid[: len(images), :SIDE, :SIDE]
    down, right = 6 * rng.integers(0, 2, (2, len(images), 1, 1))
    moved: Images = framed[every, rows + down, columns + right]
    return moved


def stripe(images: Images, rng: np.random.Generator) -> Images:
    """A quarter at the left and a quarter at the right in negative."""
    striped = images.copy()
    for quarter in (slice(0, 7), slice(21, None)):
        striped[:, :, quarter] = 255 - striped[:, :, quarter]
    return striped


def fog(images: Images, rng: np.random.Generator) -> Images:
    """A fractal of three times the ink's strength laid over it, and all scaled back."""
    foggy = []
    for start in range(0, len(images), FOG_AT_ONCE):
        unit = _unit(images[start : start + FOG_AT_ONCE])
        strongest = unit.max((1, 2), keepdims=True)
        clouds = plasma(len(unit), rng, decay=1.4)[:, :SIDE, :SIDE]
        foggy.append(_bytes((unit + 3.0 * clouds) * strongest / (strongest + 3.0)))
    return np.concatenate(foggy)


def spatter(images: Images, rng: np.random.Generator) -> Images:
    """Splashes of mud, at a quarter of the ink's strength, that hide what is under them."""
    liquid = _blurred(rng.normal(0.65, 0.3, images.shape), 1.0)
    mud = _blurred((liquid > 0.65).astype(np.float64), 1.5)
    mud[mud < 0.8] = 0.0
    return _bytes(_unit(images) * (1.0 - mud) + 63 / 255 * mud)


def dotted_line(images: Images, rng: np.random.Generator) -> Images:
    """A straight line from the left edge to the right, of dashes 2 pixels long."""
    start, end = rng.integers(0, SIDE - 1, (2, len(images)))
    line = _line(np.zeros(len(images)), start, np.full(len(images), SIDE - 1), end)
    dashes = np.arange(SIDE) // 2 % 2 == 1
    return _bytes(_unit(images) + line * dashes)


def zigzag(images: Images, rng: np.random.Generator) -> Images:
    """A zigzag from left to right, 4 pixels high, each of its turns 4 pixels after the last."""
    start = rng.integers(0, SIDE - 1, len(images))
    rise = rng.integers(-5, 5, len(images))
    angle, length = np.arctan(rise / 23), np.hypot(rise, 23)
    along = [0.0 * length, *(turn + 0.0 * length for turn in (2, 6, 10, 14, 18, 22)), length]
    aside = [0.0, 2.0, -2.0, 2.0, -2.0, 2.0, -2.0, -1.0 / (length - 20)]  # it ends a little beside its middle line
    columns = [2 + x * np.cos(angle) - y * np.sin(angle) for x, y in zip(along, aside, strict=True)]
    rows = [start + x * np.sin(angle) + y * np.cos(angle) for x, y in zip(along, aside, strict=True)]
    drawn = _unit(images)
    for i in range(len(along) - 1):
        drawn = np.minimum(drawn + _line(columns[i], rows[i], columns[i + 1], rows[i + 1]), 1.0)
    return _bytes(drawn)


def canny_edges(images: Images, rng: np.random.Generator) -> Images:
    """Nothing but the edges that Canny's detector finds."""
    return np.stack([np.where(canny(image), np.uint8(255), np.uint8(0)) for image in _unit(images)])


CORRUPTIONS: dict[str, Corruption] = {
    function.__name__: function
    for function in (
        *(shot_noise, impulse_noise, glass_blur, motion_blur, shear, scale, rotate, brightness, translate, stripe),
        *(fog, spatter, dotted_line, zigzag, canny_edges),
    )
}
"""All of them, by name, in the published order."""


def _unit(images: Images) -> NDArray[np.float64]:
    return images / 255


def _bytes(unit: Unit) -> Images:
    scaled: Images = np.rint(255 * unit.clip(0.0, 1.0)).astype(np.uint8)
    return scaled


def _blurred(unit: Unit, sigma: float) -> NDArray[np.float64]:
    """Each image by itself: not across them."""
    blurred: NDArray[np.float64] = gaussian(unit, sigma=(0.0, sigma, sigma))
    return blurred


def _warped(images: Images, rng: np.random.Generator, choices: Sequence[Sequence[Sequence[float]]]) -> Images:
    """Each image by one of these 2x2 matrices, from (x, y) in the result to where it comes from, about the middle."""
    chosen = rng.integers(0, len(choices), len(images))
    result = np.zeros_like(images)
    for choice, linear in enumerate(choices):
        matrix = np.eye(3)
        matrix[:2, :2] = linear
        matrix[:2, 2] = MIDDLE - np.asarray(linear) @ [MIDDLE, MIDDLE]
        ours = np.flatnonzero(chosen == choice)
        channels = np.moveaxis(_unit(images[ours]), 0, -1)  # warp takes images of one transformation as channels
        if len(ours):
            result[ours] = _bytes(np.moveaxis(warp(channels, matrix), -1, 0))
    return result


def _line(left: Unit, start: Unit, right: Unit, end: Unit) -> NDArray[np.float64]:
    """Lines from (left, start) to (right, end), columns and rows of shape (n,): 1 on the line, 0 from 1.5 pixels off.

    Returns:
        Shape (n, 28, 28).
    """
    left, start, right, end = (np.asarray(value, np.float64)[:, None, None] for value in (left, start, right, end))
    _, rows, columns = np.ogrid[:1, :SIDE, :SIDE]
    off = np.abs(rows - start - (end - start) / (right - left) * (columns - left))
    ink = np.log1p(-np.minimum(off, 2.2999) / 2.3) + 1
    return ink.clip(0.0, 1.0) * ((columns >= np.floor(left)) & (columns < np.ceil(right)))
