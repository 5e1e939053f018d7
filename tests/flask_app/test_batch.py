"""The API under its version: the same answers as without, many pictures at once, the model's card."""

import base64
import io

import numpy as np
import pytest
from flask.testing import FlaskClient

import digitrec
from digitrec.artifacts import read_card
from flask_app import create_app
from flask_app.api import MAX_IMAGES
from tests.support.drawings import drawing, encoded

QUIET = {"TESTING": True, "DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""}
BLANK = encoded(np.zeros((40, 40), np.uint8))


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(QUIET).test_client()


def url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def form(pictures: list[bytes]) -> dict:
    return {f"picture {i}": (io.BytesIO(picture), f"{i}.png") for i, picture in enumerate(pictures)}


def test_the_version_and_the_short_address_answer_alike(client) -> None:
    picture = encoded(drawing(5))
    long, short = (
        client.post(f"{prefix}/predict", data=picture, content_type="image/png").json for prefix in ("/api/v1", "/api")
    )
    assert long.pop("time_ms") >= 0
    assert short.pop("time_ms") >= 0
    assert long == short
    assert long["digit"] == 5


@pytest.mark.parametrize("way", ["form", "json"])
def test_each_picture_of_a_batch_is_answered_as_if_alone(client, way: str) -> None:
    pictures = [encoded(drawing(digit, size=60 + 10 * digit)) for digit in range(10)]
    if way == "form":
        response = client.post("/api/v1/predict/batch", data=form(pictures))
    else:
        response = client.post("/api/v1/predict/batch", json={"images": [url(one) for one in pictures]})
    assert response.status_code == 200
    model = {"model": digitrec.Recognizer().sha256}
    assert response.json["answers"] == [digitrec.predict(picture).to_dict() | model for picture in pictures]
    assert [answer["digit"] for answer in response.json["answers"]] == [*range(10)]
    assert response.json["time_ms"] > 0
    assert response.headers["Cache-Control"] == "no-store"


def test_a_bad_picture_fails_alone(client) -> None:
    four = url(encoded(drawing(4)))
    images = [four, url(b"no picture"), url(BLANK), "http://example.org/4.png", 7, "data:text/plain;base64,aa", four]
    answers = client.post("/api/v1/predict/batch?model_input=1", json={"images": images}).json["answers"]
    codes = [answer.get("error", {}).get("code") for answer in answers]
    bad = ["invalid_image", "blank_image", "bad_request", "bad_request", "unsupported_type"]
    assert codes == [None, *bad, None]
    assert answers[0] == answers[-1]
    assert answers[0]["digit"] == 4
    assert answers[0]["model_input"].startswith("data:image/png;base64,")
    assert all(set(answer["error"]) == {"code", "message"} for answer in answers[1:-1])


def test_an_empty_file_of_a_batch_fails_alone(client) -> None:
    first, second = client.post("/api/v1/predict/batch", data=form([b"", encoded(drawing(3))])).json["answers"]
    assert first["error"]["message"] == "This file is empty."
    assert second["digit"] == 3


@pytest.mark.parametrize("count", [0, MAX_IMAGES + 1])
def test_a_batch_has_one_picture_to_sixty_four(client, count: int) -> None:
    response = client.post("/api/v1/predict/batch", json={"images": [url(BLANK)] * count})
    assert response.status_code == 400
    assert response.json["error"]["message"].startswith(f"The request holds {count} images; send 1 to 64.")
    assert client.post("/api/v1/predict/batch", json={"images": [url(BLANK)] * MAX_IMAGES}).status_code == 200


@pytest.mark.parametrize("body", [b"[]", b'{"image": "data:"}', b'{"images": "data:"}', b"{", b""])
def test_json_of_another_shape_is_refused(client, body: bytes) -> None:
    response = client.post("/api/v1/predict/batch", data=body, content_type="application/json")
    assert response.status_code == 400
    assert '"images", a list' in response.json["error"]["message"]


def test_one_picture_as_the_body_is_no_batch(client) -> None:
    response = client.post("/api/v1/predict/batch", data=encoded(drawing(2)), content_type="image/png")
    assert response.status_code == 415


def test_a_batch_may_be_larger_than_a_picture_but_not_than_its_own_limit() -> None:
    client = create_app({**QUIET, "DIGITREC_MAX_UPLOAD_MB": 1, "DIGITREC_MAX_BATCH_MB": 3}).test_client()
    large = bytes(1_200_000)
    two, four = (client.post("/api/v1/predict/batch", json={"images": [url(large)] * count}) for count in (2, 4))
    assert [answer["error"]["code"] for answer in two.json["answers"]] == ["too_large"] * 2
    assert four.status_code == 413
    assert "a batch of up to 3 MB" in four.json["error"]["message"]
    assert client.post("/api/v1/predict", data=large * 2, content_type="image/png").status_code == 413


def test_the_card_is_that_of_the_model_that_answers(client) -> None:
    response = client.get("/api/v1/model")
    assert response.json == {"sha256": digitrec.Recognizer().sha256, "card": read_card()}
    again = client.get("/api/v1/model", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_model_without_a_card_says_so(tmp_path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(digitrec.Recognizer().path.read_bytes())
    told = create_app({**QUIET, "DIGITREC_MODEL": path}).test_client().get("/api/model").json
    assert told == {"sha256": digitrec.Recognizer().sha256, "card": None}


def test_ready_without_a_database_and_with_one(client, tmp_path) -> None:
    assert client.get("/readyz").json == {"status": "ready", "model": "ok", "database": "off"}
    app = create_app({**QUIET, "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/new/corrections.db"})
    assert app.test_client().get("/readyz").json == {"status": "ready", "model": "ok", "database": "ok"}


@pytest.mark.parametrize("away", ["a folder that is a file", "a server that is not there"])
def test_not_ready_while_the_database_is_away(tmp_path, away: str) -> None:
    (tmp_path / "file").touch()
    address = {
        "a folder that is a file": f"sqlite:///{tmp_path}/file/corrections.db",
        "a server that is not there": "postgresql://nobody:secret@127.0.0.1:9/none",
    }[away]
    client = create_app({**QUIET, "DIGITREC_DATABASE_URL": address}).test_client()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json == {"status": "not ready", "model": "ok", "database": "unavailable"}
    assert response.headers["Retry-After"] == "5"
    assert client.post("/api/predict", data=encoded(drawing(6)), content_type="image/png").json["digit"] == 6
    assert client.get("/healthz").status_code == 200


def test_an_error_names_the_place_of_its_picture(client) -> None:
    images = ["data:image/png;base64,", "seven.png", 7, "data:text/plain;base64,aGk=", "data:image/png;base64,?"]
    answers = client.post("/api/v1/predict/batch", json={"images": images}).json["answers"]
    assert all(
        f"the field images[{index}] " in answer["error"]["message"].lower() for index, answer in enumerate(answers)
    )
    assert "field image must" in client.post("/api/v1/predict", json={"image": "seven.png"}).json["error"]["message"]
