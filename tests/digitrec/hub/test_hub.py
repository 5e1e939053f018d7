"""Pushing models and corrections to the Hub, and pulling a model back: with a Hub that is a folder here."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from digitrec import Recognizer
from digitrec.artifacts import CARD_NAME, MODEL_NAME, read_card
from digitrec.cli import main
from digitrec.hub import connection
from digitrec.training_rows import CSV_HEADER, csv_row
from tests.support.models import another_version, copy_shipped


class FakeHub:
    """A Hub that keeps repositories in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.made = folder, []

    def create_repo(self, repo_id: str, *, repo_type: str, private: bool, exist_ok: bool) -> None:
        assert exist_ok
        self.made.append((repo_id, repo_type, private))

    def upload_folder(self, *, repo_id: str, repo_type: str, folder_path: Path, delete_patterns: list[str], **_: Any):
        target = self.folder / repo_type / repo_id
        for pattern in delete_patterns if target.exists() else []:
            for path in target.glob(pattern):
                path.unlink()
        shutil.copytree(folder_path, target, dirs_exist_ok=True)

    def snapshot_download(self, repo_id: str, *, revision: str | None, local_dir: Path, allow_patterns: list[str]):
        source = self.folder / "model" / repo_id
        if not source.is_dir():
            raise RuntimeError("404 Client Error. (Request ID: x)\n\nRepository Not Found")
        for pattern in allow_patterns:
            for path in source.glob(pattern):
                shutil.copy(path, local_dir)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    fake = FakeHub(tmp_path / "hub")
    monkeypatch.setattr(connection, "connect", lambda: fake)
    return fake


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = copy_shipped(tmp_path / "models")
    monkeypatch.setenv("DIGITREC_MODELS_DIR", str(folder))
    return folder


def front_matter(text: str) -> dict[str, Any]:
    return yaml.safe_load(re.match(r"---\n(.*?)---\n", text, re.DOTALL)[1])


def test_a_model_is_pushed_and_pulled_back_by_its_name(hub: FakeHub, models: Path, tmp_path: Path, capsys) -> None:
    assert main(["push", "ada/digits", "--private"]) == 0
    assert hub.made == [("ada/digits", "model", True)]
    assert capsys.readouterr().out.endswith("pushed to https://huggingface.co/ada/digits\n")
    pushed = hub.folder / "model" / "ada" / "digits"
    card = read_card(models)
    assert {path.name for path in pushed.iterdir()} == {*card["artifacts"], CARD_NAME, "README.md"}
    assert main(["pull", "ada/digits", "--out", str(tmp_path / "pulled")]) == 0
    assert read_card(tmp_path / "pulled") == card
    assert Recognizer(tmp_path / "pulled" / MODEL_NAME).sha256 == Recognizer().sha256


def test_the_readme_has_the_figures_of_the_card_where_the_hub_looks_for_them(
    hub: FakeHub, models: Path, tmp_path: Path
) -> None:
    assert main(["push", "ada/digits"]) == 0
    text = (hub.folder / "model" / "ada" / "digits" / "README.md").read_text(encoding="utf-8")
    described = front_matter(text)
    assert (described["license"], described["pipeline_tag"]) == ("mit", "image-classification")
    (model,) = described["model-index"]
    accuracies = {one["dataset"]["name"]: one["metrics"][0]["value"] for one in model["results"]}
    assert accuracies["mnist_test"] == pytest.approx(read_card(models)["figures"]["mnist_test"]["accuracy"])
    assert all(one["sha256"] in text for one in read_card(models)["artifacts"].values())


def test_what_an_earlier_push_left_goes(hub: FakeHub, models: Path, tmp_path: Path) -> None:
    assert main(["push", "ada/digits"]) == 0
    second = another_version(tmp_path / "second", "second")
    assert main(["push", "ada/digits", "--models", str(second)]) == 0
    left = {path.name for path in (hub.folder / "model" / "ada" / "digits").iterdir()}
    assert left == {MODEL_NAME, CARD_NAME, "README.md"}


def test_a_dry_run_shows_what_would_go_and_asks_nobody(models: Path, monkeypatch, capsys) -> None:
    def no_network() -> None:
        raise AssertionError("a dry run needs no Hub")

    monkeypatch.setattr(connection, "connect", no_network)
    assert main(["push", "ada/digits", "--dry-run"]) == 0
    printed = capsys.readouterr().out
    for name, entry in read_card(models)["artifacts"].items():
        assert f"{entry['bytes']:12,}  {name}" in printed
    assert "# ada/digits" in printed
    assert "dry run: nothing was pushed to the model repository ada/digits" in printed


def test_a_hub_that_cannot_be_reached_is_an_error_with_a_way_out(models: Path, monkeypatch, capsys) -> None:
    def no_network() -> None:
        raise OSError("Temporary failure in name resolution")

    monkeypatch.setattr(connection, "connect", no_network)
    assert main(["push", "ada/digits"]) == 1
    error = capsys.readouterr().err
    assert "ada/digits was not pushed: Temporary failure in name resolution" in error
    assert "--dry-run" in error


@pytest.mark.parametrize("name", ["digits", "a/b/c", "../x", "ada/", "https://huggingface.co/ada/digits"])
def test_a_name_that_is_none_is_refused(name: str, models: Path, capsys) -> None:
    for command in ("push", "pull"):
        assert main([command, name]) == 1
        assert "write OWNER/NAME" in capsys.readouterr().err


def test_missing_foreign_and_damaged_models_are_not_pulled(hub: FakeHub, tmp_path: Path, capsys) -> None:
    assert main(["pull", "ada/gone", "--out", str(tmp_path / "out")]) == 1
    assert "ada/gone was not pulled: 404 Client Error" in capsys.readouterr().err
    other = hub.folder / "model" / "ada" / "other"
    other.mkdir(parents=True)
    assert main(["pull", "ada/other", "--out", str(tmp_path / "out")]) == 1
    assert "it is no model of digitrec" in capsys.readouterr().err
    copy_shipped(hub.folder / "model" / "ada" / "damaged")
    (hub.folder / "model" / "ada" / "damaged" / MODEL_NAME).write_bytes(b"damaged")
    assert main(["pull", "ada/damaged", "--out", str(tmp_path / "out")]) == 1
    assert "not the file its card describes" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_corrections_are_pushed_as_a_data_set(hub: FakeHub, tmp_path: Path) -> None:
    csv = tmp_path / "mine.csv"
    rows = [csv_row(digit, np.full(784, digit, np.uint8)) for digit in range(3)]
    csv.write_text(CSV_HEADER + "".join(rows), encoding="utf-8")
    (tmp_path / "mine-negatives.csv").write_text(CSV_HEADER + csv_row(10, [9] * 784), encoding="utf-8")
    assert main(["push", "ada/corrections", "--corrections", str(csv), "--licence", "cc0-1.0"]) == 0
    assert hub.made == [("ada/corrections", "dataset", False)]
    pushed = hub.folder / "dataset" / "ada" / "corrections"
    assert (pushed / "corrections.csv").read_bytes() == csv.read_bytes()
    text = (pushed / "README.md").read_text(encoding="utf-8")
    described = front_matter(text)
    assert described["license"] == "cc0-1.0"
    splits = {one["split"]: one["path"] for one in described["configs"][0]["data_files"]}
    assert splits == {"corrections": "corrections.csv", "corrections_negatives": "corrections-negatives.csv"}
    assert "| `corrections.csv` | 3 |" in text


def test_no_corrections_are_no_data_set(hub: FakeHub, tmp_path: Path, capsys) -> None:
    (tmp_path / "empty.csv").write_text(CSV_HEADER, encoding="utf-8")
    assert main(["push", "ada/corrections", "--corrections", str(tmp_path / "empty.csv")]) == 1
    assert "accept some at /review first" in capsys.readouterr().err
    assert main(["push", "ada/corrections", "--corrections", str(tmp_path / "gone.csv")]) == 1
    assert "gone.csv cannot be read" in capsys.readouterr().err
    assert hub.made == []
