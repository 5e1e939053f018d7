"""The shapes of what the API takes and gives, as JSON Schema."""

from typing import Any

from flask_app.api import MOST
from flask_app.corrections.feedback import NAME
from flask_app.errors import CODES, KINDS

Schema = dict[str, Any]

DATA_URL = "data-url"
"""Format of a string that holds a picture: data:image/png;base64, and then the data."""

PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff")
"""As a body is labelled. What it is, its first bytes tell, so that application/octet-stream will do too."""


def named(schema: str) -> Schema:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{schema}"}


def _object(required: Schema, optional: Schema | None = None, **more: Any) -> Schema:
    return {"type": "object", "required": [*required], "properties": required | (optional or {}), **more}


def _share(description: str, example: float) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1, "description": description, "examples": [example]}


def _data_url(description: str) -> Schema:
    return {"type": "string", "format": DATA_URL, "description": description, "examples": [_SEVEN]}


# So that what /docs offers to try is a digit, and not the word "string".
_SEVEN = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABQAAAAUAQAAAACl8iCgAAAAPElEQVR42jXMsQ2AQBDEwLltAEqlQxIqoYL"
    "/DKIjACJLtuRqMwhyl8Blq56v8/MUx9t7GUF6lULvo77PA29aEKX8JQACAAAAAElFTkSuQmCC"
)
_NAME = {"type": "string", "pattern": f"^{NAME.pattern}$"}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the ONNX file that answers."}
_MILLISECONDS = {
    "type": "number",
    "minimum": 0,
    "description": "Milliseconds to read and recognize what came.",
    "examples": [1.4],
}
_CODES = sorted({*CODES.values(), *(code for _, code in KINDS.values()), "internal_error", "database_unavailable"})
_REASON = {
    "code": {"type": "string", "enum": _CODES, "description": "The kind of error, for programs."},
    "message": {"type": "string", "description": "What was wrong and what to do, for people."},
}
_PREDICTION = {
    "digit": {
        "type": "integer",
        "minimum": 0,
        "maximum": 9,
        "description": "The digit, or the best guess.",
        "examples": [7],
    },
    "confidence": _share("Its probability, if the picture shows a digit.", 0.98),
    "is_digit": {"type": "boolean", "description": "False for what does not look like a digit: doubt is 0.5 or more."},
    "doubt": _share("How much the picture looks like no digit.", 0.01),
    "probabilities": {
        "type": "array",
        "examples": [[0, 0, 0, 0, 0.01, 0, 0, 0.98, 0, 0.01]],
        "items": {"type": "number", "minimum": 0, "maximum": 1},
        "minItems": 10,
        "maxItems": 10,
        "description": "Of the digits 0 to 9; together 1.",
    },
}
_SEEN = {"model_input": _data_url("With ?model_input=1: the 28x28 picture that the model saw, white ink on black.")}

SCHEMAS: dict[str, Schema] = {
    "Picture": _object({"image": _data_url("The picture.")}, additionalProperties=False),
    "Pictures": _object(
        {
            "images": {
                "type": "array",
                "items": _data_url("A picture. What is none has an error in its answer's place."),
                "minItems": 1,
                "maxItems": MOST,
            }
        },
        additionalProperties=False,
    ),
    "Prediction": _object(_PREDICTION | {"time_ms": _MILLISECONDS}, _SEEN),
    "Batch": _object(
        {
            "answers": {
                "type": "array",
                "items": {"anyOf": [_object(_PREDICTION, _SEEN), _object({"error": _object(_REASON)})]},
                "minItems": 1,
                "maxItems": MOST,
                "description": "One for each picture, in order.",
            },
            "time_ms": _MILLISECONDS,
        }
    ),
    "Model": _object(
        {
            "sha256": _SHA256,
            "card": {"type": ["object", "null"], "description": "Origin, data and figures, where they are known."},
        }
    ),
    "Feedback": _object(
        {
            "image": _data_url("The drawing, as it was sent to be recognized."),
            "label": {"enum": [*range(10), "none"], "description": "What it really is.", "examples": [7]},
            "key": _NAME
            | {
                "description": "Made up by the client for this correction: sent twice, it is kept once.",
                "examples": ["5d0c9a7e"],
            },
        },
        {
            "keep_drawing": {
                "type": "boolean",
                "default": False,
                "description": "Whether the person agrees to the drawing being kept. Without it only labels are.",
            },
            "session": {
                "anyOf": [_NAME, {"enum": ["", None]}],
                "description": "An anonymous name of the client's.",
                "examples": ["tablet-7"],
            },
        },
        additionalProperties=False,
    ),
    "Kept": _object(
        {
            "id": {"type": "integer", "minimum": 1},
            "kept": {"type": "boolean", "description": "Whether the drawing is kept."},
        }
    ),
    "Alive": _object({"status": {"const": "ok"}}),
    "Readiness": _object(
        {
            "status": {"enum": ["ready", "not ready"]},
            "model": {"const": "ok"},
            "database": {"enum": ["ok", "off", "unavailable"]},
        }
    ),
    "Error": _object({"error": _object(_REASON | {"request_id": {"type": "string"}})}),
}
"""By the name that the description knows it by."""
