"""`POST /api/v1/predict` and `/predict/batch`: images in, digits out; `GET /api/v1/model`: the model that answers."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from digitrec import BlankImageError, ImageTooLargeError, InvalidImageError, Prediction, Reading
from digitrec.errors import OverloadedError
from flask_app.admission import check_client
from flask_app.answers import elapsed_ms, json_response, parse_flag, prediction_fields, reading_fields
from flask_app.errors import describe_error
from flask_app.extensions import get_challenger, get_metrics, get_reader, get_recognizer
from flask_app.image_views import check_size, takes_images, turn_of
from flask_app.rate_limits import limited
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


def init_app(app: Flask) -> None:
    """Serve the API."""
    app.json.sort_keys = False  # type: ignore[attr-defined]  # digit first, as the docs show it
    app.config["MAX_CONTENT_LENGTH"] = MAX_OTHER_BODY
    register_api(app, blueprint)


def register_api(app: Flask, part: Blueprint) -> None:
    """Serve a part of the API at both its addresses."""
    for name, prefix in PREFIXES.items():
        app.register_blueprint(part, url_prefix=prefix, name=name if part is blueprint else f"{name}_{part.name}")


@blueprint.post("/predict")
@limited("predict")
@takes_images("DIGITREC_MAX_UPLOAD_MB")
def predict() -> Response:
    """Answer with the prediction, its model and time_ms; with model_input and reading on request."""
    with_input, with_reading = parse_flag("model_input"), parse_flag("reading")
    image = read_image(request)
    started = time.perf_counter()
    prediction, reading, model = _recognize(image, with_reading=with_reading)
    fields = prediction_fields(prediction, model, with_input=with_input) | {"time_ms": elapsed_ms(started)}
    if with_reading:
        fields["reading"] = None if reading is None else reading_fields(reading, with_input=with_input)
    return json_response(fields)


@blueprint.post("/predict/batch")
@limited("predict_batch")
@takes_images("DIGITREC_MAX_BATCH_MB")
def predict_batch() -> Response:
    """Answer up to 64 images, in order; one that cannot be answered has an error in its place."""
    with_input = parse_flag("model_input")

    def answer(image: bytes) -> dict[str, Any]:
        prediction, _, model = _recognize(image)
        return prediction_fields(prediction, model, with_input=with_input)

    return answer_batch(read_images(request, MAX_IMAGES), answer)


def answer_batch(
    images: Iterable[Callable[[], bytes | HTTPException]], answer: Callable[[bytes], dict[str, Any]]
) -> Response:
    """Answer images, in order, until the time for a batch is over; one that cannot be answered has an error instead.

    Args:
        images: As `read_images` yields them.
        answer: From an image file to the JSON of its answer.

    Raises:
        ClientClosedRequest: The client has hung up.
    """
    started = time.perf_counter()
    answers = []
    for image in images:
        check_client(request)
        is_late = time.perf_counter() - started > BATCH_SECONDS
        answers.append(_answer_or_error(too_late() if is_late else image(), answer))
    return json_response({"answers": answers, "time_ms": elapsed_ms(started)})


@blueprint.get("/model")
def model() -> Response:
    """The SHA-256 of the model that answers, and its card if it has one."""
    recognizer = get_recognizer()
    response = jsonify(sha256=recognizer.sha256, card=recognizer.card)
    response.set_etag(recognizer.sha256)
    response.cache_control.no_cache = True  # clients revalidate it each time, and get a 304 while it is the same
    response.make_conditional(request)
    return response


def _recognize(image: bytes, *, with_reading: bool = False) -> tuple[Prediction, Reading | None, str]:
    """Recognize the digit in an image file, when it is its turn, and count the answer.

    Args:
        image: The bytes of the file.
        with_reading: Whether to read all digits in it where it shows no single one.

    Returns:
        The answer, the reading if there is one, and the SHA-256 of the network that answered.

    Raises:
        DigitrecError: It cannot be answered.
        ServiceUnavailable: The server has too much to do.
        ClientClosedRequest: The client has hung up.
    """
    check_size(image)
    recognizer = get_recognizer()
    with turn_of(image):
        try:
            g.prediction = prediction = recognizer.predict(image)
        except BlankImageError:
            get_metrics().count_blank()
            raise
        reading = get_reader(recognizer).read(image) if with_reading and not prediction.is_digit else None
    get_metrics().count_prediction(prediction, recognizer.sha256)
    if challenger := get_challenger():
        challenger.compare(image, prediction, recognizer.sha256)
    if reading is not None:
        get_metrics().count_reading(reading)
    return prediction, reading, recognizer.sha256


def too_late() -> ServiceUnavailable:
    """The error of an image that a batch had no time for."""
    return ServiceUnavailable(
        f"The batch took longer than {BATCH_SECONDS:.0f} seconds. Send this image again, in a smaller batch."
    )


def _answer_or_error(image: bytes | HTTPException, answer: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    if isinstance(image, HTTPException):
        return {"error": describe_error(image)}
    try:
        return answer(image)
    except (BlankImageError, InvalidImageError, ImageTooLargeError, OverloadedError, ServiceUnavailable) as error:
        return {"error": describe_error(error)}
