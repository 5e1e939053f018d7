"""Describe what each address takes and answers, which its route does not say."""

from collections.abc import Mapping
from typing import Any

from flask_app.openapi.parts import (
    BOX,
    DIGIT,
    ID,
    KEY,
    MODEL_INPUT,
    READING,
    RETRY,
    answers,
    body_of,
    error,
    json_answer,
    many_images,
    one_image,
)
from flask_app.openapi.schemas import Schema, reference
from flask_app.rate_limits import SETTINGS as RATE_LIMIT_SETTINGS
from flask_app.settings.environment import MEGABYTE

RATE_LIMITS = {
    "predict": "predict",
    "predict_batch": "predict_batch",
    "read": "predict",
    "read_batch": "predict_batch",
    "explain": "explain",
    "feedback": "feedback",
    "replace_feedback": "feedback",
    "delete_feedback": "feedback",
}
"""The rate limit of each view that has one."""


def describe_operations(settings: Mapping[str, Any]) -> dict[str, Schema]:
    """Describe each view of the API that these settings enable.

    Args:
        settings: The settings of the app.

    Returns:
        By the name of the view: parameters, body and answers, as an OpenAPI operation.
    """
    upload, batch = (settings[f"DIGITREC_MAX_{name}_MB"] * MEGABYTE for name in ("UPLOAD", "BATCH"))
    one_body, batch_body = one_image(upload // MEGABYTE), many_images(batch // MEGABYTE)
    found: dict[str, Schema] = {
        "predict": {
            "tags": ["recognize"],
            "summary": "Recognize a digit",
            "description": "Do not crop, scale or invert the image first; the model does.",
            "parameters": [MODEL_INPUT, READING],
            "requestBody": one_body,
            "responses": answers("The digit.", reference("Prediction"), 400, 408, 413, 415, 422, 503),
        },
        "predict_batch": {
            "tags": ["recognize"],
            "summary": "Recognize a digit in each of many images",
            "description": "An image that cannot be answered has its error in its place; the others are answered.",
            "parameters": [MODEL_INPUT],
            "requestBody": batch_body,
            "responses": answers("An answer or an error for each image.", reference("Batch"), 400, 408, 413, 415, 503),
        },
        "read": {
            "tags": ["recognize"],
            "summary": "Read all digits in an image",
            "description": "Whole numbers, on a canvas, a scan or a photograph. Where there are none, all is empty.",
            "parameters": [MODEL_INPUT],
            "requestBody": one_body,
            "responses": answers("What was read.", reference("TimedReading"), 400, 408, 413, 415, 503),
        },
        "read_batch": {
            "tags": ["recognize"],
            "summary": "Read all digits in each of many images",
            "description": "An image that cannot be read has its error in its place; the others are answered.",
            "parameters": [MODEL_INPUT],
            "requestBody": batch_body,
            "responses": answers(
                "A reading or an error for each image.", reference("Readings"), 400, 408, 413, 415, 503
            ),
        },
        "explain": {
            "tags": ["recognize"],
            "summary": "Show what speaks for a digit and against it",
            "description": "A map of the answer, or of any other digit: why not 9?",
            "parameters": [DIGIT, BOX],
            "requestBody": one_body,
            "responses": answers("The map.", reference("Explanation"), 400, 408, 413, 415, 422, 503),
        },
        "model": {
            "tags": ["model"],
            "summary": "Show the model that answers",
            "responses": answers("The model that answers.", reference("Model"))
            | {"304": {"description": "The model that If-None-Match names still answers.", "headers": ID}},
        },
        "healthz": {
            "tags": ["operations"],
            "summary": "Check that the server answers",
            "responses": answers("The server answers.", reference("Health")),
        },
        "readyz": {
            "tags": ["operations"],
            "summary": "Check that the server can store corrections",
            "responses": answers("The server is ready.", reference("Readiness"))
            | {
                "503": json_answer(
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
            operation["responses"]["429"] = error(429)
    return found


def _describe_feedback() -> dict[str, Schema]:
    stored = reference("Stored")
    responses = answers("Stored before under this key.", stored, 400, 408, 413, 415, 422)
    responses |= {"201": json_answer("Stored.", stored), "503": error(503)}
    return {
        "feedback": {
            "tags": ["corrections"],
            "summary": "Correct an answer",
            "requestBody": body_of("What the drawing shows.", {"application/json": reference("Feedback")}),
            "responses": responses | {"409": error(409)},
        },
        "replace_feedback": {
            "tags": ["corrections"],
            "summary": "Replace a correction",
            "description": "The new one needs a new review.",
            "parameters": [KEY],
            "requestBody": body_of("What the drawing shows.", {"application/json": reference("Replacement")}),
            "responses": responses,
        },
        "delete_feedback": {
            "tags": ["corrections"],
            "summary": "Delete a correction and its drawing",
            "parameters": [KEY],
            "responses": answers("Deleted, if there was one.", reference("Deleted"), 400) | {"503": error(503)},
        },
    }
