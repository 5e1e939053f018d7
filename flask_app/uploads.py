"""Read the bytes of one image or many from a request, in each form that a client may send."""

import base64
import binascii
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

FORMS = (
    "Send an image as the body (Content-Type: image/png or another image type),"
    ' as a file in multipart/form-data, or as JSON: {"image": "data:image/png;base64,..."}.'
)


BATCH_FORMS = (
    "Send files in multipart/form-data,"
    ' or JSON: {"images": ["data:image/png;base64,...", "data:image/jpeg;base64,..."]}.'
)


def read_image(request: Request) -> bytes:
    """Read the one image in a request, without decoding it.

    Raises:
        BadRequest: The request holds no image or several, or JSON of another shape.
        UnsupportedMediaType: The body, or the data URL in it, is not of an image type.
        RequestEntityTooLarge: The body is over `MAX_CONTENT_LENGTH`.
    """
    kind = request.mimetype
    if kind == "multipart/form-data":
        image = _read_form(request)
    elif kind == "application/json":
        image = _read_json_image(request)
    elif kind.startswith("image/") or kind == "application/octet-stream":
        image = request.get_data(cache=False)
    else:
        raise UnsupportedMediaType(f"A body of this type holds no image. {FORMS}")
    if not image:
        raise BadRequest(f"The request holds no image: its body is empty. {FORMS}")
    return image


def read_images(request: Request, max_images: int) -> list[bytes | HTTPException]:
    """Read many images from a request, in order; one that cannot be read has its error in its place.

    Args:
        request: A form with files, or JSON with the one field "images", a list of data URLs.
        max_images: Most images that a request may hold.

    Raises:
        BadRequest: The request holds no image or more than `max_images`, or JSON of another shape.
        UnsupportedMediaType: The body is of another type.
        RequestEntityTooLarge: The body is over the limit.
    """
    if request.mimetype == "multipart/form-data":
        files = [file for _, file in request.files.items(multi=True)]
        _check_count(len(files), max_images)
        return [_read_file(file) or BadRequest("This file is empty.") for file in files]
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(f"A body of this type holds no images. {BATCH_FORMS}")
    body = read_json(request)
    if not isinstance(body, dict) or set(body) != {"images"} or not isinstance(body["images"], list):
        raise BadRequest(f'The JSON must be an object with the one field "images", a list. {BATCH_FORMS}')
    _check_count(len(body["images"]), max_images)
    return [_decode_or_error(url) for url in body["images"]]


def _check_count(count: int, max_images: int) -> None:
    if not 1 <= count <= max_images:
        raise BadRequest(f"The request holds {count} images; send 1 to {max_images}. {BATCH_FORMS}")


def _decode_or_error(url: object) -> bytes | HTTPException:
    if not isinstance(url, str):
        return BadRequest("Each of the images must be a data URL: data:image/png;base64, and then the data.")
    try:
        return decode_data_url(url) or BadRequest("This data URL is empty.")
    except HTTPException as error:
        return error


def _read_form(request: Request) -> bytes:
    files = [file for _, file in request.files.items(multi=True)]
    if len(files) != 1:
        raise BadRequest(f"The form holds {len(files)} files; send exactly one. {FORMS}")
    return _read_file(files[0])


def _read_file(file: FileStorage) -> bytes:
    with file.stream as stream:  # closed at once: a large one is in a temporary file
        return stream.read()


def _read_json_image(request: Request) -> bytes:
    body = read_json(request)
    if not isinstance(body, dict) or set(body) != {"image"} or not isinstance(body["image"], str):
        raise BadRequest(
            'The JSON must be an object with the one field "image", a data URL. To get'
            f" the image that the model saw, add ?model_input=1 to the address. {FORMS}"
        )
    return decode_data_url(body["image"])


def read_json(request: Request) -> Any:
    """The JSON of a request; None if it is not JSON, or nested deeper than anything that the API takes."""
    try:
        return request.get_json(silent=True)
    except RecursionError:  # not a ValueError, so Flask would answer it as a failure of the server
        return None


def decode_data_url(url: str) -> bytes:
    """Decode the image in a data URL.

    Raises:
        BadRequest: It is not a data URL, or its base64 is damaged.
        UnsupportedMediaType: It is not of an image type.
    """
    head, comma, data = url.partition(",")
    head = head.strip().lower()
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise BadRequest('The field "image" must be a data URL: data:image/png;base64, and then the data.')
    if not head.startswith(("data:image/", "data:application/octet-stream")):
        raise UnsupportedMediaType("The data URL is not of an image type, such as image/png.")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("The data URL's base64 is damaged; encode the image again.") from None
