"""Where models live, and what happens when one and its card do not fit together."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from digitrec import ModelIntegrityError, ModelNotFoundError, Recognizer, artifacts
from digitrec.artifacts import CARD_NAME, MODEL_NAME, model_path, models_dir, read_card, read_model, sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model and its card."""
    for name in (MODEL_NAME, CARD_NAME):
        shutil.copy(models_dir() / name, tmp_path / name)
    return tmp_path


def write_card(folder: Path, card: Any) -> None:
    (folder / CARD_NAME).write_text(card if isinstance(card, str) else json.dumps(card), encoding="utf-8")


def test_the_variable_names_the_folder_of_the_model_that_serves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITREC_MODELS_DIR", str(folder))
    assert models_dir() == folder
    assert Recognizer().predict(np.eye(28, dtype=np.float32)).probabilities.shape == (10,)
    monkeypatch.setenv("DIGITREC_MODELS_DIR", str(folder / "gone"))
    with pytest.raises(ModelNotFoundError, match="gone"):
        Recognizer().predict(np.eye(28, dtype=np.float32))
    monkeypatch.setenv("DIGITREC_MODELS_DIR", "")
    assert models_dir().name == "models"


def test_sha256() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_shipped_files_are_the_ones_the_card_describes() -> None:
    described = read_card()["artifacts"]
    assert MODEL_NAME in described
    for name, entry in described.items():
        data = (models_dir() / name).read_bytes()
        assert (entry["sha256"], entry["bytes"]) == (sha256(data), len(data)), name


def test_the_models_of_a_wheel_lie_inside_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "digitrec"
    package.mkdir(parents=True)
    monkeypatch.setattr(artifacts, "__file__", str(package / "artifacts.py"))
    assert models_dir() == tmp_path / "site-packages" / "models"  # a checkout
    (package / "models").mkdir()
    assert models_dir() == package / "models"
    assert model_path() == package / "models" / MODEL_NAME


def test_a_model_that_fits_its_card(folder: Path) -> None:
    assert read_model(folder / MODEL_NAME) == model_path().read_bytes()


def test_a_model_that_its_card_does_not_list(folder: Path) -> None:
    (folder / MODEL_NAME).rename(folder / "own.onnx")
    assert Recognizer(folder / "own.onnx").path == folder / "own.onnx"


def test_a_model_without_a_card(folder: Path) -> None:
    (folder / CARD_NAME).unlink()
    assert read_model(folder / MODEL_NAME) == model_path().read_bytes()
    with pytest.raises(ModelNotFoundError, match=r"no model card at .*card\.json; export a model with: python -m"):
        read_card(folder)


@pytest.mark.parametrize("change", ["truncated", "swapped", "one bit", "empty"])
def test_a_model_that_is_not_the_one_of_its_card(folder: Path, change: str) -> None:
    data = model_path().read_bytes()
    flipped = data[:300_000] + bytes([data[300_000] ^ 1]) + data[300_001:]
    changed = {"truncated": data[:-1], "swapped": b"another", "one bit": flipped, "empty": b""}[change]
    (folder / MODEL_NAME).write_bytes(changed)
    with pytest.raises(ModelIntegrityError, match="is not the file its card describes") as refusal:
        Recognizer(folder / MODEL_NAME)
    message = str(refusal.value)
    assert sha256(changed)[:12] in message
    assert sha256(data)[:12] in message
    assert "restore both, or export again" in message


@pytest.mark.parametrize("entry", [{}, {"sha256": None}, {"sha256": 7}, None, "a sum", ["a sum"]])
def test_a_card_whose_entry_does_not_describe_the_file(folder: Path, entry: Any) -> None:
    write_card(folder, {"artifacts": {MODEL_NAME: entry}})
    with pytest.raises(ModelIntegrityError, match="is not the file its card describes"):
        read_model(folder / MODEL_NAME)


@pytest.mark.parametrize(
    ("card", "message"),
    [
        ("", "is not JSON"),
        ("{'artifacts': {}}", "is not JSON"),
        ('{"artifacts": {', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ([], "lists no artefacts"),
        ("null", "lists no artefacts"),
        ({"name": "digitrec"}, "lists no artefacts"),
        ({"artifacts": ["digitrec.onnx"]}, "lists no artefacts"),
    ],
    ids=["empty", "Python", "truncated", "too deep", "list", "null", "without artefacts", "list of artefacts"],
)
def test_a_card_that_is_none(folder: Path, card: Any, message: str) -> None:
    write_card(folder, card)
    for read in (lambda: read_card(folder), lambda: read_model(folder / MODEL_NAME)):
        with pytest.raises(ModelIntegrityError, match=rf"card\.json {message}.*; restore it or export again"):
            read()


def test_a_card_of_raw_bytes(folder: Path) -> None:
    (folder / CARD_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelIntegrityError, match="is not JSON"):
        read_card(folder)


def test_a_card_that_is_a_folder(folder: Path) -> None:
    (folder / CARD_NAME).unlink()
    (folder / CARD_NAME).mkdir()
    with pytest.raises(ModelIntegrityError, match=r"card\.json cannot be read \(Is a directory\)"):
        Recognizer(folder / MODEL_NAME)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.onnx", "No such file or directory"),
        ("nowhere/missing.onnx", "No such file or directory"),
        ("", "Is a directory"),
        ("null\0byte.onnx", "null byte"),
        ("long" * 1000, "File name too long"),
    ],
)
def test_a_missing_model_is_named(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ModelNotFoundError, match=rf"no model at .*{reason}.*python -m training\.export RUN"):
        Recognizer(tmp_path / name)
