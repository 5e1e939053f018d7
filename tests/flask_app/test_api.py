"""`POST /api/predict`: the three ways to send a picture, the answer, and every refusal."""

import base64
import io
import logging

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from digitrec import ModelIntegrityError, Prediction
from digitrec.ink import ink_from
from flask_app import create_app

QUIET = {"TESTING": True, "DIGITREC_LOG_FILE": ""}


class AlwaysSeven:
    """Refuses what the real recognizer refuses, and answers 7 to the rest, with a doubt of one's choice."""

    sha256 = "a" * 64
    card = None

    def __init__(self, doubt: float = 0.125) -> None:
        self.doubt = doubt

    def predict(self, image: bytes) -> Prediction:
        ink_from(image)
        probabilities = np.full(10, 0.01, np.float32)
        probabilities[7] = 0.91
        frame = np.zeros((28, 28), np.float32)
        frame[4:24, 13] = 1.0
        frame[4, 13] = 0.5
        return Prediction(7, float(probabilities[7]), probabilities, self.doubt, frame)


class Raises:
    """A recognizer that fails in a way of one's choice."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def predict(self, image: bytes) -> Prediction:
        raise self.error


def drawing(kind: str = "PNG", *, ink: bool = True, size: int = 64) -> bytes:
    picture = Image.new("RGB", (size, size), "white")
    if ink:
        ImageDraw.Draw(picture).line((10, 10, 50, 10, 30, 55), "black", 6)
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.fixture
def app() -> Flask:
    return create_app(QUIET, AlwaysSeven())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def refusal(response, status: int, code: str) -> str:
    """Check an error's whole shape; returns its message."""
    assert response.status_code == status
    assert response.content_type == "application/json"
    assert set(response.json) == {"error"}
    error = response.json["error"]
    assert set(error) == {"code", "message", "request_id"}
    assert error["code"] == code
    assert error["request_id"] == response.headers["X-Request-ID"]
    assert error["message"][0].isupper()
    assert "Traceback" not in error["message"]
    return error["message"]


WAYS = {
    "raw": {"data": drawing(), "content_type": "image/png"},
    "raw jpeg": {"data": drawing("JPEG"), "content_type": "image/jpeg"},
    "raw bytes": {"data": drawing(), "content_type": "application/octet-stream"},
    "json": {"json": {"image": data_url(drawing())}},
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_sending_a_picture_is_answered(client: FlaskClient, way: str) -> None:
    response = client.post("/api/predict", **WAYS[way])
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    answer = response.json
    assert set(answer) == {"digit", "confidence", "is_digit", "doubt", "probabilities", "model", "time_ms"}
    assert answer["digit"] == 7
    assert answer["confidence"] == pytest.approx(0.91)
    assert answer["is_digit"] is True
    assert answer["doubt"] == 0.125
    assert len(answer["probabilities"]) == 10
    assert answer["time_ms"] >= 0


@pytest.mark.parametrize(("doubt", "is_digit"), [(0.25, True), (0.5, False), (0.75, False)])
def test_a_doubted_answer_keeps_its_best_guess(doubt: float, is_digit: bool) -> None:
    client = create_app(QUIET, AlwaysSeven(doubt)).test_client()
    answer = client.post("/api/predict", **WAYS["raw"]).json
    assert (answer["is_digit"], answer["doubt"]) == (is_digit, doubt)
    assert (answer["digit"], answer["confidence"]) == (7, pytest.approx(0.91))


@pytest.mark.parametrize("field", ["file", "image"])
def test_a_form_may_call_its_file_anything(client: FlaskClient, field: str) -> None:
    form = {field: (io.BytesIO(drawing()), "seven.png")}
    assert client.post("/api/predict", data=form).json["digit"] == 7


def test_the_picture_is_handed_over_byte_for_byte() -> None:
    arrived = []

    class Spy(AlwaysSeven):
        def predict(self, image: bytes) -> Prediction:
            arrived.append(image)
            return super().predict(image)

    client = create_app(QUIET, Spy()).test_client()
    sent = drawing()
    client.post("/api/predict", data=sent, content_type="image/png")
    client.post("/api/predict", data={"file": (io.BytesIO(sent), "a.png")})
    client.post("/api/predict", json={"image": data_url(sent)})
    assert arrived == [sent, sent, sent]


@pytest.mark.parametrize("flag", ["1", "true"])
def test_what_the_model_saw_comes_on_request_as_a_png(client: FlaskClient, flag: str) -> None:
    answer = client.post(f"/api/predict?model_input={flag}", **WAYS["raw"]).json
    head, data = answer["model_input"].split(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (28, 28))
        pixels = np.asarray(picture)
    assert pixels[10, 13] == 255
    assert pixels[4, 13] == 128
    assert pixels[0, 0] == 0


def test_a_flag_that_is_neither_yes_nor_no_is_refused(client: FlaskClient) -> None:
    assert "model_input" not in client.post("/api/predict?model_input=0", **WAYS["raw"]).json
    response = client.post("/api/predict?model_input=perhaps", **WAYS["raw"])
    assert "1 or 0" in refusal(response, 400, "bad_request")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_blank_canvas_has_no_digit(client: FlaskClient, kind: str) -> None:
    body = drawing(kind, ink=False)
    response = client.post("/api/predict", data=body, content_type=f"image/{kind.lower()}")
    assert "no ink" in refusal(response, 422, "blank_image").lower()


@pytest.mark.parametrize("body", [b"<svg/>", b"not a picture", drawing()[:40]])
def test_files_that_are_no_image_are_refused(client: FlaskClient, body: bytes) -> None:
    response = client.post("/api/predict", data=body, content_type="image/png")
    message = refusal(response, 400, "invalid_image")
    assert body.decode("latin-1") not in message


@pytest.mark.parametrize("way", ["raw", "form", "json"])
def test_a_picture_over_the_limit_is_too_large(way: str) -> None:
    client = create_app(QUIET | {"DIGITREC_MAX_UPLOAD_MB": 1}, AlwaysSeven()).test_client()
    big = drawing() + bytes(1_000_000)
    # Written out, for the test client would leave a temporary file open.
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + big + b"\r\n--x--\r\n"
    request = {
        "raw": {"data": big, "content_type": "image/png"},
        "form": {"data": form, "content_type": "multipart/form-data; boundary=x"},
        "json": {"json": {"image": data_url(big)}},
    }[way]
    assert "1 MB" in refusal(client.post("/api/predict", **request), 413, "too_large")
    just_fits = drawing() + bytes(990_000)
    response = client.post("/api/predict", json={"image": data_url(just_fits)})
    assert response.status_code == 200


def test_a_body_far_over_the_limit_is_too_large() -> None:
    client = create_app(QUIET | {"DIGITREC_MAX_UPLOAD_MB": 1}, AlwaysSeven()).test_client()
    response = client.post("/api/predict", data=bytes(3_000_000), content_type="image/png")
    assert "1 MB" in refusal(response, 413, "too_large")


def test_a_picture_that_unpacks_to_too_many_pixels_is_too_large(client: FlaskClient) -> None:
    bomb = io.BytesIO()
    Image.new("1", (8000, 8000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    response = client.post("/api/predict", data=bomb.getvalue(), content_type="image/png")
    refusal(response, 413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_of_a_wrong_type_is_refused(client: FlaskClient, kind: str | None) -> None:
    response = client.post("/api/predict", data=drawing(), content_type=kind)
    assert "image/png" in refusal(response, 415, "unsupported_type")


def test_a_data_url_of_a_wrong_type_is_refused(client: FlaskClient) -> None:
    response = client.post("/api/predict", json={"image": data_url(b"hello", "text/plain")})
    refusal(response, 415, "unsupported_type")


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        "{not json",
        "null",
        '{"image": 7}',
        '{"picture": "data:image/png;base64,"}',
        '{"image": "seven.png"}',
        '{"image": "data:image/png,plain"}',
        '{"image": "data:image/png;base64,@@@@"}',
        '{"image": "data:image/png;base64,Zm9vY"}',
        '{"image": "data:image/png;base64,\\u00e9"}',
        '{"image": "data:image/png;base64,"}',
        '{"image": "data:image/png;base64,Zm9v", "model_input": true}',
    ],
)
def test_json_of_another_shape_is_refused(client: FlaskClient, body: str) -> None:
    response = client.post("/api/predict", data=body, content_type="application/json")
    refusal(response, 400, "bad_request")


def test_an_empty_request_is_refused(client: FlaskClient) -> None:
    refusal(client.post("/api/predict", data=b"", content_type="image/png"), 400, "bad_request")
    response = client.post("/api/predict", data={"file": (io.BytesIO(b""), "a.png")})
    refusal(response, 400, "bad_request")


@pytest.mark.parametrize("count", [0, 2])
def test_a_form_holds_exactly_one_file(client: FlaskClient, count: int) -> None:
    form = {f"file{i}": (io.BytesIO(drawing()), "a.png") for i in range(count)}
    response = client.post("/api/predict", data=form | {"note": "x"}, content_type="multipart/form-data")
    assert f"{count} images" in refusal(response, 400, "bad_request")


def test_an_unknown_address_under_the_api_answers_in_json(client: FlaskClient) -> None:
    refusal(client.get("/api/nothing"), 404, "not_found")
    refusal(client.get("/api/v1/nothing"), 404, "not_found")


def test_a_wrong_method_is_refused_and_the_right_one_named(client: FlaskClient) -> None:
    response = client.get("/api/predict")
    refusal(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("secret of the house"), ModelIntegrityError("/secret/of/the/house.onnx")],
)
def test_a_failure_is_logged_with_its_traceback_which_the_client_never_sees(error: Exception, tmp_path) -> None:
    log = tmp_path / "web.log"
    # Not in testing mode, in which Flask would raise the error in the test instead.
    app = create_app({"DIGITREC_LOG_FILE": log}, Raises(error))
    response = app.test_client().post("/api/predict", **WAYS["raw"])
    message = refusal(response, 500, "internal_error")
    assert "secret" not in message
    assert "secret" not in response.text
    logging.shutdown()
    logged = log.read_text("utf-8")
    assert "Traceback" in logged
    assert "secret" in logged
    assert f"failure id={response.headers['X-Request-ID']} route=/api/predict" in logged
