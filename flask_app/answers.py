"""Answers of the API as JSON."""

import base64
import time
from typing import Any

import numpy as np
from flask import Response, jsonify, request
from numpy.typing import NDArray
from PIL import Image
from werkzeug.exceptions import BadRequest

from digitrec import Prediction, Reading
from digitrec.training_rows import frame_pixels
from flask_app.png import encode_png

FLAGS = {"": False, "0": False, "false": False, "1": True, "true": True}
"""Values of a query parameter that is on or off."""


def parse_flag(name: str) -> bool:
    """Read a query parameter that is on or off.

    Raises:
        BadRequest: It is neither.
    """
    if not request.query_string:  # as with every live answer: nothing to parse
        return False
    try:
        return FLAGS[request.args.get(name, "")]
    except KeyError:
        raise BadRequest(f"The query parameter {name} must be 1 or 0.") from None


def prediction_fields(prediction: Prediction, model: str, *, with_input: bool) -> dict[str, Any]:
    """A prediction as JSON, with the SHA-256 of its model; `with_input` adds the 28x28 image that the model saw."""
    return prediction.to_dict() | {"model": model} | _input_field(prediction.model_input, with_input)


def reading_fields(reading: Reading, *, with_input: bool) -> dict[str, Any]:
    """A reading as JSON; `with_input` adds to each digit the 28x28 image that the model saw."""
    fields = reading.to_dict()
    fields["digits"] = [
        described | _input_field(one.model_input, with_input)
        for described, one in zip(fields["digits"], reading.digits, strict=True)
    ]
    return fields


def json_response(body: dict[str, Any]) -> Response:
    """An answer to an image, which nobody keeps."""
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def elapsed_ms(started: float) -> float:
    """Milliseconds since a time of `time.perf_counter`."""
    return round(1000 * (time.perf_counter() - started), 2)


def _input_field(frame: NDArray[np.float32], with_input: bool) -> dict[str, str]:
    return {"model_input": _frame_data_url(frame)} if with_input else {}


def _frame_data_url(frame: NDArray[np.float32]) -> str:
    """The (28, 28) frame, 0 to 1, as the data URL of a PNG: white ink on black, as in MNIST."""
    return "data:image/png;base64," + base64.b64encode(encode_png(Image.fromarray(frame_pixels(frame)))).decode("ascii")
