"""`/api/v1/feedback`: store a correction of an answer (POST), replace it (PUT) or delete it (DELETE)."""

import datetime
import logging
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify
from werkzeug.exceptions import BadRequest, NotFound

from digitrec import Prediction, ReadDigit
from digitrec.reader.reading import Box, overlap
from digitrec.training_rows import NOT_A_DIGIT, frame_pixels
from flask_app.api import register_api
from flask_app.corrections.cli import commands
from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.corrections.fields import is_name, read_box, read_fields
from flask_app.corrections.models import Correction
from flask_app.corrections.room import StorageFullError
from flask_app.corrections.store import CorrectionStore, KeyTakenError
from flask_app.extensions import (
    DigitRecognizer,
    get_challenger,
    get_corrections,
    get_metrics,
    get_rate_limiter,
    get_reader,
    get_recognizer,
)
from flask_app.image_views import takes_images, turn_of
from flask_app.logs import log_event
from flask_app.png import reencode_as_png
from flask_app.rate_limits import KEPT_BYTES, limited
from flask_app.uploads import decode_data_url

blueprint = Blueprint("feedback", __name__)

SAME_PLACE = 0.5
"""Least overlap of a box that was sent with that of a digit that is read."""

RETRY_SECONDS = 30
FULL_RETRY_SECONDS = 3600


def init_app(app: Flask) -> None:
    """Serve the address, and add the commands."""
    register_api(app, blueprint)
    app.cli.add_command(commands)


@blueprint.post("/feedback")
@limited("feedback")
@takes_images("DIGITREC_MAX_UPLOAD_MB")
def feedback() -> tuple[Response, int]:
    """Store a correction: 201, or 200 if it was stored before under its key."""
    store = _get_store()
    correction = _make_correction(read_fields())
    return _answer(correction, *store.add(correction))


@blueprint.put("/feedback/<key>")
@limited("feedback")
@takes_images("DIGITREC_MAX_UPLOAD_MB")
def replace_feedback(key: str) -> tuple[Response, int]:
    """Store a correction in place of the one under this key: 200, or 201 if there was none."""
    store = _get_store()
    correction = _make_correction(read_fields(key))
    return _answer(correction, *store.replace(correction))


@blueprint.delete("/feedback/<key>")
@limited("feedback")
def delete_feedback(key: str) -> Response:
    """Delete the correction under this key, and its drawing; the answer says whether there was one."""
    store = _get_store()
    if not is_name(key):
        raise BadRequest("A key has up to 64 letters, digits, - and _.")
    response = jsonify(deleted=store.delete(key))
    response.headers["Cache-Control"] = "no-store"
    return response


def _get_store() -> CorrectionStore:
    store = get_corrections()
    if store is None:
        raise NotFound
    return store


def _make_correction(sent: dict[str, Any]) -> Correction:
    image = decode_data_url(sent["image"])
    recognizer = get_recognizer()
    keep, box = sent.get("keep_drawing", False), read_box(sent)
    with turn_of(image):
        # Answered again here, because the client could send any answer.
        seen = _predict(recognizer, image) if box is None else _find_digit(recognizer, image, box)
        drawing = reencode_as_png(image, box) if keep else None
        challenger = get_challenger() if box is None else None
        other = challenger.predict(image) if challenger else None
    frame = frame_pixels(seen.model_input).tobytes() if keep else None
    if frame and drawing:
        get_rate_limiter().check(KEPT_BYTES, len(frame) + len(drawing))
    return Correction(
        key=sent["key"],
        created=datetime.datetime.now(datetime.UTC),
        label=NOT_A_DIGIT if sent["label"] == "none" else sent["label"],
        predicted=seen.digit,
        confidence=seen.confidence,
        doubt=seen.doubt,
        model=recognizer.sha256,
        frame=frame,
        drawing=drawing,
        session=sent.get("session"),
        challenger_answer=other and other[0],
        challenger=other and other[1],
    )


def _predict(recognizer: DigitRecognizer, image: bytes) -> Prediction:
    g.prediction = prediction = recognizer.predict(image)
    return prediction


def _find_digit(recognizer: DigitRecognizer, image: bytes, box: Box) -> ReadDigit:
    """Read an image, and find the digit in a place of it.

    Raises:
        BadRequest: No digit is read there.
        DigitrecError: The image cannot be read.
    """
    digits = get_reader(recognizer).read(image).digits
    found = max(digits, key=lambda digit: overlap(digit.box, box), default=None)
    if found is None or overlap(found.box, box) < SAME_PLACE:
        raise BadRequest(
            "No digit is read in this box of the image. Send the box of a digit as /read answers it for the same image,"
            ' or leave "box" out if the image shows one digit.'
        )
    return found


def _answer(correction: Correction, number: int, is_new: bool) -> tuple[Response, int]:
    if is_new:
        get_metrics().count_correction(correction.model, right=not correction.disagrees)
    response = jsonify(id=number, kept=correction.kept)
    response.headers["Cache-Control"] = "no-store"
    return response, 201 if is_new else 200


@blueprint.errorhandler(KeyTakenError)
def answer_key_taken(error: KeyTakenError) -> tuple[Response, int]:
    """Answer that the key belongs to another correction."""
    message = (
        "Another correction has this key, and it says something else. Send a new correction with a new key,"
        " or replace the other one by a PUT to /feedback/KEY."
    )
    return jsonify(error={"code": "key_taken", "message": message, "request_id": g.request_id}), 409


@blueprint.errorhandler(StorageFullError)
def answer_storage_full(error: StorageFullError) -> tuple[Response, int]:
    """Answer that there is no room, and log what the operator can do."""
    log_event(current_app, logging.ERROR, "storage_full", {"id": g.request_id, "reason": str(error)})
    message = "The server has no room for more corrections now. Its operator knows; try again tomorrow."
    response = jsonify(error={"code": "storage_full", "message": message, "request_id": g.request_id})
    response.headers["Retry-After"] = str(FULL_RETRY_SECONDS)
    return response, 503


@blueprint.errorhandler(DatabaseUnavailableError)
def unavailable(error: DatabaseUnavailableError) -> tuple[Response, int]:
    """Answer that trying again may help, and log why."""
    log_event(current_app, logging.ERROR, "database", {"id": g.request_id, "reason": str(error)})
    message = "The correction could not be saved now. Try again in half a minute."
    response = jsonify(error={"code": "database_unavailable", "message": message, "request_id": g.request_id})
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response, 503
