"""Any picture in, ink out: decoding, transparency, polarity and limits.

Ink is a float32 array of shape (height, width), 0 where the background is and 1 at full ink. Size and position are
left as they are: putting a drawing into the network's frame is the model's own work (`digitrec.learning.framing`).
"""

import io
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from digitrec.errors import BlankImageError, ImageTooLargeError, InvalidImageError

ImageLike = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | NDArray[np.generic]

MAX_BYTES = 20_000_000
"""Largest file, in bytes: a phone's photograph has 3 to 12 million."""

MAX_PIXELS = 50_000_000
"""Largest picture, in pixels: the 48-megapixel photograph of a phone passes."""

MAX_SIDE = 1024
"""Longest side, in pixels, that is kept; larger pictures are averaged down first. A digit needs 20."""

MIN_CONTRAST = 0.1
"""Least difference from the background, of 1 for black on white, that counts as ink. A pencil reaches 0.2."""

FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "ICO")
"""Pillow's names of the formats that are read. A list, because some of Pillow's readers start other programs."""


def ink_from(image: ImageLike) -> NDArray[np.float32]:
    """Separate the ink of a drawing from its background.

    The background is what the border mostly shows; ink is whatever differs from it, in any colour or in opacity. A
    noisy background (paper, JPEG) is cut away at a level measured on the border; on a clean one nothing is cut, so
    that MNIST's own images pass unchanged but for their brightest pixel becoming 1.

    Args:
        image: A path, the bytes of a file, a binary file object, a `PIL.Image.Image`, or an array of shape
            (h, w), (h, w, 3) or (h, w, 4), uint8 or float in [0, 1]. Of an animation the first frame counts. A
            photograph is turned as its EXIF orientation says.

    Returns:
        Shape (height, width), float32, 0 background to 1 full ink. A side longer than `MAX_SIDE` has been averaged
        down by a whole factor, the other side with it.

    Raises:
        InvalidImageError: Not decodable, or an array of another shape, dtype or range, or one with NaN.
        ImageTooLargeError: More than `MAX_BYTES` bytes or `MAX_PIXELS` pixels.
        BlankImageError: No pixel differs from the background by more than `MIN_CONTRAST`.
    """
    pixels = _pixels_from_array(image) if isinstance(image, np.ndarray) else _pixels_from_picture(image)
    difference = _difference_from_background(_unit_range(_shrink(pixels)))
    noise = 4.0 * float(np.median(_border(difference)))  # 2.7 standard deviations, were the noise normal
    peak = float(difference.max())
    if peak - noise <= MIN_CONTRAST:
        raise BlankImageError(
            f"no ink: nothing in this {difference.shape[1]}x{difference.shape[0]} picture stands out from its"
            " background; draw a digit, or use a picture with more contrast"
        )
    if noise > 0:
        difference = np.maximum(difference - np.float32(noise), np.float32(0))
    return difference * np.float32(1 / (peak - noise))


def _pixels_from_array(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Check an array: its shape, size, dtype and range. Returns it as it came."""
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or 0 in array.shape:
        raise InvalidImageError(
            f"an array of shape {array.shape} is no picture; pass (height, width), (height, width, 3) for RGB or"
            " (height, width, 4) for RGBA"
        )
    _refuse_too_many_pixels(array.shape[1], array.shape[0])
    if array.dtype == np.uint8:
        return array
    if array.dtype not in (np.float16, np.float32, np.float64):
        raise InvalidImageError(f"an array of {array.dtype} is ambiguous; pass uint8 (0-255) or float (0.0-1.0)")
    low, high = float(array.min()), float(array.max())  # type: ignore[attr-defined]
    if not (low >= 0 and high <= 1):  # written so that NaN is refused too
        raise InvalidImageError(
            f"float pixels run from {low:g} to {high:g}; they must be finite and between 0 and 1 (divide 0-255 by 255)"
        )
    return array


def _pixels_from_picture(image: object) -> NDArray[np.generic]:
    """Decode a file, or take a Pillow image. Returns (h, w), (h, w, 3) or (h, w, 4), uint8 or float32 in [0, 1]."""
    if isinstance(image, Image.Image):
        _refuse_too_many_pixels(*image.size)
        return _decode(image)
    data = _read(image)
    if not data:
        raise InvalidImageError("the file is empty; pass the bytes of a PNG, JPEG, WebP or GIF picture")
    if len(data) > MAX_BYTES:
        raise ImageTooLargeError(f"the file is larger than {MAX_BYTES:,} bytes; use a smaller picture")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _refuse_too_many_pixels(*opened.size)
            return _decode(opened)
    except (InvalidImageError, ImageTooLargeError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLargeError(f"the picture unpacks to more than {MAX_PIXELS:,} pixels; use a smaller one") from error
    except Exception as error:  # a broken file makes Pillow's readers raise almost anything, from OSError to IndexError
        raise InvalidImageError(
            f"these {len(data):,} bytes are not a readable picture; pass a PNG, JPEG, WebP or GIF that opens elsewhere"
        ) from error


def _read(image: object) -> bytes:
    """Read at most one byte more than allowed, so that an endless source costs no more memory than a large one."""
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image[: MAX_BYTES + 1])
    try:
        if isinstance(image, str | os.PathLike):
            with Path(image).open("rb") as file:
                return file.read(MAX_BYTES + 1)
        data = image.read(MAX_BYTES + 1)  # type: ignore[attr-defined]
    except AttributeError:
        raise InvalidImageError(
            f"a {type(image).__name__} is no picture; pass a path, bytes, a binary file, a PIL image or a NumPy array"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a closed file, or a null byte in a path
        raise InvalidImageError(f"the picture cannot be read: {error}") from error
    if not isinstance(data, bytes):
        raise InvalidImageError('the file was opened as text; open it with mode "rb"')
    return data


def _decode(picture: Image.Image) -> NDArray[np.generic]:
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.float32) / np.float32(65535)
    if picture.mode in ("I", "F"):
        values = np.asarray(picture).astype(np.float32)
        return _pixels_from_array(values / np.float32(65535) if picture.mode == "I" else values)
    if picture.has_transparency_data:
        return np.asarray(picture.convert("RGBA"))
    return np.asarray(picture.convert("L" if picture.mode in ("1", "L") else "RGB"))


def _refuse_too_many_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"the picture has {width}x{height} pixels; at most {MAX_PIXELS:,} are read, so scale it down first"
        )
    if width * height == 0:
        raise InvalidImageError(f"the picture has {width}x{height} pixels; it needs at least one")


def _shrink(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """Average a large picture down by a whole factor. Up to factor - 1 pixels at the right and lower edge are lost."""
    factor = -(-max(pixels.shape[:2]) // MAX_SIDE)
    if factor == 1:
        return pixels
    down, across = min(factor, pixels.shape[0]), min(factor, pixels.shape[1])
    rows, columns = pixels.shape[0] // down, pixels.shape[1] // across
    blocks = pixels[: rows * down, : columns * across].reshape(rows, down, columns, across, *pixels.shape[2:])
    scale = np.float32(1 / 255 if pixels.dtype == np.uint8 else 1)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32) * scale)  # type: ignore[attr-defined]


def _unit_range(pixels: NDArray[np.generic]) -> NDArray[np.float32]:
    if pixels.dtype == np.uint8:
        return np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)  # type: ignore[arg-type]
    return np.clip(pixels.astype(np.float32), 0, 1)


def _difference_from_background(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each pixel is from the background, 0 to 1. Takes (h, w), (h, w, 3) or (h, w, 4), returns (h, w)."""
    background = np.median(_border(pixels), axis=0).astype(np.float32)
    if pixels.ndim == 2:
        return np.abs(pixels - background)
    if pixels.shape[2] == 3:
        return _largest_channel(np.abs(pixels - background))
    alpha = pixels[..., 3]
    if background[3] >= 0.5:  # an opaque sheet: what is transparent in it shows the sheet
        return alpha * _largest_channel(np.abs(pixels[..., :3] - background[:3]))
    card = _opaque_card(pixels)
    if card is None:
        return alpha.copy()
    difference = np.zeros(pixels.shape[:2], np.float32)
    difference[card] = _difference_from_background(pixels[card][..., :3])
    return difference


def _opaque_card(pixels: NDArray[np.float32]) -> tuple[slice, slice] | None:
    """Where a drawing on an opaque sheet lies amid transparency; None if the ink itself is what is opaque."""
    opaque = pixels[..., 3] > 0.5
    if not opaque.any():
        return None
    rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    card = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    filled = float(_border(pixels[card])[:, 3].mean()) > 0.9
    # A straight stroke fills its own box as a sheet does, but is of one colour.
    drawn_on = float(_difference_from_background(pixels[card][..., :3]).max()) > MIN_CONTRAST
    return card if filled and drawn_on else None


def _largest_channel(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    # np.maximum of three views is four times as fast as .max(axis=-1) over so short an axis.
    return np.maximum(np.maximum(channels[..., 0], channels[..., 1]), channels[..., 2])


def _border(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The outermost pixels, shape (n,) or (n, channels)."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
