"""Whatever a picture may be held in, to bytes, an array or a Pillow image."""

import os
from collections.abc import Sequence
from io import FileIO
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.decoding.arrays import holds_numbers
from digitrec.decoding.limits import MAX_BYTES
from digitrec.errors import ImageTooLargeError, InvalidImageError


class ArrayLike(Protocol):
    """What NumPy can read: tensors of PyTorch, TensorFlow and JAX among others."""

    def __array__(self, *args: Any, **kwargs: Any) -> NDArray[Any]:
        """Give the array."""


OBJECTS = "OUST"
"""Kinds of dtypes that are not numbers but objects, among them paths, the bytes of files, and pictures."""

CONTENTS = (bytes, bytearray, memoryview)
PATHS = (str, os.PathLike)
FILES = (*CONTENTS, *PATHS)

ImageLike = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | BinaryIO
    | Image.Image
    | NDArray[np.generic]
    | ArrayLike
    | Sequence[Any]
)
"""All that `digitrec.predict` takes, which lists it in words."""


def opened(image: object) -> bytes | Image.Image | NDArray[Any]:
    """The bytes of a file, a Pillow image as it is, or an array.

    Raises:
        InvalidImageError: Nothing that holds a picture, or not readable.
        ImageTooLargeError: A file of more than `MAX_BYTES` bytes.
    """
    if isinstance(image, Image.Image):
        return image
    if isinstance(image, np.ndarray):
        return array_from(image) if image.dtype.kind in OBJECTS else np.asarray(image)
    if isinstance(image, FILES) or hasattr(image, "read"):
        return _file(image)
    if isinstance(image, list | tuple) or (hasattr(image, "__array__") and not isinstance(image, np.generic)):
        return array_from(image)
    raise InvalidImageError(
        f"a {type(image).__name__} is no picture; pass a path, bytes, a binary file, a PIL image or a NumPy array"
    )


def _file(image: object) -> bytes:
    data = _read(image)
    if not data:
        raise InvalidImageError("the file is empty; pass the bytes of a PNG, JPEG, WebP or GIF picture")
    if len(data) > MAX_BYTES:
        raise ImageTooLargeError(f"the file is larger than {MAX_BYTES:,} bytes; use a smaller picture")
    return data


def _read(image: Any) -> bytes:
    """Read at most one byte more than allowed, so that an endless source costs no more memory than a large one."""
    try:
        if isinstance(image, CONTENTS):
            if memoryview(image).nbytes > MAX_BYTES:
                raise ImageTooLargeError(f"the file is larger than {MAX_BYTES:,} bytes; use a smaller picture")
            return bytes(image)
        if isinstance(image, PATHS):
            with open(image, "rb", buffering=0) as file:
                return _whole(file)
        return _drained(image) or (_drained(image) if _rewound(image) else b"")
    except (InvalidImageError, ImageTooLargeError, MemoryError):
        raise
    except (TypeError, UnicodeDecodeError) as error:
        raise InvalidImageError('the file does not give bytes; open it with mode "rb", not as text') from error
    except Exception as error:  # OSError from a path; from the caller's own reader anything, such as zlib.error
        raise InvalidImageError(
            f"the picture cannot be read: {str(error)[:200]}; pass a file that exists and opens for reading"
        ) from error


def _whole(file: FileIO) -> bytes:
    """All of a file, in memory of its own size: to ask for the largest one costs more than to read a small one."""
    size = min(os.fstat(file.fileno()).st_size, MAX_BYTES)
    data = file.read(size + 1)
    return data if len(data) == size else _drained(file, data)  # it grows, or it is a pipe, which has no size


def _drained(file: Any, begun: bytes = b"") -> bytes:
    data = bytearray(begun)
    while len(data) <= MAX_BYTES and (part := file.read(MAX_BYTES + 1 - len(data))):
        data += part  # a pipe or a socket gives less at a time than it is asked for
    return bytes(data)


def _rewound(file: Any) -> bool:
    """Go back to the beginning of a file that stands at its end, as one does that has just been written."""
    if not (hasattr(file, "seekable") and file.seekable() and file.tell() > 0):
        return False
    file.seek(0)
    return True


def array_from(image: Any) -> NDArray[Any]:
    """An array out of nested lists, a tensor or a data frame.

    Raises:
        InvalidImageError: It does not become one of numbers.
    """
    array = any_array_from(image)
    if not holds_numbers(array.dtype):
        several = ", or paths and pictures to predict_batch" if array.dtype.kind in OBJECTS else ""
        given = "an array" if isinstance(image, np.ndarray) else f"a {type(image).__name__}"
        raise InvalidImageError(
            f"{given} of {array.dtype} is no picture; pass rows of numbers, or a NumPy array of them{several}"
        )
    return array


def any_array_from(image: Any) -> NDArray[Any]:
    """An array out of nested lists, a tensor or a data frame, whatever it holds.

    Raises:
        InvalidImageError: It does not become one.
    """
    try:
        return np.asarray(image)
    except MemoryError:
        raise
    except Exception as error:  # ragged lists; tensors on a graphics card or with a gradient say so in their own way
        raise InvalidImageError(
            f"this {type(image).__name__} does not become an array: {_first_line(error)};"
            " pass a NumPy array, such as one of float32"
        ) from error


def _first_line(error: Exception) -> str:
    words = str(error).strip() or type(error).__name__
    return "".join(letter for letter in words.splitlines()[0] if letter.isprintable())[:200].rstrip(".")
