"""Describe what each address takes and answers, which its route does not say."""

from collections.abc import Mapping
from typing import Any

from flask_app.api import FLAGS
from flask_app.openapi.schemas import IMAGE_TYPES, NAME_SCHEMA, Schema, reference
from flask_app.rate_limits import SETTINGS as RATE_LIMIT_SETTINGS
from flask_app.settings.environment import MEGABYTE

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

RATE_LIMITS = {
    "predict": "predict",
    "predict_batch": "predict_batch",
    "feedback": "feedback",
    "replace_feedback": "feedback",
    "delete_feedback": "feedback",
}
"""The rate limit of each view that has one."""

ID = {"X-Request-ID": {"description": "The id of this request in the log.", "schema": {"type": "string"}}}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}


def describe_operations(settings: Mapping[str, Any]) -> dict[str, Schema]:
    """Describe each view of the API that these settings enable.

    Args:
        settings: The settings of the app.

    Returns:
        By the name of the view: parameters, body and answers, as an OpenAPI operation.
    """
    upload, batch = (settings[f"DIGITREC_MAX_{name}_MB"] * MEGABYTE for name in ("UPLOAD", "BATCH"))
    found: dict[str, Schema] = {
        "predict": {
            "tags": ["recognize"],
            "summary": "Recognize a digit",
            "description": "Do not crop, scale or invert the image first; the model does.",
            "parameters": [_MODEL_INPUT],
            "requestBody": _body(
                f"An image of up to {upload // MEGABYTE} MB: as the body, as a file in a form, or as JSON.",
                {kind: {} for kind in (*IMAGE_TYPES, "application/octet-stream")}
                | {"multipart/form-data": _form({"file": _FILE}), "application/json": reference("Image")},
            ),
            "responses": _answers("The digit.", reference("Prediction"), 400, 408, 413, 415, 422, 503),
        },
        "predict_batch": {
            "tags": ["recognize"],
            "summary": "Recognize a digit in each of many images",
            "description": "An image that cannot be answered has its error in its place; the others are answered.",
            "parameters": [_MODEL_INPUT],
            "requestBody": _body(
                f"Images of up to {batch // MEGABYTE} MB together: as files in a form, or as JSON.",
                {
                    "multipart/form-data": _form({"files": {"type": "array", "items": _FILE, "minItems": 1}}),
                    "application/json": reference("Images"),
                },
            ),
            "responses": _answers("An answer or an error for each image.", reference("Batch"), 400, 408, 413, 415, 503),
        },
        "model": {
            "tags": ["model"],
            "summary": "Show the model that answers",
            "responses": _answers("The model that answers.", reference("Model"))
            | {"304": {"description": "The model that If-None-Match names still answers.", "headers": ID}},
        },
        "healthz": {
            "tags": ["operations"],
            "summary": "Check that the server answers",
            "responses": _answers("The server answers.", reference("Health")),
        },
        "readyz": {
            "tags": ["operations"],
            "summary": "Check that the server can store corrections",
            "responses": _answers("The server is ready.", reference("Readiness"))
            | {
                "503": _json(
                    "Corrections cannot be stored. Digits are still recognized.",
                    reference("Readiness"),
                    RETRY,
                )
            },
        },
    }
    if settings["DIGITREC_DATABASE_URL"]:
        found |= _describe_feedback()
    if settings["DIGITREC_METRICS"] == "on":
        lines = {"text/plain": {"schema": {"type": "string"}}}
        counts = {"description": "The counters.", "headers": ID, "content": lines}
        found["metrics"] = {
            "tags": ["operations"],
            "summary": "Show counters for Prometheus",
            "responses": {"200": counts},
        }
    for view, operation in found.items():
        if view in RATE_LIMITS and settings[RATE_LIMIT_SETTINGS[RATE_LIMITS[view]]]:
            operation["responses"]["429"] = _error(429)
    return found


def _describe_feedback() -> dict[str, Schema]:
    stored = reference("Stored")
    responses = _answers("Stored before under this key.", stored, 400, 408, 413, 415, 422)
    responses |= {"201": _json("Stored.", stored), "503": _error(503)}
    return {
        "feedback": {
            "tags": ["corrections"],
            "summary": "Correct an answer",
            "requestBody": _body("What the drawing shows.", {"application/json": reference("Feedback")}),
            "responses": responses | {"409": _error(409)},
        },
        "replace_feedback": {
            "tags": ["corrections"],
            "summary": "Replace a correction",
            "description": "The new one needs a new review.",
            "parameters": [_KEY],
            "requestBody": _body("What the drawing shows.", {"application/json": reference("Replacement")}),
            "responses": responses,
        },
        "delete_feedback": {
            "tags": ["corrections"],
            "summary": "Delete a correction and its drawing",
            "parameters": [_KEY],
            "responses": _answers("Deleted, if there was one.", reference("Deleted"), 400) | {"503": _error(503)},
        },
    }


_MODEL_INPUT = {
    "name": "model_input",
    "in": "query",
    "description": "Whether to answer with the 28x28 image that the model saw.",
    "schema": {"type": "string", "enum": [*FLAGS], "default": "0"},
}
_KEY = {
    "name": "key",
    "in": "path",
    "required": True,
    "description": "The name that the client made up for the correction. Whoever knows it can change the correction.",
    "schema": NAME_SCHEMA,
}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream", "minLength": 1}


def _body(description: str, types: Mapping[str, Schema]) -> Schema:
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


def _answers(description: str, schema: Schema, *errors: int) -> Schema:
    found = {"200": _json(description, schema)}
    for status in (*errors, 500):
        found[str(status)] = _error(status)
    return found


def _error(status: int) -> Schema:
    code, why = ERRORS[status]
    found = _json(why, reference("Error"), RETRY if status in (429, 503) else None)
    message = "What is wrong, and what to do."
    found["content"]["application/json"]["example"] = {
        "error": {"code": code, "message": message, "request_id": "3f0a9c1be27d"}
    }
    return found


def _json(description: str, schema: Schema, headers: Schema | None = None) -> Schema:
    content = {"application/json": {"schema": schema}}
    return {"description": description, "headers": ID | (headers or {}), "content": content}
