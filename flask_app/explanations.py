"""`POST /api/v1/explain`: an image in, what of it speaks for a digit and against it out."""

import base64
import re
import time
from functools import lru_cache

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from digitrec import DigitrecError, Explainer, Recognizer
from digitrec.artifacts import EXPLANATION_NAME
from flask_app.answers import elapsed_ms, json_response
from flask_app.api import register_api
from flask_app.errors import as_sentence
from flask_app.extensions import DigitRecognizer, get_metrics, get_recognizer
from flask_app.image_views import check_size, takes_images, turn_of
from flask_app.png import encode_png
from flask_app.rate_limits import limited
from flask_app.uploads import read_image

blueprint = Blueprint("explanations", __name__)

NUMBER = r"[0-9]{1,5}(\.[0-9]{1,6})?"
BOX_PATTERN = f"{NUMBER}(,{NUMBER}){{3}}"
"""A box in a query: left,top,right,bottom."""

DIGITS = tuple(map(str, range(10)))


def init_app(app: Flask) -> None:
    """Serve explanations, where the model comes with what they need."""
    if find_explainer(get_recognizer(app)) is not None:
        register_api(app, blueprint)


@lru_cache(maxsize=2)
def find_explainer(recognizer: DigitRecognizer) -> Explainer | None:
    """What explains the answers of a recognizer; None for a model that was exported without it.

    Raises:
        digitrec.ModelIntegrityError: The file beside the model is broken, or not the one on its card.
    """
    if not isinstance(recognizer, Recognizer) or not recognizer.path.with_name(EXPLANATION_NAME).exists():
        return None
    return Explainer(recognizer)


@blueprint.post("/explain")
@limited("explain")
@takes_images("DIGITREC_MAX_UPLOAD_MB")
def explain() -> Response:
    """Answer with digit, predicted, probability, sentence, finding, frame_map, overlay, model and time_ms."""
    digit, box = _parse_digit(), _parse_box()
    image = read_image(request)
    started = time.perf_counter()
    check_size(image)
    explainer = find_explainer(get_recognizer())
    if explainer is None:  # a model that was published since comes without it
        raise NotFound
    with turn_of(image):
        try:
            explanation = explainer.explain(image, digit, box=box)
        except DigitrecError:
            raise
        except ValueError as error:  # the box is not in the picture
            raise BadRequest(as_sentence(str(error))) from error
    get_metrics().count_explanation(explanation.digit)
    overlay = "data:image/png;base64," + base64.b64encode(encode_png(explanation.heat())).decode("ascii")
    fields = explanation.to_dict() | {"overlay": overlay, "model": explainer.recognizer.sha256}
    return json_response(fields | {"time_ms": elapsed_ms(started)})


def _parse_digit() -> int | None:
    text = request.args.get("digit", "")
    if text and text not in DIGITS:
        raise BadRequest("The query parameter digit must be a digit from 0 to 9, or left out for the answer.")
    return int(text) if text else None


def _parse_box() -> tuple[float, float, float, float] | None:
    text = request.args.get("box", "")
    if not text:
        return None
    if not re.fullmatch(BOX_PATTERN, text, re.ASCII):
        raise BadRequest("The query parameter box must be four numbers: left,top,right,bottom, in pixels of the image.")
    left, top, right, bottom = map(float, text.split(","))
    return left, top, right, bottom
