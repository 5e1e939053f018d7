"""Read the bytes of one image or many from a request, in each form that a client may send."""

import base64
import binascii
import codecs
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes

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


URL_ENCODED = "application/x-www-form-urlencoded"
FIRST_FIELD = re.compile(rb"([A-Za-z0-9_.-]{1,40})=")

URL_SAFE = bytes.maketrans(b"-_", b"+/")


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
        raise _wrong_type(request, FORMS)
    if not image:
        raise BadRequest(f"The request holds no image: its body is empty. {FORMS}")
    return image


def read_images(request: Request, max_images: int) -> Iterator[Callable[[], bytes | HTTPException]]:
    """Read a request with many images, and then each of them when its turn comes, so that not all are held at once.

    Yields:
        In order, what returns the bytes of an image, or the error in its place.

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
        return (partial(_read_file_or_error, file) for file in files)
    if request.mimetype != "application/json":
        raise _wrong_type(request, BATCH_FORMS)
    body = read_json(request, max_images)
    if not isinstance(body, dict) or set(body) != {"images"} or not isinstance(body["images"], list):
        raise BadRequest(
            f'The JSON must be an object with the one field "images", a list of 1 to {max_images}. {BATCH_FORMS}'
        )
    _check_count(len(body["images"]), max_images)
    return (partial(_decode_or_error, url, f"images[{index}]") for index, url in enumerate(body["images"]))


def _wrong_type(request: Request, forms: str) -> UnsupportedMediaType:
    """The error of a body whose Content-Type is none that holds an image, with what arrived."""
    if request.mimetype != URL_ENCODED:
        return UnsupportedMediaType(f"A body of this type holds no image. {forms}")
    field = FIRST_FIELD.match(request.get_data(cache=False))
    if field is None:
        return UnsupportedMediaType(
            f"The Content-Type is {URL_ENCODED}, which curl sends unless it is given another, but the body is no form."
            f" {forms}"
        )
    name = field[1].decode("ascii")
    return UnsupportedMediaType(
        f'A form with the field "{name}" arrived as {URL_ENCODED}, which cannot carry an image. Send it as'
        f' multipart/form-data: with curl by -F "{name}=@seven.png", in HTML by enctype="multipart/form-data". {forms}'
    )


def _check_count(count: int, max_images: int) -> None:
    if not 1 <= count <= max_images:
        raise BadRequest(f"The request holds {count} images; send 1 to {max_images}. {BATCH_FORMS}")


def _decode_or_error(url: object, field: str) -> bytes | HTTPException:
    if not isinstance(url, str):
        return BadRequest(f"The field {field} must be a data URL: data:image/png;base64, and then the data.")
    try:
        return decode_data_url(url, field) or BadRequest(f"The data URL in the field {field} is empty.")
    except HTTPException as error:
        return error


def _read_file_or_error(file: FileStorage) -> bytes | HTTPException:
    return _read_file(file) or BadRequest("This file is empty.")


def _read_form(request: Request) -> bytes:
    files = [file for _, file in request.files.items(multi=True)]
    texts = [text for _, text in request.form.items(multi=True) if text.startswith("data:")]
    if len(files) + len(texts) != 1:
        raise BadRequest(f"The form holds {len(files) + len(texts)} images; send exactly one. {FORMS}")
    return _read_file(files[0]) if files else decode_data_url(texts[0])


def _read_file(file: FileStorage) -> bytes:
    with file.stream as stream:  # closed at once: a large one is in a temporary file
        return stream.read()


def _read_json_image(request: Request) -> bytes:
    body = read_json(request, 1)
    if not isinstance(body, dict) or set(body) != {"image"} or not isinstance(body["image"], str):
        raise BadRequest(
            'The JSON must be an object with the one field "image", a data URL. To get'
            f" the image that the model saw, add ?model_input=1 to the address. {FORMS}"
        )
    return decode_data_url(body["image"])


def read_json(request: Request, max_images: int) -> Any:
    """The JSON of a request; None if it is not JSON, or cannot be anything that the API takes.

    What it cannot be is found without parsing it: a list of forty million empty objects takes gigabytes.

    Args:
        request: Its body is JSON.
        max_images: Images that may be in it. Beside them there may be a few short fields.
    """
    data = request.get_data(cache=False)
    if not _may_be_ours(data.removeprefix(codecs.BOM_UTF8), max_images):
        return None
    try:
        return json.loads(data)
    except ValueError:
        return None


def _may_be_ours(data: bytes, max_images: int) -> bool:
    """Whether JSON has no more values than an answerable request, and none that grows when it is parsed.

    No base64 has any of these characters, but the comma before it. ASCII alone, because one character beyond makes
    Python hold four bytes for each of a text; so an escape may only be of an ASCII character.
    """
    if not data.isascii() or data.count(b"\\u") != data.count(b"\\u00"):
        return False
    if sum(map(data.count, (b"[", b"{"))) > 16 + max_images:
        return False
    return sum(map(data.count, (b'"', b",", b":"))) <= 64 + 8 * max_images


def decode_data_url(url: str, field: str = "image") -> bytes:
    """Decode the image in a data URL, in any base64 that is in use: in lines, URL-safe, or without padding.

    Args:
        url: The data URL.
        field: Its place in the request, for error messages.

    Raises:
        BadRequest: It is not a data URL, or its base64 is damaged.
        UnsupportedMediaType: It is not of an image type.
    """
    head, comma, text = url.partition(",")
    head = head.strip().lower()
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise BadRequest(f"The field {field} must be a data URL: data:image/png;base64, and then the data.")
    if not head.startswith(("data:image/", "data:application/octet-stream")):
        raise UnsupportedMediaType(f"The data URL in the field {field} is not of an image type, such as image/png.")
    try:
        data = text.encode("ascii")
        if b"%" in data:  # as in an address
            data = unquote_to_bytes(data)
        data = data.translate(URL_SAFE, delete=b" \t\r\n").rstrip(b"=")
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(f"The base64 in the field {field} is damaged; encode the image again.") from None
