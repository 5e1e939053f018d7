"""Anything that holds a picture, to its pixels: files, Pillow images and arrays, checked against the limits."""

import io
import os
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from digitrec.errors import ImageTooLargeError, InvalidImageError

Pixels = NDArray[Any]
"""Shape (h, w), (h, w, 3) or (h, w, 4); uint8 0-255, uint16 0-65535 or float 0-1."""

ImageLike = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | NDArray[np.generic]

MAX_BYTES = 20_000_000
"""Largest file, in bytes: a phone's photograph has 3 to 12 million."""

MAX_PIXELS = 50_000_000
"""Largest picture, in pixels: the 48-megapixel photograph of a phone passes."""

MAX_SIDE = 1024
"""Longest side, in pixels, that is kept; larger pictures are averaged down first. A digit needs 20."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""Pillow's names of the formats that are read. A list, because some of Pillow's readers start other programs, and some
(ICO, AVIF) unpack a picture larger than the file's header says."""


def pixels_from(image: ImageLike) -> Pixels:
    """The pixels of a picture, upright.

    Args:
        image: See `digitrec.ink.ink_from`.

    Returns:
        No side is longer than `MAX_SIDE`: a larger picture has been averaged down by a whole factor.

    Raises:
        InvalidImageError: Not decodable, or an array of another shape, dtype or range, or one with NaN.
        ImageTooLargeError: More than `MAX_BYTES` bytes or `MAX_PIXELS` pixels.
    """
    return _shrink(_from_array(np.asarray(image)) if isinstance(image, np.ndarray) else _from_picture(image))


def full_scale(pixels: Pixels) -> int:
    """What full brightness is in these pixels: 255, 65535 or 1."""
    return np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1


def _from_array(array: Pixels) -> Pixels:
    """Check an array: its shape, size, dtype and range. Returns it as it came."""
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or 0 in array.shape:
        raise InvalidImageError(
            f"an array of shape {array.shape} is no picture; pass (height, width), (height, width, 3) for RGB or"
            " (height, width, 4) for RGBA"
        )
    _refuse_too_many_pixels(array.shape[1], array.shape[0])
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise InvalidImageError(f"an array of {array.dtype} is ambiguous; pass uint8 (0-255) or float (0.0-1.0)")
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 1):  # written so that NaN is refused too
        raise InvalidImageError(
            f"float pixels run from {low} to {high}; they must be finite and between 0 and 1 (divide 0-255 by 255)"
        )
    return array


def _from_picture(image: object) -> Pixels:
    """Decode a file, or take a Pillow image, which may be one that has not been decoded yet."""
    if isinstance(image, Image.Image):
        arrived = f"this {image.width}x{image.height} picture of mode {image.mode} is"
    else:
        image = _read(image)
        if not image:
            raise InvalidImageError("the file is empty; pass the bytes of a PNG, JPEG, WebP or GIF picture")
        if len(image) > MAX_BYTES:
            raise ImageTooLargeError(f"the file is larger than {MAX_BYTES:,} bytes; use a smaller picture")
        arrived = f"these {len(image):,} bytes are"
    try:
        return _decode(image) if isinstance(image, Image.Image) else _decode_file(image)
    except (InvalidImageError, ImageTooLargeError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLargeError(f"the picture has far more than {MAX_PIXELS:,} pixels; use a smaller one") from error
    except Exception as error:  # a broken file makes Pillow's readers raise almost anything, from OSError to IndexError
        raise InvalidImageError(
            f"{arrived} not a readable picture; pass a PNG, JPEG, WebP or GIF that opens elsewhere"
        ) from error


def _read(image: object) -> bytes:
    """Read at most one byte more than allowed, so that an endless source costs no more memory than a large one."""
    try:
        if isinstance(image, bytes | bytearray | memoryview):
            return bytes(image)
        if isinstance(image, str | os.PathLike):
            with open(image, "rb") as file:
                return file.read(MAX_BYTES + 1)
        data = bytearray()
        while len(data) <= MAX_BYTES and (part := image.read(MAX_BYTES + 1 - len(data))):  # type: ignore[attr-defined]
            data += part  # a pipe or a socket gives less at a time than it is asked for
        return bytes(data)
    except AttributeError:
        raise InvalidImageError(
            f"a {type(image).__name__} is no picture; pass a path, bytes, a binary file, a PIL image or a NumPy array"
        ) from None
    except (TypeError, UnicodeDecodeError) as error:
        raise InvalidImageError('the file does not give bytes; open it with mode "rb", not as text') from error
    except Exception as error:  # OSError from a path; from the caller's own reader anything, such as zlib.error
        raise InvalidImageError(
            f"the picture cannot be read: {str(error)[:200]}; pass a file that exists and opens for reading"
        ) from error


def _decode_file(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        _refuse_too_many_pixels(*picture.size)
        if picture.format == "TIFF":
            _refuse_tiles(data)
        picture.draft(None, (MAX_SIDE, MAX_SIDE))  # lets a large JPEG be unpacked at a half, a quarter or an eighth
        return _decode(picture)


def _refuse_tiles(data: bytes) -> None:
    """Refuse a tiled TIFF: a tile is unpacked whole, however much larger than the picture it is.

    The tags are read from the bytes, because Pillow and libtiff take different ones where a file repeats them.
    """
    order = "<" if data[:2] == b"II" else ">"
    start = int(np.frombuffer(data, f"{order}u4", 1, 4)[0])
    entries = int(np.frombuffer(data, f"{order}u2", 1, start)[0])
    tags = np.frombuffer(data, f"{order}u2", 6 * entries, start + 2)[::6]  # an entry has 12 bytes, 2 of them its tag
    if 43 in data[2:4] or np.isin(tags, (ExifTags.Base.TileWidth, ExifTags.Base.TileLength)).any():
        raise InvalidImageError("a TIFF in tiles, or a BigTIFF, is not read; save the picture as PNG")


def _decode(picture: Image.Image) -> Pixels:
    """The pixels of a picture, upright, averaged down where Pillow can: that spares copies of the large picture."""
    _refuse_too_many_pixels(*picture.size)
    if picture.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16"):
        return np.asarray(picture)
    if picture.mode in ("I", "F"):
        values = np.asarray(picture)
        return _from_array(values / np.float32(65535) if picture.mode == "I" else values)
    mode = "RGBA" if picture.has_transparency_data else "L" if picture.mode in ("1", "L") else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
    factor = _factor(*picture.size)
    return np.asarray(picture.reduce(factor) if factor > 1 else picture)


def _refuse_too_many_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"the picture has {width}x{height} pixels; at most {MAX_PIXELS:,} are read, so scale it down first"
        )
    if width * height == 0:
        raise InvalidImageError(f"the picture has {width}x{height} pixels; it needs at least one")


def _shrink(pixels: Pixels) -> Pixels:
    """Average a large picture down by a whole factor. Up to factor - 1 pixels at the right and lower edge are lost."""
    factor = _factor(*pixels.shape[:2])
    if factor == 1:
        return pixels
    down, across = min(factor, pixels.shape[0]), min(factor, pixels.shape[1])
    rows, columns = pixels.shape[0] // down, pixels.shape[1] // across
    blocks = pixels[: rows * down, : columns * across].reshape(rows, down, columns, across, *pixels.shape[2:])
    means = blocks.mean(axis=(1, 3), dtype=np.float32)
    shrunk: Pixels = np.clip(means / np.float32(full_scale(pixels)), 0, 1)
    return shrunk


def _factor(*sides: int) -> int:
    return -(-max(sides) // MAX_SIDE)
