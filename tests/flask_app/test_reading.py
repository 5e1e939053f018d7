"""`POST /api/v1/read` and its batch, and `predict` with a reading: whole numbers and photographs."""

import base64
import io

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

import digitrec
from flask_app import api, create_app
from tests.support.drawings import HEART, drawing, encoded

SETTINGS = {"TESTING": True, "DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": "", "DIGITREC_METRICS": "on"}
BLANK = encoded(np.full((40, 60), 255, np.uint8))


def number(*digits: int, side: int = 100) -> bytes:
    """Digits that stand apart on one line, black on white."""
    return encoded(np.hstack([255 - drawing(digit, size=70, thickness=9, canvas=(side, 120)) for digit in digits]))


SEVENTY_FOUR = number(7, 4)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(SETTINGS).test_client()


def url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@pytest.mark.parametrize("way", ["raw", "form", "json"])
def test_each_way_of_sending_a_picture_is_read(client, way: str) -> None:
    sent = {
        "raw": {"data": SEVENTY_FOUR, "content_type": "image/png"},
        "form": {"data": {"file": (io.BytesIO(SEVENTY_FOUR), "74.png")}},
        "json": {"json": {"image": url(SEVENTY_FOUR)}},
    }[way]
    answer = client.post("/api/v1/read", **sent)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.pop("time_ms") > 0
    read = {name: value for name, value in answer.json.items() if name != "time_ms"}
    assert read.pop("model") == digitrec.Recognizer().sha256
    assert read == digitrec.read(SEVENTY_FOUR).to_dict()
    assert read["text"] == "74"
    assert read["numbers"][0]["digits"] == [0, 1]


def test_what_the_model_saw_of_each_digit_comes_on_request(client) -> None:
    answer = client.post("/api/read?model_input=1", data=SEVENTY_FOUR, content_type="image/png").json
    for digit in answer["digits"]:
        head, data = digit["model_input"].split(",")
        assert head == "data:image/png;base64"
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            assert (picture.mode, picture.size) == ("L", (28, 28))


def test_a_picture_without_digits_is_an_empty_reading(client) -> None:
    for picture in (BLANK, encoded(255 - drawing(HEART))):
        answer = client.post("/api/read", data=picture, content_type="image/png")
        assert answer.status_code == 200
        assert (answer.json["text"], answer.json["numbers"], answer.json["digits"]) == ("", [], [])


def test_what_cannot_be_read_is_refused_as_by_predict(client) -> None:
    bodies = [
        (b"no picture", "image/png"),
        (b"", "image/png"),
        (SEVENTY_FOUR, "text/plain"),
        (b"{}", "application/json"),
    ]
    for body, kind in bodies:
        read, predicted = (client.post(f"/api/{path}", data=body, content_type=kind) for path in ("read", "predict"))
        assert read.status_code == predicted.status_code >= 400
        for name in ("code", "message"):
            assert read.json["error"][name] == predicted.json["error"][name]


def test_each_picture_of_a_batch_is_read_and_a_bad_one_fails_alone(client) -> None:
    images = [url(SEVENTY_FOUR), url(b"no picture"), "74.png", url(BLANK), url(number(1, 2, 3))]
    answer = client.post("/api/v1/read/batch?model_input=1", json={"images": images}).json
    assert answer["time_ms"] > 0
    shown = [one.get("text", one.get("error", {}).get("code")) for one in answer["answers"]]
    assert shown == ["74", "invalid_image", "bad_request", "", "123"]
    assert answer["answers"][0]["digits"][0]["model_input"].startswith("data:image/png;base64,")


def test_a_batch_of_readings_has_one_deadline(client, monkeypatch) -> None:
    monkeypatch.setattr(api, "BATCH_SECONDS", -1.0)
    answers = client.post("/api/read/batch", json={"images": [url(SEVENTY_FOUR)]}).json["answers"]
    assert answers[0]["error"]["code"] == "overloaded"


def test_an_image_over_the_limit_is_too_large() -> None:
    small = create_app(SETTINGS | {"DIGITREC_MAX_UPLOAD_MB": 1}).test_client()
    answer = small.post("/api/read", data=SEVENTY_FOUR + bytes(1_000_000), content_type="image/png")
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")


def test_readings_and_predictions_count_for_one_limit() -> None:
    strict = create_app(SETTINGS | {"DIGITREC_PREDICT_LIMIT": "2/hour", "DIGITREC_BATCH_LIMIT": "2/hour"}).test_client()
    for suffix, sent in (("", {"image": url(SEVENTY_FOUR)}), ("/batch", {"images": [url(SEVENTY_FOUR)]})):
        statuses = [strict.post(f"/api/{path}{suffix}", json=sent).status_code for path in ("read", "predict", "read")]
        assert statuses == [200, 200, 429]


def test_predict_with_reading_reads_numbers(client) -> None:
    def ask(picture: bytes, query: str = "?reading=1"):
        return client.post(f"/api/v1/predict{query}", data=picture, content_type="image/png")

    one = encoded(255 - drawing(4))
    alone = ask(one).json
    assert (alone["digit"], alone["is_digit"], alone["reading"]) == (4, True, None)
    several = ask(SEVENTY_FOUR, "?reading=1&model_input=1").json
    assert not several["is_digit"]
    assert several["reading"]["text"] == "74"
    assert all("model_input" in digit for digit in several["reading"]["digits"])
    assert ask(encoded(255 - drawing(HEART))).json["reading"]["digits"] == []
    assert "reading" not in ask(SEVENTY_FOUR, "").json
    assert ask(BLANK).status_code == 422
    assert "1 or 0" in ask(one, "?reading=perhaps").json["error"]["message"]


def test_readings_and_their_digits_are_counted() -> None:
    counted = create_app(SETTINGS).test_client()
    counted.post("/api/read", data=SEVENTY_FOUR, content_type="image/png")
    counted.post("/api/read", data=BLANK, content_type="image/png")
    counted.post("/api/predict?reading=1", data=SEVENTY_FOUR, content_type="image/png")
    families = text_string_to_metric_families(counted.get("/metrics").text)
    now = {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}
    assert now["digitrec_readings_total",] == 3
    assert now["digitrec_empty_readings_total",] == 1
    assert now["digitrec_read_digits_total", "7"] == 2
    assert now["digitrec_read_digits_total", "0"] == 0


URL_ENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["predict", "predict/batch", "read", "read/batch"])
def test_a_form_that_cannot_carry_a_picture_is_named_with_what_to_send(client, path: str) -> None:
    for body in ("picture=seven.png&note=x", "picture=data:image/png;base64,aaaa"):
        answer = client.post(f"/api/v1/{path}", data=body, content_type=URL_ENCODED)
        assert (answer.status_code, answer.json["error"]["code"]) == (415, "unsupported_type")
        message = answer.json["error"]["message"]
        assert f'the field "picture" arrived as {URL_ENCODED}' in message
        assert 'enctype="multipart/form-data"' in message
    answer = client.post(f"/api/v1/{path}", data=SEVENTY_FOUR, content_type=URL_ENCODED)
    assert "which curl sends unless it is given another" in answer.json["error"]["message"]
