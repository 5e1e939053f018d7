"""Arrays as people hold them, to pixels: their shape, their range, and what the two leave no doubt about."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.decoding.limits import MAX_PIXELS
from digitrec.errors import ImageTooLargeError, InvalidImageError

Pixels = NDArray[Any]
"""Shape (h, w), (h, w, 3) or (h, w, 4); uint8 0-255, uint16 0-65535 or float 0-1."""

SIDE = 28
"""Of MNIST's images, which Kaggle's files and many data sets hold as rows of 784 numbers."""

TOLERANCE = 1e-3
"""How far beyond 0 and 1 a float may be: that much, arithmetic alone may have done."""

VISIBLE = 25.5
"""Least brightness, of 255, from which floats above 1 count as 0 to 255: below it there would be no ink in any case."""


def pixels_of(array: NDArray[Any]) -> Pixels:
    """The pixels in an array.

    Args:
        array: Shape (h, w), (h, w, 1), (h, w, 3), (h, w, 4), the same as a batch of one, or 784 numbers for 28x28.
            Booleans; integers from 0 to 1, to 255, to 4095 (12 bits) or to 65535, whatever their type; floats from 0
            to 1, or to 255.

    Returns:
        The picture; it may share memory with the array.

    Raises:
        InvalidImageError: Another shape, dtype or range, or NaN.
        ImageTooLargeError: More than `MAX_PIXELS` pixels.
    """
    shaped = _shaped(array)
    height, width = shaped.shape[:2]
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"the picture has {width}x{height} pixels; at most {MAX_PIXELS:,} are read, so scale it down first"
        )
    return scaled(shaped)


def scaled(array: NDArray[Any]) -> Pixels:
    """An array of any dtype as pixels, by the range its values lie in; see `pixels_of`."""
    if array.dtype.kind == "V" and holds_numbers(array.dtype):
        array = array.astype(np.float32)
    kind = array.dtype.kind
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if kind in "ui":
        return _whole(array)
    if kind == "f":
        return _fractions(array)
    raise InvalidImageError(f"an array of {array.dtype} is ambiguous; pass uint8 (0-255) or float (0.0-1.0)")


def holds_numbers(dtype: np.dtype[Any]) -> bool:
    """Whether pixels can be of this dtype: also of those that NumPy does not have itself, such as bfloat16."""
    return dtype.kind in "buif" or (dtype.kind == "V" and dtype.names is None and np.can_cast(dtype, np.float32))


def _shaped(array: NDArray[Any]) -> NDArray[Any]:
    """The array as (h, w), (h, w, 3) or (h, w, 4)."""
    if array.ndim == 2 and array.shape != (1, SIDE * SIDE) and array.shape != (SIDE * SIDE, 1) and array.size:
        return array
    if array.ndim == 3 and array.shape[2] in (3, 4) and array.size:
        return array
    shaped = array
    while shaped.ndim > 2 and shaped.shape[0] == 1:  # a batch of one
        shaped = shaped[0]
    if shaped.ndim == 3 and shaped.shape[2] == 1:
        shaped = shaped[..., 0]
    if shaped.size == SIDE * SIDE and SIDE * SIDE in shaped.shape:
        shaped = shaped.reshape(SIDE, SIDE)
    if shaped.size and (shaped.ndim == 2 or (shaped.ndim == 3 and shaped.shape[2] in (3, 4))):
        return shaped
    raise InvalidImageError(f"an array of shape {array.shape} is no picture; {_advice(shaped)}")


def _advice(array: NDArray[Any]) -> str:
    """What to do with an array of a wrong shape."""
    shapes = "(height, width), (height, width, 3) for RGB or (height, width, 4) for RGBA"
    if array.size and (array.ndim == 4 or (array.ndim == 3 and array.shape[0] > 4)):
        return f"it looks like many pictures: pass them to predict_batch, or one as {shapes}"
    if array.size and array.ndim == 3 and array.shape[0] in (3, 4):
        return f"with channels first, pass numpy.moveaxis(array, 0, -1); a batch, to predict_batch; else pass {shapes}"
    if array.size and array.ndim == 1:
        return f"only {SIDE * SIDE} numbers in a row are read, as {SIDE}x{SIDE}; reshape it to {shapes}"
    return f"pass {shapes}"


def _whole(array: NDArray[Any]) -> Pixels:
    """Integers: as they are where they are uint8 and more than 0 and 1, else scaled by the range they lie in."""
    low, high = (0 if array.dtype.kind == "u" else int(array.min())), int(array.max())
    if low < 0 or high > 65535:
        raise InvalidImageError(
            f"an array of {array.dtype} from {low} to {high} is ambiguous; pass 0 to 255, or 0 to 65535 for 16 bits"
        )
    if high == 1:  # thresholded
        return array.astype(np.uint8) * np.uint8(255)
    if high <= 255:
        return array.astype(np.uint8, copy=False)
    whole: Pixels = array.astype(np.uint16)
    if high <= 4095:  # 12 bits, as many cameras and scanners have
        whole <<= np.uint16(4)
    return whole


def _fractions(array: NDArray[Any]) -> Pixels:
    """Floats from 0 to 1, as they are where they are in range."""
    low, high = float(array.min()), float(array.max())
    if low >= 0 and high <= 1:
        return array
    if low >= -TOLERANCE and high <= 1 + TOLERANCE:
        return _clipped(array)
    if low >= -TOLERANCE and VISIBLE < high <= 255 + TOLERANCE:
        return _clipped(array.astype(np.float32) * np.float32(1 / 255))
    if -1 - TOLERANCE <= low < 0 and high <= 1 + TOLERANCE:
        remedy = "if they run from -1 to 1, pass (array + 1) / 2"
    elif low < 0 and np.isfinite(high):
        remedy = "undo the normalization first"
    else:
        remedy = "pass 0 to 1, or 0 to 255"
    raise InvalidImageError(f"float pixels run from {low} to {high}; they must be finite and between 0 and 1: {remedy}")


def _clipped(array: NDArray[Any]) -> Pixels:
    clipped: Pixels = np.clip(array, 0, 1)
    return clipped
