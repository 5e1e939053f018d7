"""The bytes of a picture, or of many, however a request carries them."""

import base64
import binascii
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

WAYS = (
    "Send a picture as the body (Content-Type: image/png or another image type),"
    ' as a file in multipart/form-data, or as JSON: {"image": "data:image/png;base64,..."}.'
)


WAYS_OF_MANY = (
    "Send files in multipart/form-data,"
    ' or JSON: {"images": ["data:image/png;base64,...", "data:image/jpeg;base64,..."]}.'
)


def picture_from(request: Request) -> bytes:
    """Take the one picture out of a request; what it shows is for the recognizer to say.

    Raises:
        BadRequest: None there, more than one, or JSON of another shape.
        UnsupportedMediaType: The body, or the data URL in it, is of a type that holds no picture.
        RequestEntityTooLarge: The body is over `MAX_CONTENT_LENGTH`.
    """
    kind = request.mimetype
    if kind == "multipart/form-data":
        picture = _from_form(request)
    elif kind == "application/json":
        picture = _from_json(request)
    elif kind.startswith("image/") or kind == "application/octet-stream":
        picture = request.get_data(cache=False)
    else:
        raise UnsupportedMediaType(f"No picture can come in a body of this type. {WAYS}")
    if not picture:
        raise BadRequest(f"The request came without a picture: nothing was in it. {WAYS}")
    return picture


def pictures_from(request: Request, most: int) -> list[bytes | HTTPException]:
    """Take many pictures out of a request, in order; one that cannot be had has its error in its place.

    Args:
        request: A form with files, or JSON with the one field "images", a list of data URLs.
        most: Pictures that a request may hold.

    Raises:
        BadRequest: None there, more than `most`, or JSON of another shape.
        UnsupportedMediaType: The body is of another type.
        RequestEntityTooLarge: The body is over the limit.
    """
    if request.mimetype == "multipart/form-data":
        files = [file for _, file in request.files.items(multi=True)]
        _check_count(len(files), most)
        return [_bytes_of(file) or BadRequest("Nothing is in this file.") for file in files]
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(f"No pictures can come in a body of this type. {WAYS_OF_MANY}")
    body = json_of(request)
    if not isinstance(body, dict) or set(body) != {"images"} or not isinstance(body["images"], list):
        raise BadRequest(f'The JSON must be an object with the one field "images", a list. {WAYS_OF_MANY}')
    _check_count(len(body["images"]), most)
    return [_picture_or_error(url) for url in body["images"]]


def _check_count(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise BadRequest(f"The request held {count} pictures; send 1 to {most}. {WAYS_OF_MANY}")


def _picture_or_error(url: object) -> bytes | HTTPException:
    if not isinstance(url, str):
        return BadRequest("Each of the images must be a data URL: data:image/png;base64, and then the data.")
    try:
        return picture_from_data_url(url) or BadRequest("Nothing is in this data URL.")
    except HTTPException as error:
        return error


def _from_form(request: Request) -> bytes:
    files = [file for _, file in request.files.items(multi=True)]
    if len(files) != 1:
        raise BadRequest(f"The form held {len(files)} files; send exactly one. {WAYS}")
    return _bytes_of(files[0])


def _bytes_of(file: FileStorage) -> bytes:
    with file.stream as stream:  # closed at once: a large one lies in a temporary file
        return stream.read()


def _from_json(request: Request) -> bytes:
    body = json_of(request)
    if not isinstance(body, dict) or set(body) != {"image"} or not isinstance(body["image"], str):
        raise BadRequest(
            'The JSON must be an object with the one field "image", a data URL. Ask for the'
            f" picture the model saw in the address: ?model_input=1. {WAYS}"
        )
    return picture_from_data_url(body["image"])


def json_of(request: Request) -> Any:
    """The JSON of a request; None for what is none, or is nested deeper than anything that is asked for here."""
    try:
        return request.get_json(silent=True)
    except RecursionError:  # which is no ValueError, so that Flask would answer it as a failure of the server
        return None


def picture_from_data_url(url: str) -> bytes:
    """Take the picture out of a data URL.

    Raises:
        BadRequest: Not a data URL, or its base64 is damaged.
        UnsupportedMediaType: It is of a type that holds no picture.
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
        raise BadRequest("The data URL's base64 is damaged; encode the picture again.") from None
