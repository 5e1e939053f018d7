"""`digitrec models`: list, publish, roll back."""

import json
from pathlib import Path

import pytest

from digitrec.artifacts import read_card, version_of
from digitrec.cli import main
from tests.support.models import another_version, copy_shipped


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = copy_shipped(tmp_path / "models")
    monkeypatch.setenv("DIGITREC_MODELS_DIR", str(folder))
    return folder


def test_a_model_is_published_listed_and_rolled_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = version_of(read_card(folder))
    assert main(["models", "publish", str(another_version(tmp_path / "second", "second"))]) == 0
    second = version_of(read_card(folder))
    assert f"serves version {second[:12]} now" in capsys.readouterr().out
    assert main(["models", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:14] for line in lines[1:]] == [f"* {second[:12]}", f"  {first[:12]}"]
    assert lines[1].endswith("  second")
    assert main(["models", "roll-back"]) == 0
    assert f"serves version {first[:12]} again" in capsys.readouterr().out
    assert main(["models", "list", "--json"]) == 0
    described = {one["version"]: one["serves"] for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert described == {first: True, second: False}
    assert main(["models", "publish", second[:10]]) == 0
    assert version_of(read_card(folder)) == second


def test_a_worse_model_is_published_only_if_that_is_accepted(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_card(folder)
    figure = before["figures"]["mnist_test"]
    worse = {**figure, "accuracy": figure["accuracy"] - 0.01, "errors": figure["errors"] + 100}
    source = str(another_version(tmp_path / "worse", "worse", mnist_test=worse))
    assert main(["models", "publish", source]) == 1
    printed = capsys.readouterr()
    assert "not published: worse in test accuracy, test images wrong" in printed.err
    assert "(-1.00 percentage points, worse)" in printed.out
    assert read_card(folder) == before
    assert main(["models", "publish", source, "--accept-worse"]) == 0
    assert read_card(folder)["training"]["run"] == "worse"


def test_an_empty_folder_takes_a_first_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(another_version(tmp_path / "second", "second"))
    monkeypatch.setenv("DIGITREC_MODELS_DIR", str(tmp_path / "new"))
    assert main(["models", "list"]) == 0
    assert capsys.readouterr().out == f"no model in {tmp_path / 'new'}\n"
    assert main(["models", "publish", source]) == 0
    assert read_card(tmp_path / "new")["training"]["run"] == "second"
    assert main(["models", "roll-back"]) == 1
    assert "no record of a version before" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    source = str(another_version(tmp_path / "second", "second"))
    assert main(["models", "publish", source, "--models", str(tmp_path / "file" / "models")]) == 1
    assert "cannot be written" in capsys.readouterr().err
