"""POST /api/v1/explain: the map of the answer, or of another digit, under the limits of /predict."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from flask_app import create_app
from flask_app.explanations import find_explainer
from tests.flask_app.test_api import QUIET, AlwaysSeven
from tests.support.drawings import drawing, encoded

FOUR = encoded(255 - drawing(4, canvas=(120, 100), size=80, thickness=8))


@pytest.fixture(scope="module")
def client():
    config = {**QUIET, "DIGITREC_DATABASE_URL": "", "DIGITREC_METRICS": "on", "DIGITREC_EXPLAIN_LIMIT": ""}
    return create_app(config).test_client()


def post(client, body=FOUR, query="", kind="image/png"):
    return client.post(f"/api/v1/explain{query}", data=body, content_type=kind)


def test_the_answer_is_explained(client) -> None:
    answer = post(client).json
    assert (answer["digit"], answer["predicted"]) == (4, 4)
    assert answer["probability"] > 0.5
    assert answer["model"] == post_to_predict(client)["model"]
    assert (answer["finding"] is None) == (answer["sentence"] == "")
    assert np.shape(answer["frame_map"]) == (28, 28)
    assert np.abs(answer["frame_map"]).max() == 1
    head, _, data = answer["overlay"].partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as overlay:
        assert (overlay.mode, overlay.size) == ("RGBA", (120, 100))
        assert overlay.getextrema()[3] == (0, pytest.approx(217, abs=25))


def test_another_digit_and_json(client) -> None:
    body = json.dumps({"image": "data:image/png;base64," + base64.b64encode(FOUR).decode()})
    answer = post(client, body, "?digit=9", "application/json").json
    assert (answer["digit"], answer["predicted"]) == (9, 4)
    assert 'digitrec_explanations_total{digit="9"} 1.0' in client.get("/metrics").text


def post_to_predict(client):
    return client.post("/api/v1/predict", data=FOUR, content_type="image/png").json


@pytest.mark.parametrize("digit", ["10", "-1", "four", "4.0", "٤"])
def test_digits_out_of_range_are_refused(client, digit: str) -> None:
    answer = client.post("/api/v1/explain", data=FOUR, content_type="image/png", query_string={"digit": digit})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")
    assert "0 to 9" in answer.json["error"]["message"]


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "0,0,900,50", "5,5,5,5", "1,2,3,4,5", "-1,0,5,5"])
def test_invalid_boxes_are_refused(client, box: str) -> None:
    answer = client.post("/api/v1/explain", data=FOUR, content_type="image/png", query_string={"box": box})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")
    assert "left" in answer.json["error"]["message"]


def test_a_box_without_ink_is_a_blank_image(client) -> None:
    answer = client.post("/api/v1/explain?box=0,0,15,15", data=FOUR, content_type="image/png")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "blank_image")
    assert "nothing in this box" in answer.json["error"]["message"]


def test_the_digit_in_a_box_is_explained(client) -> None:
    assert post(client, query="?box=20,5,100,95").json["predicted"] == 4


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"not a picture", "image/png", 400, "invalid_image"),
        (FOUR, "text/plain", 415, "unsupported_type"),
        (encoded(np.full((30, 30), 255, np.uint8)), "image/png", 422, "blank_image"),
    ],
)
def test_errors_are_those_of_predict(client, body, kind, status, code) -> None:
    for path in ("explain", "predict"):
        answer = client.post(f"/api/v1/{path}", data=body, content_type=kind)
        assert (answer.status_code, answer.json["error"]["code"]) == (status, code)


def test_its_rate_is_limited() -> None:
    config = {**QUIET, "DIGITREC_DATABASE_URL": "", "DIGITREC_EXPLAIN_LIMIT": "1/hour"}
    client = create_app(config).test_client()
    assert post(client).status_code == 200
    assert post(client).status_code == 429


def test_a_model_that_comes_without_has_no_such_address() -> None:
    assert find_explainer(AlwaysSeven()) is None
    client = create_app(QUIET, AlwaysSeven()).test_client()
    assert post(client).status_code == 404
    assert "/api/v1/explain" not in client.get("/openapi.json").json["paths"]
