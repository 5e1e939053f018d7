"""The bytes of a picture, however a request carries them."""

import base64
import binascii

from flask import Request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

WAYS = (
    "Send a picture as the body (Content-Type: image/png or another image type),"
    ' as a file in multipart/form-data, or as JSON: {"image": "data:image/png;base64,..."}.'
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


def _from_form(request: Request) -> bytes:
    files = [file for _, file in request.files.items(multi=True)]
    if len(files) != 1:
        raise BadRequest(f"The form held {len(files)} files; send exactly one. {WAYS}")
    return files[0].stream.read()


def _from_json(request: Request) -> bytes:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or set(body) != {"image"} or not isinstance(body["image"], str):
        raise BadRequest(
            'The JSON must be an object with the one field "image", a data URL. Ask for the'
            f" picture the model saw in the address: ?model_input=1. {WAYS}"
        )
    return picture_from_data_url(body["image"])


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
