"""Parts of which operations are described: parameters, bodies and answers."""

from collections.abc import Mapping

from flask_app.answers import FLAGS
from flask_app.explanations import BOX_PATTERN
from flask_app.openapi.schemas import IMAGE_TYPES, NAME_SCHEMA, Schema, reference

ERRORS = {
    400: ("invalid_image", "The request cannot be read. `invalid_image` or `bad_request`."),
    408: ("timeout", "The request did not arrive in time."),
    409: ("key_taken", "Another correction has this key, and says something else."),
    413: ("too_large", "More bytes or pixels than allowed."),
    415: ("unsupported_type", "A body or data URL that is not of an image type."),
    422: ("blank_image", "An image without ink."),
    429: ("too_many_requests", "More requests than a client may send."),
    500: ("internal_error", "A failure on the server. Its log says more, by the id of the request."),
    503: ("overloaded", "Not possible now; try again later. `overloaded`, `database_unavailable` or `storage_full`."),
}
"""The most likely code of each status, and when it is answered."""

ID = {"X-Request-ID": {"description": "The id of this request in the log.", "schema": {"type": "string"}}}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}


MODEL_INPUT = {
    "name": "model_input",
    "in": "query",
    "description": "Whether to answer with the 28x28 image that the model saw.",
    "schema": {"type": "string", "enum": [*FLAGS], "default": "0"},
}
READING = {
    "name": "reading",
    "in": "query",
    "description": "Whether to read all digits in the image where it shows no single one.",
    "schema": {"type": "string", "enum": [*FLAGS], "default": "0"},
}
DIGIT = {
    "name": "digit",
    "in": "query",
    "description": "The digit asked about; left out or empty for the answer.",
    "schema": {"type": "string", "enum": ["", *map(str, range(10))], "default": ""},
}
BOX = {
    "name": "box",
    "in": "query",
    "description": "Of an image with several digits, the box of the one in question: left,top,right,bottom in pixels.",
    "schema": {"type": "string", "pattern": f"^({BOX_PATTERN})?$", "default": ""},
}
KEY = {
    "name": "key",
    "in": "path",
    "required": True,
    "description": "The name that the client made up for the correction. Whoever knows it can change the correction.",
    "schema": NAME_SCHEMA,
}
FILE = {"type": "string", "contentMediaType": "application/octet-stream", "minLength": 1}


def one_image(megabytes: int) -> Schema:
    """The body of a request with one image of up to this size."""
    return body_of(
        f"An image of up to {megabytes} MB: as the body, as a file in a form, or as JSON.",
        {kind: {} for kind in (*IMAGE_TYPES, "application/octet-stream")}
        | {"multipart/form-data": _form({"file": FILE}), "application/json": reference("Image")},
    )


def many_images(megabytes: int) -> Schema:
    """The body of a request with images of up to this size together."""
    return body_of(
        f"Images of up to {megabytes} MB together: as files in a form, or as JSON.",
        {
            "multipart/form-data": _form({"files": {"type": "array", "items": FILE, "minItems": 1}}),
            "application/json": reference("Images"),
        },
    )


def body_of(description: str, types: Mapping[str, Schema]) -> Schema:
    """The body of a request; `types` has the schema of each Content-Type."""
    content: Schema = {name: {"schema": schema} for name, schema in types.items()}
    form = content.get("multipart/form-data")
    if form and "file" in form["schema"]["properties"]:
        form["encoding"] = {"file": {"contentType": ", ".join(IMAGE_TYPES)}}
    return {"description": description, "required": True, "content": content}


def _form(fields: Schema) -> Schema:
    return {
        "type": "object",
        "required": [*fields],
        "properties": fields,
        "description": "Fields may have any name.",
    }


def answers(description: str, schema: Schema, *errors: int) -> Schema:
    """The answer of success and those of errors, by status."""
    found = {"200": json_answer(description, schema)}
    for status in (*errors, 500):
        found[str(status)] = error(status)
    return found


def error(status: int) -> Schema:
    """The answer of an error."""
    code, why = ERRORS[status]
    found = json_answer(why, reference("Error"), RETRY if status in (429, 503) else None)
    message = "What is wrong, and what to do."
    found["content"]["application/json"]["example"] = {
        "error": {"code": code, "message": message, "request_id": "3f0a9c1be27d"}
    }
    return found


def json_answer(description: str, schema: Schema, headers: Schema | None = None) -> Schema:
    """An answer in JSON."""
    content = {"application/json": {"schema": schema}}
    return {"description": description, "headers": ID | (headers or {}), "content": content}
