"""`POST /api/feedback`: what a drawing really was."""

import datetime
import logging
import re
from typing import Any, Protocol

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from digitrec import Prediction
from digitrec.training_rows import NOT_A_DIGIT, frame_pixels
from flask_app import metrics
from flask_app.api import register
from flask_app.corrections.cli import commands
from flask_app.corrections.database import Database, DatabaseUnavailableError
from flask_app.corrections.models import Correction
from flask_app.corrections.store import CorrectionStore
from flask_app.logs import note
from flask_app.png import pixels_alone
from flask_app.uploads import json_of, picture_from_data_url

blueprint = Blueprint("feedback", __name__)

FIELDS = {"image", "label", "keep_drawing", "key", "session"}
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
RETRY_SECONDS = 30
SHAPE = (
    'The JSON must have "image", a data URL; "label", a digit from 0 to 9 or "none"; "key", a name of this correction'
    ' in up to 64 letters, digits, - and _; and may have "keep_drawing", true or false, and "session", like "key".'
)


class KnowsItsModel(Protocol):
    """What feedback needs of a recognizer."""

    sha256: str

    def predict(self, image: bytes, /) -> Prediction:
        """Name the digit in the bytes of a picture file."""


def init_app(app: Flask) -> None:
    """Keep corrections in the database that the settings name, if they name one."""
    url = app.config["DIGITREC_DATABASE_URL"]
    app.extensions["digitrec_corrections"] = CorrectionStore(Database(url)) if url else None
    register(app, blueprint)
    app.cli.add_command(commands)


@blueprint.post("/feedback")
def feedback() -> tuple[Response, int]:
    """Keep a correction: 201, or 200 for one that was kept before under this key."""
    store: CorrectionStore | None = current_app.extensions["digitrec_corrections"]
    if store is None:
        raise NotFound
    sent = _fields()
    picture = picture_from_data_url(sent["image"])
    recognizer: KnowsItsModel = current_app.extensions["digitrec"]
    # Asked again here, not told by the client: what stands in the database is what the model says.
    prediction = recognizer.predict(picture)
    g.prediction = prediction
    keep = sent.get("keep_drawing", False)
    correction = Correction(
        key=sent["key"],
        created=datetime.datetime.now(datetime.UTC),
        label=NOT_A_DIGIT if sent["label"] == "none" else sent["label"],
        predicted=prediction.digit,
        confidence=prediction.confidence,
        doubt=prediction.doubt,
        model=recognizer.sha256,
        frame=frame_pixels(prediction.model_input).tobytes() if keep else None,
        drawing=pixels_alone(picture) if keep else None,
        session=sent.get("session"),
    )
    right = correction.label == prediction.digit
    number, is_new = store.add(correction)
    if is_new:
        metrics.corrected(right=right)
    response = jsonify(id=number, kept=bool(keep))
    response.headers["Cache-Control"] = "no-store"
    return response, 201 if is_new else 200


@blueprint.errorhandler(DatabaseUnavailableError)
def unavailable(error: DatabaseUnavailableError) -> tuple[Response, int]:
    """Say that it is worth trying again; the log says why."""
    note(current_app, logging.ERROR, "database", {"id": g.request_id, "reason": str(error)})
    message = "The correction could not be saved now. Nothing is lost: try again in half a minute."
    response = jsonify(error={"code": "database_unavailable", "message": message, "request_id": g.request_id})
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response, 503


def _fields() -> dict[str, Any]:
    """The fields of the request's JSON, checked."""
    body = json_of(request) if request.mimetype == "application/json" else None
    if not isinstance(body, dict) or not {"image", "label", "key"} <= set(body) <= FIELDS:
        raise BadRequest(SHAPE)
    label, session = body["label"], body.get("session")
    is_digit = isinstance(label, int) and not isinstance(label, bool) and 0 <= label <= 9
    fits = (
        isinstance(body["image"], str)
        and (is_digit or label == "none")
        and isinstance(body.get("keep_drawing", False), bool)
        and _is_name(body["key"])
        and (session is None or session == "" or _is_name(session))
    )
    if not fits:
        raise BadRequest(SHAPE)
    return body


def _is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None
