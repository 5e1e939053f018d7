"""What the API takes and answers, as JSON Schema."""

from typing import Any

from flask_app.api import MAX_IMAGES
from flask_app.corrections.fields import NAME
from flask_app.errors import CODES, STATUS_AND_CODE

Schema = dict[str, Any]

DATA_URL = "data-url"
"""Format of a string that holds an image: data:image/png;base64, and then the data."""

IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff")
"""Content types of an image in a body. The format is detected from its bytes, so application/octet-stream works too."""


def reference(schema: str) -> Schema:
    """Refer to one of `SCHEMAS` by name."""
    return {"$ref": f"#/components/schemas/{schema}"}


def _object(required: Schema, optional: Schema | None = None, **more: Any) -> Schema:
    return {"type": "object", "required": [*required], "properties": required | (optional or {}), **more}


def _batch(answer: Schema) -> Schema:
    answers = {
        "type": "array",
        "items": {"anyOf": [answer, _object({"error": _object(_REASON)})]},
        "minItems": 1,
        "maxItems": MAX_IMAGES,
        "description": "One for each image, in order.",
    }
    return _object({"answers": answers, "time_ms": _MILLISECONDS})


def _probability(description: str, example: float) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1, "description": description, "examples": [example]}


def _data_url(description: str) -> Schema:
    return {"type": "string", "format": DATA_URL, "description": description, "examples": [_SEVEN]}


# The example that /docs sends is a digit, and not the word "string".
_SEVEN = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABQAAAAUAQAAAACl8iCgAAAAPElEQVR42jXMsQ2AQBDEwLltAEqlQxIqoYL"
    "/DKIjACJLtuRqMwhyl8Blq56v8/MUx9t7GUF6lULvo77PA29aEKX8JQACAAAAAElFTkSuQmCC"
)
NAME_SCHEMA = {"type": "string", "pattern": f"^{NAME.pattern}$"}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the ONNX file that answers."}
_MILLISECONDS = {
    "type": "number",
    "minimum": 0,
    "description": "Milliseconds to decode and recognize.",
    "examples": [1.4],
}
_CODES = sorted(
    {*CODES.values(), *(code for _, code in STATUS_AND_CODE.values())}
    | {"internal_error", "database_unavailable", "storage_full", "key_taken"}
)
_REASON = {
    "code": {"type": "string", "enum": _CODES, "description": "The kind of error, for programs."},
    "message": {"type": "string", "description": "What is wrong and what to do, for people."},
}
_PREDICTION = {
    "digit": {
        "type": "integer",
        "minimum": 0,
        "maximum": 9,
        "description": "The digit, or the best guess.",
        "examples": [7],
    },
    "confidence": _probability("Its probability if the image shows a digit.", 0.98),
    "is_digit": {
        "type": "boolean",
        "description": "False if doubt is 0.5 or more: it does not look like a digit.",
    },
    "doubt": _probability("How likely it is that the image is not a digit.", 0.01),
    "probabilities": {
        "type": "array",
        "examples": [[0, 0, 0, 0, 0.01, 0, 0, 0.98, 0, 0.01]],
        "items": {"type": "number", "minimum": 0, "maximum": 1},
        "minItems": 10,
        "maxItems": 10,
        "description": "Of the digits 0 to 9; they sum to 1.",
    },
    "model": _SHA256,
}
_BOX = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
    "description": "Left, top, right and bottom, in pixels of the image as it is shown.",
    "examples": [[12, 20, 48, 92]],
}
_READ_DIGIT = {name: schema for name, schema in _PREDICTION.items() if name not in ("is_digit", "model")} | {
    "box": _BOX
}
_READ_NUMBER = {
    "text": {
        "type": "string",
        "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
        "description": "Without points between thousands: 1,000,000 is 1000000.",
        "examples": ["-3.5"],
    },
    "value": {"type": "number", "description": "The number.", "examples": [-3.5]},
    "confidence": _probability("Probability that all its digits are right.", 0.95),
    "box": _BOX,
    "digits": {
        "type": "array",
        "items": {"type": "integer", "minimum": 0},
        "minItems": 1,
        "description": "Its digits, by their places in the list of all digits.",
    },
}
_SEEN = {"model_input": _data_url("With ?model_input=1: the 28x28 image that the model saw, white ink on black.")}

_READING = {
    "text": {
        "type": "string",
        "description": "A line of writing a line, its numbers separated by a space. A minus begins a number, and "
        "several points that are not those of thousands part numbers: 7-2 is 7 -2, and 12.5.24 is 12 5 24.",
        "examples": ["-3.5 12"],
    },
    "numbers": {"type": "array", "items": _object(_READ_NUMBER), "description": "In reading order."},
    "digits": {"type": "array", "items": _object(_READ_DIGIT, _SEEN), "description": "In reading order."},
}
_READ_INSTEAD = {
    "reading": {
        "anyOf": [reference("Reading"), {"type": "null"}],
        "description": "With ?reading=1: all digits in the image where it shows no single one, else null.",
    }
}
_FINDING = {
    "removed": {"type": "boolean", "description": "Ink was taken away: the most orange tenth, or the blue ink."},
    "added": {"type": "boolean", "description": "Ink was drawn in the blue gaps."},
    "before": _probability("Of the digit, as it is drawn.", 0.01),
    "after": _probability("Of the digit, after the change.", 0.83),
}

_CORRECTION = {
    "image": _data_url("The drawing, as it was sent to /predict."),
    "label": {"enum": [*range(10), "none"], "description": "What the drawing shows.", "examples": [7]},
}
_KEY = NAME_SCHEMA | {
    "description": "A name that the client makes up for this correction: sent twice, it is stored once.",
    "examples": ["5d0c9a7e"],
}
_CONSENT = {
    "keep_drawing": {
        "type": "boolean",
        "default": False,
        "description": "Whether the person agrees that the drawing is kept; otherwise only labels are stored.",
    },
    "box": _BOX
    | {"description": "Of several digits in the image, the one that is meant: its box as /read answers it."},
    "session": {
        "anyOf": [NAME_SCHEMA, {"enum": ["", None]}],
        "description": "An anonymous name that the client chooses.",
        "examples": ["tablet-7"],
    },
}

SCHEMAS: dict[str, Schema] = {
    "Image": _object({"image": _data_url("The image.")}, additionalProperties=False),
    "Images": _object(
        {
            "images": {
                "type": "array",
                "items": _data_url("An image. One that cannot be read has an error in place of its answer."),
                "minItems": 1,
                "maxItems": MAX_IMAGES,
            }
        },
        additionalProperties=False,
    ),
    "Prediction": _object(_PREDICTION | {"time_ms": _MILLISECONDS}, _SEEN | _READ_INSTEAD),
    "Batch": _batch(_object(_PREDICTION, _SEEN)),
    "Explanation": _object(
        {
            "digit": {**_PREDICTION["digit"], "description": "The digit asked about."},
            "predicted": {**_PREDICTION["digit"], "description": "The answer, as /predict gives it."},
            "probability": _probability("Of the digit asked about, if the image shows a digit.", 0.98),
            "sentence": {
                "type": "string",
                "description": "What the map means, confirmed by changing the drawing as it says; empty where no"
                " sentence is true.",
                "examples": ["With ink in the blue gaps, the network would answer 9, 83% sure."],
            },
            "finding": {
                "anyOf": [_object(_FINDING), {"type": "null"}],
                "description": "What the sentence says: the drawing was changed, and the probability of the digit with"
                " it. Null where there is no sentence.",
            },
            "frame_map": {
                "type": "array",
                "items": {
                    "type": "array",
                    "items": {"type": "number", "minimum": -1, "maximum": 1},
                    "minItems": 28,
                    "maxItems": 28,
                },
                "minItems": 28,
                "maxItems": 28,
                "description": "On the 28x28 image that the model saw: above 0 what speaks for the digit, below 0 what"
                " speaks against it. Where nothing is drawn, it is missing ink that does.",
            },
            "overlay": _data_url(
                "The map as a transparent PNG of the size of the image, to lay onto it: orange for, blue against. An"
                " image with a side over 1024 pixels is averaged down first."
            ),
            "model": _SHA256,
            "time_ms": _MILLISECONDS | {"description": "Milliseconds to decode, recognize and explain."},
        }
    ),
    "Reading": _object(_READING),
    "TimedReading": _object(_READING | {"model": _SHA256, "time_ms": _MILLISECONDS}),
    "Readings": _batch(_object(_READING | {"model": _SHA256})),
    "Model": _object(
        {
            "sha256": _SHA256,
            "card": {
                "type": ["object", "null"],
                "description": "Origin, data and metrics; null for a model without a card.",
            },
        }
    ),
    "Feedback": _object(_CORRECTION | {"key": _KEY}, _CONSENT, additionalProperties=False),
    "Replacement": _object(_CORRECTION, _CONSENT, additionalProperties=False),
    "Deleted": _object({"deleted": {"type": "boolean", "description": "Whether there was a correction."}}),
    "Stored": _object(
        {
            "id": {"type": "integer", "minimum": 1},
            "kept": {"type": "boolean", "description": "Whether the drawing is kept."},
        }
    ),
    "Health": _object({"status": {"const": "ok"}}),
    "Readiness": _object(
        {
            "status": {"enum": ["ready", "not ready"]},
            "model": {"const": "ok"},
            "database": {"enum": ["ok", "off", "full", "unavailable"]},
        }
    ),
    "Error": _object({"error": _object(_REASON | {"request_id": {"type": "string"}})}),
}
"""By their names in the description."""
