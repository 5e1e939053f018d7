"""Anything that holds a picture, to its pixels: files, Pillow images and arrays, checked against the limits.

A file goes through three steps. `structure` reduces it to what its pixels need and refuses what would cost too much;
`codec` decodes what is left, in this process where it is a canvas's PNG or a usual photograph, else in a process of its
own with limits on memory and CPU time (`helper`); `arrays` scales the values that come out.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from digitrec.decoding import codec, helper
from digitrec.decoding.arrays import Pixels, pixels_of, scaled
from digitrec.decoding.batch import Batch, pictures_in
from digitrec.decoding.limits import MAX_BYTES, MAX_PIXELS, MAX_SIDE
from digitrec.decoding.source import ImageLike, opened
from digitrec.decoding.structure import strip
from digitrec.decoding.structure.stripped import check_size
from digitrec.errors import DigitrecError, InvalidImageError

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "Batch",
    "ImageLike",
    "Pixels",
    "full_scale",
    "pictures_in",
    "pixels_from",
    "sized_pixels_from",
]


KINDS = {"I;16": "<u2", "I;16L": "<u2", "I;16B": ">u2", "I;16N": "=u2", "I": "=i4", "F": "=f4"}
"""The dtypes of Pillow's modes that are not of bytes."""


def pixels_from(image: ImageLike) -> Pixels:
    """The pixels of a picture, upright.

    Args:
        image: See `digitrec.predict`.

    Returns:
        No side is longer than `MAX_SIDE`: a larger picture has been averaged down by a whole factor.

    Raises:
        InvalidImageError: Not decodable, or an array of another shape, dtype or range, or one with NaN.
        ImageTooLargeError: More bytes, pixels or work than `digitrec.decoding.limits` allow.
        OverloadedError: The machine has no time or memory left for it now.
        MemoryError: This process has no memory left; never a picture's fault.
    """
    return sized_pixels_from(image)[0]


def sized_pixels_from(image: ImageLike) -> tuple[Pixels, tuple[int, int]]:
    """The pixels of a picture as `pixels_from` returns them, and the width and height that it is shown in."""
    held = opened(image)
    if isinstance(held, np.ndarray):
        array = pixels_of(held)
        return _shrink(array), (array.shape[1], array.shape[0])
    try:
        return _from_file(held) if isinstance(held, bytes) else _from_image(held)
    except (DigitrecError, MemoryError):
        raise
    except Exception as error:  # a broken file makes Pillow's readers raise almost anything, from OSError to IndexError
        arrived = f"these {len(held):,} bytes are" if isinstance(held, bytes) else _described(held)
        raise InvalidImageError(
            f"{arrived} not a readable picture; pass a PNG, JPEG, WebP or GIF that opens elsewhere"
        ) from error


def full_scale(pixels: Pixels) -> int:
    """What full brightness is in these pixels: 255, 65535 or 1."""
    return np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1


def _from_file(data: bytes) -> tuple[Pixels, tuple[int, int]]:
    picture = strip(data)
    if picture is None:
        raise ValueError("of no known format")
    shown = _turned(picture.size, picture.orientation)
    if picture.light:
        return _pixels(codec.decode(picture.kind, picture.data, picture.size, picture.orientation, MAX_SIDE)), shown
    return _pixels(helper.decode(picture)), shown


def _turned(size: tuple[int, int], orientation: object) -> tuple[int, int]:
    """Width and height of a picture that is turned as its EXIF orientation says."""
    return (size[1], size[0]) if orientation in (5, 6, 7, 8) else size


def _from_image(picture: Image.Image) -> tuple[Pixels, tuple[int, int]]:
    """Take a Pillow image. One that is not decoded yet is decoded here, by the reader that its owner has opened."""
    if picture.width * picture.height > MAX_PIXELS or 0 in picture.size:
        check_size(*picture.size)
    orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    shown = _turned(picture.size, orientation)
    return _pixels(codec.render(picture, orientation, MAX_SIDE)), shown


def _described(picture: Image.Image) -> str:
    return f"this {picture.width}x{picture.height} picture of mode {picture.mode} is"


def _pixels(raster: codec.Raster) -> Pixels:
    """The array in decoded pixels; those of 16 and more bits are scaled by the range they lie in."""
    width, height = raster.size
    kind = KINDS.get(raster.mode, "u1")
    array: NDArray[Any] = np.frombuffer(raster.data, kind).reshape(height, width, -1)
    array = array[..., 0] if array.shape[2] == 1 else array
    return array if kind == "u1" else scaled(array)


def _shrink(pixels: Pixels) -> Pixels:
    """Average a large picture down by a whole factor. Up to factor - 1 pixels at the right and lower edge are lost."""
    factor = -(-max(pixels.shape[:2]) // MAX_SIDE)
    if factor == 1:
        return pixels
    down, across = min(factor, pixels.shape[0]), min(factor, pixels.shape[1])
    rows, columns = pixels.shape[0] // down, pixels.shape[1] // across
    blocks = pixels[: rows * down, : columns * across].reshape(rows, down, columns, across, *pixels.shape[2:])
    means = blocks.mean(axis=(1, 3), dtype=np.float32)
    shrunk: Pixels = np.clip(means / np.float32(full_scale(pixels)), 0, 1)
    return shrunk
