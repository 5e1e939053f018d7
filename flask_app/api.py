"""`POST /api/v1/predict` and `/predict/batch`: images in, digits out; `GET /api/v1/model`: the model that answers."""

import base64
import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from numpy.typing import NDArray
from PIL import Image
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable, UnsupportedMediaType

from digitrec import BlankImageError, ImageTooLargeError, InvalidImageError, Prediction
from digitrec.decoding.limits import CPU_SECONDS
from digitrec.errors import OverloadedError
from digitrec.training_rows import frame_pixels
from flask_app.admission import check_client
from flask_app.errors import describe_error
from flask_app.extensions import get_admission, get_metrics, get_recognizer
from flask_app.png import encode_png
from flask_app.rate_limits import limited
from flask_app.settings.environment import MEGABYTE
from flask_app.uploads import read_image, read_images

blueprint = Blueprint("api", __name__)

PREFIXES = {"v1": "/api/v1", "api": "/api"}
"""Addresses of the API: with its version, and a short form without."""

MAX_IMAGES = 64
"""Images in one batch."""

MAX_OTHER_BODY = 65_536
"""Bytes of a body to an address that takes no image."""

BATCH_SECONDS = 15.0
"""Time for a batch; the images that are left then have an error in their place."""

FLAGS = {"": False, "0": False, "false": False, "1": True, "true": True}


def init_app(app: Flask) -> None:
    """Serve the API."""
    app.json.sort_keys = False  # type: ignore[attr-defined]  # digit first, as the docs show it
    app.config["MAX_CONTENT_LENGTH"] = MAX_OTHER_BODY
    register_api(app, blueprint)


def register_api(app: Flask, part: Blueprint) -> None:
    """Serve a part of the API at both its addresses."""
    for name, prefix in PREFIXES.items():
        app.register_blueprint(part, url_prefix=prefix, name=name if part is blueprint else f"{name}_{part.name}")


def max_body_bytes(megabytes: int) -> int:
    """Size of a request with images of this size: a data URL is a third longer, and a form adds headers."""
    return megabytes * MEGABYTE * 4 // 3 + 65_536


def takes_images(setting: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view take a large body: `@takes_images("DIGITREC_MAX_UPLOAD_MB")`, with the setting of its size.

    The memory that such a body may take is held while the view runs. All other views take `MAX_OTHER_BODY` bytes.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def view_with_images(**arguments: Any) -> Any:
            request.max_content_length = max_body_bytes(current_app.config[setting])
            if request.content_encoding not in (None, "", "identity"):
                raise UnsupportedMediaType("The body has a Content-Encoding that is not read; send gzip, or none.")
            with get_admission().hold_body(request):
                return view(**arguments)

        return view_with_images

    return decorate


@blueprint.post("/predict")
@limited("predict")
@takes_images("DIGITREC_MAX_UPLOAD_MB")
def predict() -> Response:
    """Answer with digit, confidence, is_digit, doubt, probabilities and time_ms; model_input on request."""
    with_input = _parse_flag("model_input")
    image = read_image(request)
    started = time.perf_counter()
    g.prediction = prediction = _recognize(image)
    time_ms = _elapsed_ms(started)
    return _json_response(prediction.to_dict() | {"time_ms": time_ms} | _model_input_field(prediction, with_input))


@blueprint.post("/predict/batch")
@limited("predict_batch")
@takes_images("DIGITREC_MAX_BATCH_MB")
def predict_batch() -> Response:
    """Answer up to 64 images, in order; one that cannot be answered has an error in its place."""
    with_input = _parse_flag("model_input")
    images = read_images(request, MAX_IMAGES)
    started = time.perf_counter()
    answers = []
    for image in images:
        check_client(request)
        is_late = time.perf_counter() - started > BATCH_SECONDS
        answers.append(_predict_or_describe_error(too_late() if is_late else image(), with_input))
    return _json_response({"answers": answers, "time_ms": _elapsed_ms(started)})


@blueprint.get("/model")
def model() -> Response:
    """The SHA-256 of the model that answers, and its card if it has one."""
    recognizer = get_recognizer()
    response = jsonify(sha256=recognizer.sha256, card=recognizer.card)
    response.set_etag(recognizer.sha256)
    response.cache_control.no_cache = True  # clients revalidate it each time, and get a 304 while it is the same
    response.make_conditional(request)
    return response


def _recognize(image: bytes) -> Prediction:
    """Recognize the digit in an image file, when it is its turn, and count the answer.

    Raises:
        DigitrecError: It cannot be answered.
        ServiceUnavailable: The server has too much to do.
        ClientClosedRequest: The client has hung up.
    """
    limit = current_app.config["DIGITREC_MAX_UPLOAD_MB"]
    if len(image) > limit * MEGABYTE:
        raise ImageTooLargeError(f"the image is larger than {limit} MB; send a smaller one")
    with turn_of(image):
        try:
            prediction = get_recognizer().predict(image)
        except BlankImageError:
            get_metrics().count_blank()
            raise
    get_metrics().count_prediction(prediction)
    return prediction


@contextlib.contextmanager
def turn_of(image: bytes) -> Iterator[None]:
    """Wait for the turn of an image file, and charge the client with what another process computes for it.

    Raises:
        ServiceUnavailable: The server has too much to do.
        ClientClosedRequest: The client has hung up.
    """
    with get_admission().take_turn(image, request) as is_decoded_elsewhere:
        started = time.perf_counter()
        try:
            yield
        finally:
            if is_decoded_elsewhere:
                g.work.elsewhere += min(time.perf_counter() - started, CPU_SECONDS)


def too_late() -> ServiceUnavailable:
    """The error of an image that a batch had no time for."""
    return ServiceUnavailable(
        f"The batch took longer than {BATCH_SECONDS:.0f} seconds. Send this image again, in a smaller batch."
    )


def _predict_or_describe_error(image: bytes | HTTPException, with_input: bool) -> dict[str, Any]:
    if isinstance(image, HTTPException):
        return {"error": describe_error(image)}
    try:
        prediction = _recognize(image)
        return prediction.to_dict() | _model_input_field(prediction, with_input)
    except (BlankImageError, InvalidImageError, ImageTooLargeError, OverloadedError, ServiceUnavailable) as error:
        return {"error": describe_error(error)}


def _model_input_field(prediction: Prediction, with_input: bool) -> dict[str, str]:
    return {"model_input": _frame_data_url(prediction.model_input)} if with_input else {}


def _elapsed_ms(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)


def _json_response(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _parse_flag(name: str) -> bool:
    try:
        return FLAGS[request.args.get(name, "")]
    except KeyError:
        raise BadRequest(f"The query parameter {name} must be 1 or 0.") from None


def _frame_data_url(frame: NDArray[np.float32]) -> str:
    """The (28, 28) frame, 0 to 1, as the data URL of a PNG: white ink on black, as in MNIST."""
    return "data:image/png;base64," + base64.b64encode(encode_png(Image.fromarray(frame_pixels(frame)))).decode("ascii")
