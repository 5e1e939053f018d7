"""Folders, patterns, archives and tables of pictures: what is taken from them, and under which key."""

import io
import os
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from digitrec.bulk import sources
from digitrec.bulk.items import CHUNK_ITEMS, Item, clean, split_into_chunks
from digitrec.bulk.sources import open_source
from digitrec.decoding import MAX_BYTES
from digitrec.errors import DatasetError, DigitrecError
from digitrec.training_rows import CSV_COLUMNS
from tests.support.drawings import drawing, encoded

FOUR = encoded(255 - drawing(4))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("pictures/b.png", "pictures/a.JPG", "pictures/sub/c.webp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(FOUR)
    for name in ("notes.txt", ".hidden.png", "._a.JPG"):
        (tmp_path / "pictures" / name).write_bytes(b"no picture")
    return tmp_path


def items(name, wanted=lambda key: True, **options):
    return list(open_source(name, **options).items(wanted))


def keys(name, **options):
    return [item.key for item in items(name, **options)]


def test_a_folder_gives_its_pictures_in_order_and_nothing_else():
    expected = ["pictures/a.JPG", "pictures/b.png", "pictures/sub/c.webp"]
    assert [os.path.normpath(key) for key in keys("pictures")] == list(map(os.path.normpath, expected))
    assert open_source("pictures").count() == 3


def test_a_folder_larger_than_what_is_sorted_at_once_gives_all(folder, monkeypatch):
    monkeypatch.setattr(sources, "SORTED_AT_ONCE", 2)
    (folder / "pictures" / "d.png").write_bytes(FOUR)
    assert len(keys("pictures")) == len(set(keys("pictures"))) == 4


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_back_up_is_no_endless_folder(folder):
    (folder / "pictures" / "sub" / "up").symlink_to(folder / "pictures")
    assert len(keys("pictures")) == 3


def test_a_folder_without_pictures_is_an_error_row(folder):
    (folder / "empty").mkdir()
    ((key, error),) = items("empty")
    assert key == "empty"
    assert "no picture in this folder" in str(error)


def test_a_pattern_gives_what_matches_whatever_its_ending():
    assert keys("pictures/*.txt") == [os.path.join("pictures", "notes.txt")]
    assert len(keys("pictures/**/*.webp")) == 1
    ((_, error),) = items("pictures/*.nothing")
    assert "none that matches" in str(error)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder):
    (folder / "scan[1].png").write_bytes(FOUR)
    assert keys("scan[1].png") == ["scan[1].png"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_a_tar_file_gives_the_pictures_in_it(folder, mode):
    with tarfile.open("p.tar", mode) as archive:
        archive.add("pictures")
    found = items("p.tar")
    assert sorted(key for key, _ in found) == [f"p.tar/pictures/{name}" for name in ("a.JPG", "b.png", "sub/c.webp")]
    assert all(content == FOUR for _, content in found)
    assert open_source("p.tar").count() == (3 if mode == "w" else None)


def test_a_tar_file_is_read_in_bounded_memory(folder):
    with tarfile.open("many.tar", "w") as archive:
        for number in range(5000):
            member = tarfile.TarInfo(f"{number}.png")
            member.size = len(FOUR)
            archive.addfile(member, io.BytesIO(FOUR))
    tracemalloc.start()
    assert sum(1 for _ in open_source("many.tar").items(lambda key: True)) == 5000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000  # 5,000 members kept would be 5 MB


def test_a_tar_file_that_was_cut_off_gives_what_is_whole_and_an_error(folder):
    with tarfile.open("whole.tar", "w") as archive:
        archive.add("pictures")
    (folder / "cut.tar").write_bytes((folder / "whole.tar").read_bytes()[: 512 * 5 + 100])
    *whole, (key, error) = items("cut.tar")
    assert len(whole) < 3
    assert key == "cut.tar"
    assert "cannot be read on" in str(error)


def test_a_zip_file_gives_the_pictures_in_it_and_an_error_for_a_damaged_one(folder):
    with zipfile.ZipFile("p.zip", "w") as archive:
        archive.write("pictures/b.png")
        archive.writestr("__MACOSX/pictures/b.png", b"")
        archive.writestr("damaged.png", b"0123456789" * 10)
    assert keys("p.zip") == ["p.zip/pictures/b.png", "p.zip/damaged.png"]
    assert open_source("p.zip").count() == 2
    data = (folder / "p.zip").read_bytes()
    (folder / "p.zip").write_bytes(data.replace(b"0123456789", b"9876543210", 1))
    whole, damaged = items("p.zip")
    assert whole.content == FOUR
    assert isinstance(damaged.content, DigitrecError)


@pytest.mark.parametrize("name", ["p.tar", "p.zip"])
def test_an_archive_that_is_none_is_an_error_row(folder, name):
    (folder / name).write_bytes(b"something else" * 100)
    ((key, error),) = items(name)
    assert key == name
    assert isinstance(error, DigitrecError)


def test_a_picture_in_an_archive_is_read_no_further_than_allowed(folder):
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb.png", "w") as member:
        for _ in range(MAX_BYTES // 1_000_000 + 2):
            member.write(bytes(1_000_000))
    ((_, error),) = items("bomb.zip")
    assert "larger than" in str(error)


def write_table(columns, name="t.parquet"):
    pyarrow.parquet.write_table(pyarrow.table(columns), name)
    return name


def test_a_parquet_file_gives_its_column_of_bytes():
    name = write_table({"id": [1, 2, 3], "picture": [FOUR, None, b"rubbish"]})
    found = items(name)
    assert [item.key for item in found] == ["t.parquet#0", "t.parquet#1", "t.parquet#2"]
    assert found[0].content == FOUR
    assert isinstance(found[1].content, DigitrecError)
    assert open_source(name).count() == 3


def test_a_parquet_file_of_hugging_face_gives_the_bytes_in_its_structs():
    name = write_table({"image": [{"bytes": FOUR, "path": None}], "label": [4]})
    assert items(name)[0].content == FOUR


def test_a_column_of_paths_is_named():
    name = write_table({"where": ["pictures/b.png"], "other": [1]})
    with pytest.raises(DatasetError, match="no column of bytes; its columns: where, other"):
        items(name)
    assert items(name, column="where")[0].content == "pictures/b.png"
    with pytest.raises(DatasetError, match="has no column 'what'"):
        items(name, column="what")


def test_a_parquet_file_that_is_none_is_refused(folder):
    (folder / "t.parquet").write_bytes(b"something else")
    with pytest.raises(DatasetError, match="not a Parquet file"):
        items("t.parquet")


def write_rows(path, header, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")


PIXELS = np.arange(784) % 256


@pytest.mark.parametrize("labels", [True, False])
def test_a_csv_file_gives_its_images_with_labels_or_without(folder, labels):
    header = CSV_COLUMNS if labels else CSV_COLUMNS[1:]
    write_rows(folder / "t.csv", header, [[*([7] if labels else []), *PIXELS]] * 2)
    found = items("t.csv")
    assert [item.key for item in found] == ["t.csv#1", "t.csv#2"]
    np.testing.assert_array_equal(found[1].content, PIXELS.reshape(28, 28).astype(np.uint8))
    assert open_source("t.csv").count() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row[:-1], "the row has 783 pixels, not 784"),
        (lambda row: [*row[:-1], 256], "pixels run from 0 to 256"),
        (lambda row: [*row[:-1], -1], "pixels run from -1"),
        (lambda row: [*row[:-1], "x"], "not a whole number"),
        (lambda row: [*row[:-1], 0.5], "not a whole number"),
        (lambda row: [*row[:-1], "9" * 30], "pixels run from"),
    ],
)
def test_a_row_that_is_no_image_is_an_error_row(folder, change, said):
    write_rows(folder / "t.csv", CSV_COLUMNS[1:], [PIXELS, change(list(PIXELS)), PIXELS])
    first, bad, last = items("t.csv")
    assert said in str(bad.content)
    np.testing.assert_array_equal(first.content, last.content)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", bytes(100)])
def test_a_csv_file_of_something_else_is_refused(folder, content):
    (folder / "t.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=r"t\.csv"):
        items("t.csv")


def test_excluded_files_are_not_read(folder):
    (folder / "pictures" / "b.png").unlink()
    (folder / "pictures" / "b.png").mkdir()  # reading it would fail
    wanted = items("pictures", wanted=lambda key: key.endswith("c.webp"))
    assert len(wanted) == 1


def test_chunks_are_bounded_by_pictures_and_by_bytes(monkeypatch):
    chunks = list(split_into_chunks(Item(str(n), b"x") for n in range(CHUNK_ITEMS + 1)))
    assert [len(chunk) for chunk in chunks] == [CHUNK_ITEMS, 1]
    monkeypatch.setattr("digitrec.bulk.items.CHUNK_BYTES", 100)
    chunks = list(split_into_chunks(Item(str(n), bytes(60)) for n in range(5)))
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b.png", "a/b.png"), ("a\nb", "a\\nb"), ("caf\udce9", "caf\\udce9"), ("café", "café"), ("C:\\new", "C:\\new")],
)
def test_a_key_fits_on_a_line_of_text(name, expected):
    assert clean(name) == expected
