"""The fields of a correction as clients send it."""

import math
import re
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from digitrec.reader.reading import Box
from flask_app.uploads import read_json

FIELDS = {"image", "label", "keep_drawing", "key", "session", "box"}
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
SHAPE = (
    'The JSON must have "image", a data URL; "label", a digit from 0 to 9 or "none"; and "key", a name for this'
    ' correction of up to 64 letters, digits, - and _, which a PUT has in its address. It may have "keep_drawing", true'
    ' or false; "session", which has the form of "key"; and "box", left, top, right and bottom of the digit that is'
    " meant, as /read answers it."
)


def read_fields(key: str | None = None) -> dict[str, Any]:
    """Read and validate the fields of the request's JSON.

    Args:
        key: The key in the address, which becomes one of the fields; None where it is in the JSON.

    Raises:
        BadRequest: The JSON has other fields, or values of other kinds.
    """
    body = read_json(request, 1) if request.mimetype == "application/json" else None
    if key is not None and isinstance(body, dict) and "key" not in body:
        body["key"] = key
    if not isinstance(body, dict) or not {"image", "label", "key"} <= set(body) <= FIELDS:
        raise BadRequest(SHAPE)
    label, session = body["label"], body.get("session")
    is_digit = isinstance(label, int) and not isinstance(label, bool) and 0 <= label <= 9
    fits = (
        isinstance(body["image"], str)
        and (is_digit or label == "none")
        and isinstance(body.get("keep_drawing", False), bool)
        and is_name(body["key"])
        and key in (None, body["key"])
        and (session is None or session == "" or is_name(session))
        and ("box" not in body or _is_box(body["box"]))
    )
    if not fits:
        raise BadRequest(SHAPE)
    return body


def read_box(sent: dict[str, Any]) -> Box | None:
    """The box of the digit that is meant, if one was sent."""
    if "box" not in sent:
        return None
    left, top, right, bottom = sent["box"]
    return left, top, right, bottom


def _is_box(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 4 or not all(type(edge) in (int, float) for edge in value):
        return False
    left, top, right, bottom = value
    return all(map(math.isfinite, value)) and left < right and top < bottom


def is_name(value: object) -> bool:
    """Whether a value can be a key or a session."""
    return isinstance(value, str) and NAME.fullmatch(value) is not None
