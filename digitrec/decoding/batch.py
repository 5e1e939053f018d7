"""What `predict_batch` is given, as pictures one after the other; what is a single picture is refused."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.decoding.arrays import SIDE, holds_numbers
from digitrec.decoding.source import OBJECTS, ArrayLike, ImageLike, any_array_from
from digitrec.errors import InvalidImageError

Batch = Iterable[ImageLike] | ArrayLike | NDArray[np.generic]


def pictures_in(images: Batch) -> Iterable[ImageLike]:
    """The pictures of a batch.

    Args:
        images: Any iterable of pictures, one-dimensional arrays and columns of a data frame among them; or an array, a
            tensor or a data frame of numbers, of shape (n, h, w), (n, h, w, 1), (n, h, w, 3), (n, h, w, 4) or (n, 784).

    Raises:
        InvalidImageError: One picture, or nothing that can hold pictures.
    """
    if isinstance(images, str | os.PathLike):
        raise _single("a path", "pass a list of paths, such as sorted(pathlib.Path(folder).glob('*.png'))")
    if isinstance(images, bytes | bytearray | memoryview | Image.Image) or hasattr(images, "read"):
        raise _single(f"one {type(images).__name__}", "pass a list")
    if isinstance(images, Mapping):
        raise _single("a mapping", "pass its values()")
    if not isinstance(images, np.ndarray) and hasattr(images, "__array__"):
        images = any_array_from(images)
    if isinstance(images, np.ndarray):
        _check(images)
        return images
    if not isinstance(images, Iterable):
        raise _single(f"a {type(images).__name__}", "pass a list")
    return images


def _check(array: NDArray[Any]) -> None:
    """Refuse an array that is one picture, whose rows would be read as pictures, and one that holds none."""
    if array.dtype.kind in OBJECTS and array.ndim == 1:
        return
    if not holds_numbers(array.dtype):
        raise InvalidImageError(
            f"predict_batch got an array of {array.dtype} of shape {array.shape}; pass numbers, or a list or one column"
            " of paths, of the bytes of files or of pictures"
        )
    rows = array.ndim == 2 and array.shape[1] == SIDE * SIDE
    one = array.ndim < 3 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))
    if one and not rows and len(np.atleast_1d(array)):
        raise _single(
            f"an array of shape {array.shape}", "pass (n, height, width), (n, height, width, channels) or (n, 784)"
        )


def _single(arrived: str, remedy: str) -> InvalidImageError:
    return InvalidImageError(f"predict_batch takes many pictures, and got {arrived}; {remedy}, or use predict for one")
