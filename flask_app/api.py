"""`POST /api/predict`: a picture in, the digit out."""

import base64
import io
import time
from typing import Protocol

import numpy as np
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from numpy.typing import NDArray
from PIL import Image
from werkzeug.exceptions import BadRequest

from digitrec import ImageTooLargeError, Prediction
from flask_app.config import MEGABYTE
from flask_app.uploads import picture_from

blueprint = Blueprint("api", __name__, url_prefix="/api")

FLAGS = {"": False, "0": False, "false": False, "1": True, "true": True}


class Predicts(Protocol):
    """What the API needs of a recognizer."""

    def predict(self, image: bytes, /) -> Prediction:
        """Name the digit in the bytes of a picture file."""


def init_app(app: Flask, recognizer: Predicts) -> None:
    """Serve the API with this recognizer."""
    app.extensions["digitrec"] = recognizer
    app.json.sort_keys = False  # type: ignore[attr-defined]  # digit first, as the docs show it
    # A data URL is a third longer than its picture, and a multipart body has headers of its own.
    limit = app.config["DIGITREC_MAX_UPLOAD_MB"] * MEGABYTE
    app.config["MAX_CONTENT_LENGTH"] = limit * 4 // 3 + 65_536
    app.register_blueprint(blueprint)


@blueprint.post("/predict")
def predict() -> Response:
    """Answer with digit, confidence, is_digit, doubt, probabilities and time_ms; model_input if asked for."""
    with_input = _flag("model_input")
    picture = picture_from(request)
    limit = current_app.config["DIGITREC_MAX_UPLOAD_MB"]
    if len(picture) > limit * MEGABYTE:
        raise ImageTooLargeError(f"the picture is larger than {limit} MB; send a smaller one")

    recognizer: Predicts = current_app.extensions["digitrec"]
    started = time.perf_counter()
    prediction = recognizer.predict(picture)
    time_ms = 1000 * (time.perf_counter() - started)

    g.prediction = prediction
    answer = prediction.to_dict() | {"time_ms": round(time_ms, 2)}
    if with_input:
        answer["model_input"] = _data_url(prediction.model_input)
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def _flag(name: str) -> bool:
    try:
        return FLAGS[request.args.get(name, "").lower()]
    except KeyError:
        raise BadRequest(f"The query parameter {name} must be 1 or 0.") from None


def _data_url(frame: NDArray[np.float32]) -> str:
    """The (28, 28) frame, 0 to 1, as the data URL of a PNG: white ink on black, as in MNIST."""
    png = io.BytesIO()
    Image.fromarray(np.rint(255 * np.clip(frame, 0, 1)).astype(np.uint8)).save(png, "PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")
