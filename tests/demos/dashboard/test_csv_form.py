from pathlib import Path

import numpy as np
import pytest

from demos.dashboard.runs import csv_form
from demos.dashboard.runs.csv_form import check_csv, parse_paths, save_upload
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from tests.support.small_data import bars, rows_of, write_csv


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Bars in place of MNIST's training and test images."""
    images = bars(200, seed=1), bars(60, seed=2)
    monkeypatch.setattr(csv_form, "find_mnist_images", lambda: images)
    return images


@pytest.fixture
def rows():
    return rows_of(bars(20))


def test_a_good_file_is_counted(tmp_path, rows):
    found = check_csv(str(write_csv(tmp_path / "good.csv", rows)), False)
    assert found.flaw == ""
    assert found.counts == dict.fromkeys(range(10), 2)
    assert found.sentence == "good.csv: 20 images, 20 new, of all ten"
    some = [row for row in rows if row[0] < 8]
    assert (
        check_csv(str(write_csv(tmp_path / "some.csv", some)), False).sentence
        == "some.csv: 16 images, 16 new, without any 8, 9"
    )


def test_images_that_are_not_new_are_counted(tmp_path, known):
    path = write_csv(tmp_path / "old.csv", rows_of(known[0])[:9] + rows_of(known[1])[:3])
    assert check_csv(str(path), False).sentence == "old.csv: 12 images, 0 new, without any 9"


def test_without_mnist_nothing_is_said_of_what_is_new(tmp_path, rows, monkeypatch):
    monkeypatch.setattr(csv_form, "find_mnist_images", lambda: None)
    assert check_csv(str(write_csv(tmp_path / "x.csv", rows)), False).sentence == "x.csv: 20 images, of all ten"


USELESS = {
    "inverted": lambda image: 255 - image,
    "without any pixel above 1": lambda image: image // 200,
    "blank": lambda image: 0 * image,
    "transposed": lambda image: image.T,
}


@pytest.mark.parametrize("kind", USELESS)
def test_images_that_would_teach_nothing_are_named(tmp_path, kind):
    images = bars(20)
    spoiled = Examples(np.stack([USELESS[kind](image) for image in images.images]), images.labels)
    found = check_csv(str(write_csv(tmp_path / "mine.csv", rows_of(spoiled))), False)
    assert kind in " ".join(found.useless)
    assert found.flaw == ""


def test_negatives_are_separated_from_digits(tmp_path, rows):
    path = write_csv(tmp_path / "none.csv", [[10, *row[1:]] for row in rows])
    assert check_csv(str(path), True).sentence == "none.csv: 20 images, 20 new, of non-digits"
    assert "such files go to --negatives" in check_csv(str(path), False).flaw


def test_a_bad_cell_is_named_and_noticed_when_it_is_mended(tmp_path, rows):
    path = tmp_path / "mine.csv"
    bad = [list(row) for row in rows]
    bad[3][100] = 300
    assert "row 5, column pixel99: 300 is out of range" in check_csv(str(write_csv(path, bad)), False).sentence
    assert check_csv(str(write_csv(path, rows)), False).flaw == ""


def test_a_missing_file_and_no_file_name_at_all(tmp_path):
    assert "no such file" in check_csv(str(tmp_path / "nothing.csv"), False).flaw
    assert check_csv("a\0b", False).flaw


def test_an_upload_is_kept_once_under_a_name_that_is_safe(tmp_path, rows):
    data = write_csv(tmp_path / "x.csv", rows).read_bytes()
    folder = tmp_path / "runs" / ".uploads"
    first = save_upload("../../my digits.csv", data, folder)
    assert first == save_upload("my digits.csv", data, folder)
    assert first.parent == folder
    assert first.name.startswith("my-digits-")
    assert [path.name for path in folder.iterdir()] == [first.name]
    assert len(load_csv(first)) == 20
    assert save_upload("my digits.csv", data + b"\n", folder) != first
    assert save_upload("...", data, folder).name.startswith("upload-")


def test_paths_are_read_a_line_each(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = str(Path.cwd())
    assert parse_paths(f' a b.csv \n\n"{here}/c.csv"\na b.csv\n') == (f"{here}/a b.csv", f"{here}/c.csv")
    assert parse_paths('~nobody-of-this-name/a.csv\n""\n') == (f"{here}/~nobody-of-this-name/a.csv",)
