"""A server that takes another model while it answers."""

import shutil
import threading
from pathlib import Path

import pytest

from digitrec.artifacts import CARD_NAME, MODEL_NAME, file_digests, read_card
from digitrec.publication.candidate import check_candidate, publish
from digitrec.publication.replace import roll_back
from flask_app import create_app, served_models
from flask_app.served_models import FollowedModel
from tests.support.drawings import drawing, encoded
from tests.support.models import another_version, copy_shipped

PICTURE = encoded(255 - drawing(4))


@pytest.fixture(autouse=True)
def looks_at_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_models, "CHECK_SECONDS", 0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_shipped(tmp_path / "models")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return another_version(tmp_path / "second", "second")


def network(folder: Path) -> str:
    return file_digests(read_card(folder))[MODEL_NAME]


def test_the_next_request_after_a_publication_is_answered_by_the_new_model(folder: Path, second: Path) -> None:
    app = create_app({"DIGITREC_MODEL": str(folder / MODEL_NAME), "DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""})
    client = app.test_client()
    first = network(folder)
    assert client.get("/api/model").json["sha256"] == first
    publish(folder, check_candidate(folder, str(second)))
    assert client.post("/api/predict", data=PICTURE, content_type="image/png").json["digit"] == 4
    assert client.get("/api/model").json == {"sha256": network(second), "card": read_card(folder)}
    roll_back(folder)
    assert client.get("/api/model").json["sha256"] == first


def test_a_model_is_loaded_once_for_a_publication(folder: Path, second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = FollowedModel(folder / MODEL_NAME)
    assert model.current() is model.current()
    publish(folder, check_candidate(folder, str(second)))
    now = model.current()
    assert now.sha256 == network(second)
    for name in (CARD_NAME, MODEL_NAME):
        (folder / name).touch()
    assert model.current() is now


def test_the_files_are_looked_at_now_and_then(folder: Path, second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = FollowedModel(folder / MODEL_NAME)
    monkeypatch.setattr(served_models, "CHECK_SECONDS", 3600.0)
    old = model.current()
    publish(folder, check_candidate(folder, str(second)))
    assert model.current() is old
    monkeypatch.setattr(model, "_check_at", 0.0)  # an hour later
    assert model.current().sha256 == network(second)


def test_requests_are_answered_by_the_old_model_while_the_new_one_is_loaded(
    folder: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FollowedModel(folder / MODEL_NAME)
    old = model.current()
    loading, go_on = threading.Event(), threading.Event()
    load = model._load

    def load_slowly() -> None:
        loading.set()
        assert go_on.wait(30)
        load()

    monkeypatch.setattr(model, "_load", load_slowly)
    publish(folder, check_candidate(folder, str(second)))
    first = threading.Thread(target=model.current)
    first.start()
    assert loading.wait(30)
    assert model.current() is old
    go_on.set()
    first.join()
    assert model.current().sha256 == network(second)


def test_a_model_that_cannot_be_served_leaves_the_old_one(folder: Path, second: Path, tmp_path: Path) -> None:
    model = FollowedModel(folder / MODEL_NAME)
    old = model.current()
    shutil.copy(second / CARD_NAME, folder)  # by hand, one file after the other
    assert model.current() is old
    shutil.copy(second / MODEL_NAME, folder)
    assert model.current().sha256 == network(second)
    (folder / MODEL_NAME).unlink()
    assert model.current().sha256 == network(second)


def test_a_model_without_a_card_is_followed_too(folder: Path, second: Path) -> None:
    (folder / CARD_NAME).unlink()
    model = FollowedModel(folder / MODEL_NAME)
    shutil.copy(second / MODEL_NAME, folder)
    assert model.current().sha256 == network(second)
