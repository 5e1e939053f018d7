"""The whole loop: a wrong answer is put right, reviewed, exported, and trained on, as far as it may be."""

import base64
import re
import sys

import keras
import numpy as np
import pytest
from werkzeug.security import generate_password_hash

import digitrec
import training.train
from digitrec.learning.data import mnist
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.runs.run import list_runs
from flask_app import create_app
from flask_app.extensions import get_corrections
from tests.support.drawings import drawing, encoded
from tests.support.small_data import bars

PASSWORD = "correct horse"


def frame(picture: bytes) -> np.ndarray:
    return np.rint(255 * digitrec.predict(picture).model_input).astype(np.uint8)


@pytest.fixture
def people():
    """Clients of one server: somebody who draws, and the reviewer."""
    app = create_app(
        {
            "DIGITREC_LOG_FILE": "",
            "DIGITREC_DATABASE_URL": "sqlite:///loop.db",
            "DIGITREC_REVIEW_PASSWORD_HASH": generate_password_hash(PASSWORD),
            "DIGITREC_SECRET_KEY": "k" * 32,
        }
    )
    reviewer = app.test_client()
    reviewer.post("/review/login", data={"password": PASSWORD, "csrf_token": token(reviewer, "login")})
    yield app, app.test_client(), reviewer
    get_corrections(app).database.close()


def token(client, page: str = "") -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/review/{page}").text)[1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train.py"])
    keras.utils.disable_interactive_logging()
    yield tmp_path
    keras.utils.enable_interactive_logging()


def test_accepted_corrections_are_trained_on_except_test_images_and_repeats(folder, people, monkeypatch, capsys):
    app, visitor, reviewer = people
    pictures = {name: encoded(255 - drawing(9, size=size)) for name, size in (("new", 120), ("twice", 90))}
    pictures["known"] = encoded(255 - drawing(9, size=230, thickness=40))
    pictures["rejected"] = encoded(255 - drawing(9, size=60))
    assert len({frame(picture).tobytes() for picture in pictures.values()}) == 4

    for key, name in enumerate(["new", "twice", "twice", "known", "rejected"]):
        url = "data:image/png;base64," + base64.b64encode(pictures[name]).decode()
        assert visitor.post("/api/v1/predict", json={"image": url}).json["digit"] == 9
        sent = {"image": url, "label": 4, "key": f"k{key}", "keep_drawing": True}  # "no, that was a 4"
        assert visitor.post("/api/v1/feedback", json=sent).status_code == 201
    csrf = token(reviewer)
    numbers = sorted(map(int, re.findall(r'id="c(\d+)"', reviewer.get("/review/").text)))
    for number, decision in zip(numbers, ["accept", "accept", "accept", "accept", "reject"], strict=True):
        assert reviewer.post(f"/review/{number}", data={"decision": decision, "csrf_token": csrf}).status_code == 303

    done = app.test_cli_runner().invoke(args=["corrections", "export", "out.csv"])
    assert done.exit_code == 0, done.output
    exported = load_csv("out.csv")
    assert exported.labels.tolist() == [4] * 4
    np.testing.assert_array_equal(exported.images[0], frame(pictures["new"]))

    # One of the drawings is among MNIST's test images, as if somebody had drawn from them.
    test = bars(50, seed=2)
    test = Examples(
        np.concatenate([test.images, frame(pictures["known"])[np.newaxis]]), np.append(test.labels, np.uint8(4))
    )
    monkeypatch.setattr(mnist, "load_mnist", lambda: (bars(300, seed=1), test))
    tiny = ["--epochs", "1", "--batch-size", "16", "--width", "4", "--name", "loop"]
    assert training.train.main([*tiny, "--csv", "out.csv"]) == 0
    (run,) = list_runs()
    data = run.read_json("provenance.json")["data"]
    assert data["test_images_dropped"] == 1
    assert data["duplicates_dropped"] == 1
    assert data["sources"]["out.csv"] == 2
    assert "dropped 1 row that is an MNIST test image" in capsys.readouterr().err
