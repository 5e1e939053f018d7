"""`POST /api/v1/read` and `/read/batch`: images in, all digits in them out, as numbers and lines of writing."""

import time
from typing import Any

from flask import Blueprint, Flask, Response, request

from flask_app.answers import elapsed_ms, json_response, parse_flag, reading_fields
from flask_app.api import MAX_IMAGES, answer_batch, register_api
from flask_app.extensions import get_metrics, get_reader, get_recognizer
from flask_app.image_views import check_size, takes_images, turn_of
from flask_app.rate_limits import limited
from flask_app.uploads import read_image, read_images

blueprint = Blueprint("reading", __name__)


def init_app(app: Flask) -> None:
    """Serve the addresses."""
    register_api(app, blueprint)


@blueprint.post("/read")
@limited("predict")
@takes_images("DIGITREC_MAX_UPLOAD_MB")
def read() -> Response:
    """Answer with text, numbers, digits, model and time_ms; each digit has a model_input on request."""
    with_input = parse_flag("model_input")
    image = read_image(request)
    started = time.perf_counter()
    fields = _read(image, with_input=with_input)
    return json_response(fields | {"time_ms": elapsed_ms(started)})


@blueprint.post("/read/batch")
@limited("predict_batch")
@takes_images("DIGITREC_MAX_BATCH_MB")
def read_batch() -> Response:
    """Answer up to 64 images, in order; one that cannot be read has an error in its place."""
    with_input = parse_flag("model_input")

    def answer(image: bytes) -> dict[str, Any]:
        return _read(image, with_input=with_input)

    return answer_batch(read_images(request, MAX_IMAGES), answer)


def _read(image: bytes, *, with_input: bool) -> dict[str, Any]:
    """Read an image file, when it is its turn, and count the answer.

    Returns:
        The reading as JSON, with the SHA-256 of the network that judged its digits.

    Raises:
        DigitrecError: It cannot be read.
        ServiceUnavailable: The server has too much to do.
        ClientClosedRequest: The client has hung up.
    """
    check_size(image)
    recognizer = get_recognizer()
    with turn_of(image):
        reading = get_reader(recognizer).read(image)
    get_metrics().count_reading(reading)
    return reading_fields(reading, with_input=with_input) | {"model": recognizer.sha256}
