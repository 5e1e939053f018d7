"""What each address takes and answers: the part of the description that no route tells."""

from collections.abc import Mapping
from typing import Any

from flask_app.api import FLAGS
from flask_app.openapi.schemas import PICTURE_TYPES, Schema, named
from flask_app.rate_limits import LIMITED
from flask_app.settings.environment import MEGABYTE

ERRORS = {
    400: ("invalid_image", "Nothing in it can be read as what was asked for. `invalid_image` or `bad_request`."),
    413: ("too_large", "More bytes or pixels than are taken."),
    415: ("unsupported_type", "A body, or a data URL, of a type that holds no picture."),
    422: ("blank_image", "A picture without ink."),
    429: ("too_many_requests", "More than one client may ask."),
    500: ("internal_error", "A failure on the server. Its log has more, by the id of the request."),
    503: ("database_unavailable", "It could not be saved now. Nothing is lost: try again later."),
}
"""The code of each status, or the likeliest one, and when it comes."""

ID = {"X-Request-ID": {"description": "The id of this request in the log.", "schema": {"type": "string"}}}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}


def operations(settings: Mapping[str, Any]) -> dict[str, Schema]:
    """Each address of the API that these settings let answer.

    Args:
        settings: The app's.

    Returns:
        By the name of the view: parameters, body and answers, as in an OpenAPI operation.
    """
    upload, batch = (settings[f"DIGITREC_MAX_{name}_MB"] * MEGABYTE for name in ("UPLOAD", "BATCH"))
    found: dict[str, Schema] = {
        "predict": {
            "tags": ["recognize"],
            "summary": "Recognize a digit",
            "description": "Do not crop, scale or invert the picture first: the model does that.",
            "parameters": [_MODEL_INPUT],
            "requestBody": _body(
                f"A picture of up to {upload // MEGABYTE} MB: as the body, as a file in a form, or as JSON.",
                {kind: {} for kind in (*PICTURE_TYPES, "application/octet-stream")}
                | {"multipart/form-data": _form({"file": _FILE}), "application/json": named("Picture")},
            ),
            "responses": _answers("The digit.", named("Prediction"), 400, 413, 415, 422),
        },
        "predict_batch": {
            "tags": ["recognize"],
            "summary": "Recognize the digits of many pictures",
            "description": "A picture that cannot be answered has its error in its place, the others their answers.",
            "parameters": [_MODEL_INPUT],
            "requestBody": _body(
                f"Pictures of up to {batch // MEGABYTE} MB together: as files in a form, or as JSON.",
                {
                    "multipart/form-data": _form({"files": {"type": "array", "items": _FILE, "minItems": 1}}),
                    "application/json": named("Pictures"),
                },
            ),
            "responses": _answers("An answer or an error for each picture.", named("Batch"), 400, 413, 415),
        },
        "model": {
            "tags": ["model"],
            "summary": "Tell which model answers",
            "responses": _answers("The model that answers.", named("Model"))
            | {"304": {"description": "Still the one that If-None-Match names.", "headers": ID}},
        },
        "healthz": {
            "tags": ["operations"],
            "summary": "Tell whether the server lives",
            "responses": _answers("It answers.", named("Alive")),
        },
        "readyz": {
            "tags": ["operations"],
            "summary": "Tell whether the server can do all that it is set up for",
            "responses": _answers("It can do all that it is set up for.", named("Readiness"))
            | {"503": _json("The database of corrections is away. Digits are recognized.", named("Readiness"), RETRY)},
        },
    }
    if settings["DIGITREC_DATABASE_URL"]:
        found["feedback"] = {
            "tags": ["corrections"],
            "summary": "Say what a drawing really is",
            "requestBody": _body("What a drawing really is.", {"application/json": named("Feedback")}),
            "responses": _answers("Kept before under this key.", named("Kept"), 400, 413, 415, 422)
            | {"201": _json("Kept.", named("Kept")), "503": _error(503)},
        }
    if settings["DIGITREC_METRICS"] == "on":
        lines = {"text/plain": {"schema": {"type": "string"}}}
        counts = {"description": "The counts.", "headers": ID, "content": lines}
        found["metrics"] = {
            "tags": ["operations"],
            "summary": "Count what was done, for Prometheus",
            "responses": {"200": counts},
        }
    for view, name in LIMITED.items():
        if view in found and settings[f"DIGITREC_{name}_LIMIT"]:
            found[view]["responses"]["429"] = _error(429)
    return found


_MODEL_INPUT = {
    "name": "model_input",
    "in": "query",
    "description": "Whether the answer shall have the 28x28 picture that the model saw.",
    "schema": {"type": "string", "enum": [*FLAGS], "default": "0"},
}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream", "minLength": 1}


def _body(description: str, types: Mapping[str, Schema]) -> Schema:
    content: Schema = {name: {"schema": schema} for name, schema in types.items()}
    form = content.get("multipart/form-data")
    if form and "file" in form["schema"]["properties"]:
        form["encoding"] = {"file": {"contentType": ", ".join(PICTURE_TYPES)}}
    return {"description": description, "required": True, "content": content}


def _form(fields: Schema) -> Schema:
    return {"type": "object", "required": [*fields], "properties": fields, "description": "Fields may have any names."}


def _answers(description: str, schema: Schema, *errors: int) -> Schema:
    found = {"200": _json(description, schema)}
    for status in (*errors, 500):
        found[str(status)] = _error(status)
    return found


def _error(status: int) -> Schema:
    code, why = ERRORS[status]
    found = _json(why, named("Error"), RETRY if status in (429, 503) else None)
    message = "What was wrong, and what to do."
    found["content"]["application/json"]["example"] = {
        "error": {"code": code, "message": message, "request_id": "3f0a9c1be27d"}
    }
    return found


def _json(description: str, schema: Schema, headers: Schema | None = None) -> Schema:
    content = {"application/json": {"schema": schema}}
    return {"description": description, "headers": ID | (headers or {}), "content": content}
