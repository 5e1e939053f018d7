"""`POST /api/v1/predict` and `/predict/batch`: pictures in, digits out; `GET /api/v1/model`: who answers."""

import base64
import time
from typing import Any, Protocol

import numpy as np
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from numpy.typing import NDArray
from PIL import Image
from werkzeug.exceptions import BadRequest, HTTPException

from digitrec import BlankImageError, ImageTooLargeError, InvalidImageError, Prediction
from digitrec.training_rows import frame_pixels
from flask_app import metrics
from flask_app.errors import described
from flask_app.png import png
from flask_app.settings.environment import MEGABYTE
from flask_app.uploads import picture_from, pictures_from

blueprint = Blueprint("api", __name__)

PREFIXES = {"v1": "/api/v1", "api": "/api"}
"""Where the API stands: under its version, and, for short, without."""

MOST = 64
"""Pictures in one batch."""

FLAGS = {"": False, "0": False, "false": False, "1": True, "true": True}


class Predicts(Protocol):
    """What the API needs of a recognizer."""

    sha256: str
    card: dict[str, Any] | None

    def predict(self, image: bytes, /) -> Prediction:
        """Name the digit in the bytes of a picture file."""


def init_app(app: Flask, recognizer: Predicts) -> None:
    """Serve the API with this recognizer."""
    app.extensions["digitrec"] = recognizer
    app.json.sort_keys = False  # type: ignore[attr-defined]  # digit first, as the docs show it
    app.config["MAX_CONTENT_LENGTH"] = _body(app.config["DIGITREC_MAX_UPLOAD_MB"])
    register(app, blueprint)


def register(app: Flask, part: Blueprint) -> None:
    """Let a part of the API stand at both its addresses."""
    for name, prefix in PREFIXES.items():
        app.register_blueprint(part, url_prefix=prefix, name=name if part is blueprint else f"{name}_{part.name}")


def _body(megabytes: int) -> int:
    """Bytes of a request with pictures of this size: a data URL is a third longer, a form has headers of its own."""
    return megabytes * MEGABYTE * 4 // 3 + 65_536


@blueprint.post("/predict")
def predict() -> Response:
    """Answer with digit, confidence, is_digit, doubt, probabilities and time_ms; model_input if asked for."""
    with_input = _flag("model_input")
    picture = picture_from(request)
    started = time.perf_counter()
    g.prediction = prediction = _recognize(picture)
    time_ms = _since(started)
    return _answer(prediction.to_dict() | {"time_ms": time_ms} | _seen(prediction, with_input))


@blueprint.post("/predict/batch")
def predict_batch() -> Response:
    """Answer each of up to 64 pictures, in order; one that cannot be answered has an error in its place."""
    with_input = _flag("model_input")
    request.max_content_length = _body(current_app.config["DIGITREC_MAX_BATCH_MB"])
    pictures = pictures_from(request, MOST)
    started = time.perf_counter()
    answers = [_told_or_error(picture, with_input) for picture in pictures]
    return _answer({"answers": answers, "time_ms": _since(started)})


@blueprint.get("/model")
def model() -> Response:
    """The SHA-256 of the model that answers, and its card, if it has one."""
    recognizer: Predicts = current_app.extensions["digitrec"]
    response = jsonify(sha256=recognizer.sha256, card=recognizer.card)
    response.set_etag(recognizer.sha256)
    response.cache_control.no_cache = True  # asked again each time, and told that it has not changed
    response.make_conditional(request)
    return response


def _recognize(picture: bytes) -> Prediction:
    limit = current_app.config["DIGITREC_MAX_UPLOAD_MB"]
    if len(picture) > limit * MEGABYTE:
        raise ImageTooLargeError(f"the picture is larger than {limit} MB; send a smaller one")
    recognizer: Predicts = current_app.extensions["digitrec"]
    try:
        prediction = recognizer.predict(picture)
    except BlankImageError:
        metrics.blank()
        raise
    metrics.predicted(prediction)
    return prediction


def _told_or_error(picture: bytes | HTTPException, with_input: bool) -> dict[str, Any]:
    if isinstance(picture, HTTPException):
        return {"error": described(picture)}
    try:
        prediction = _recognize(picture)
        return prediction.to_dict() | _seen(prediction, with_input)
    except (BlankImageError, InvalidImageError, ImageTooLargeError) as error:
        return {"error": described(error)}


def _seen(prediction: Prediction, wanted: bool) -> dict[str, str]:
    return {"model_input": _data_url(prediction.model_input)} if wanted else {}


def _since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)


def _answer(told: dict[str, Any]) -> Response:
    response = jsonify(told)
    response.headers["Cache-Control"] = "no-store"
    return response


def _flag(name: str) -> bool:
    try:
        return FLAGS[request.args.get(name, "")]
    except KeyError:
        raise BadRequest(f"The query parameter {name} must be 1 or 0.") from None


def _data_url(frame: NDArray[np.float32]) -> str:
    """The (28, 28) frame, 0 to 1, as the data URL of a PNG: white ink on black, as in MNIST."""
    return "data:image/png;base64," + base64.b64encode(png(Image.fromarray(frame_pixels(frame)))).decode("ascii")
