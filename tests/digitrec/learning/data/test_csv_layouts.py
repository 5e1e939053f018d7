"""CSV files as people have them: the same five images in the layouts of several sources. `csv/` holds the files."""

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.training_rows import CSV_COLUMNS, CSV_HEADER
from tests.support.small_data import bars, rows_of, write_csv

FILES = Path(__file__).with_name("csv")


@pytest.fixture(scope="module")
def images() -> Examples:
    """What all the files hold, read from the one in Kaggle's layout, but for its capital letter."""
    text = (FILES / "capital_label.csv").read_text()
    rows = np.array([line.split(",") for line in text.splitlines()[1:]], int)
    return Examples(rows[:, 1:].astype(np.uint8).reshape(-1, 28, 28), rows[:, 0].astype(np.uint8))


def assert_same(found: Examples, expected: Examples) -> None:
    np.testing.assert_array_equal(found.images, expected.images)
    np.testing.assert_array_equal(found.labels, expected.labels)


@pytest.mark.parametrize("name", ["capital_label", "mnist_in_csv", "no_header", "utf16", "zero_to_one"])
def test_files_of_several_sources_are_read(name, images):
    assert len(images) == 5
    assert_same(load_csv(FILES / f"{name}.csv"), images)


def test_kaggle_s_test_file_is_refused_with_what_to_do():
    path = FILES / "kaggle_test.csv"
    with pytest.raises(DatasetError) as caught:
        load_csv(path)
    assert "there is no label: 784 columns of pixels alone, as in Kaggle's test.csv" in str(caught.value)
    assert f"digitrec predict {path} --submission submission.csv" in str(caught.value)


def test_pixels_alone_and_no_header_are_refused_alike(tmp_path, images):
    rows = [row[1:] for row in rows_of(images)]
    (tmp_path / "a.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    with pytest.raises(DatasetError, match="there is no label"):
        load_csv(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "header",
    [
        ["label", *(f"pixel{number}" for number in range(1, 785))],
        ["label", *map(str, range(784))],
        ["label", *map(str, range(1, 785))],
        ["CLASS", *(f" Pixel{number} " for number in range(784))],
    ],
    ids=["from 1", "numbers", "numbers from 1", "other letters"],
)
def test_other_names_of_the_columns_are_known(tmp_path, images, header):
    assert_same(load_csv(write_csv(tmp_path / "a.csv", rows_of(images), header)), images)


def test_the_label_may_stand_last_where_the_header_says_so(tmp_path, images):
    header = [*(f"pixel{number}" for number in range(1, 785)), "class"]
    rows = [[*row[1:], row[0]] for row in rows_of(images)]
    assert_same(load_csv(write_csv(tmp_path / "a.csv", rows, header)), images)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_cells_may_be_parted_as_spreadsheets_part_them(tmp_path, images, delimiter):
    text = write_csv(tmp_path / "a.csv", rows_of(images)).read_text().replace(",", delimiter)
    (tmp_path / "a.csv").write_text(text, encoding="utf-16" if delimiter == "\t" else "utf-8-sig")
    assert_same(load_csv(tmp_path / "a.csv"), images)


def test_quoted_names_and_whole_numbers_with_a_point_are_read(tmp_path, images):
    header = [f'"{name}"' for name in CSV_COLUMNS]
    rows = [[row[0], *(f"{pixel}.0" for pixel in row[1:])] for row in rows_of(images)]
    assert_same(load_csv(write_csv(tmp_path / "a.csv", rows, header)), images)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_are_read_whatever_they_are_called(tmp_path, images, pack):
    (tmp_path / "a.csv").write_bytes(pack((FILES / "no_header.csv").read_bytes()))
    assert_same(load_csv(tmp_path / "a.csv"), images)
    (tmp_path / "a.csv").write_bytes(pack((FILES / "no_header.csv").read_bytes())[:-9])
    with pytest.raises(DatasetError, match=r"a\.csv: a packed file that cannot be unpacked"):
        load_csv(tmp_path / "a.csv")


def zipped(path: Path, **members: str) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    path.write_bytes(packed.getvalue())
    return path


def test_a_zip_of_one_table_is_read_and_one_of_several_is_refused(tmp_path, images):
    text = (FILES / "mnist_in_csv.csv").read_text()
    assert_same(load_csv(zipped(tmp_path / "one.zip", train__csv=text, readme__md="hello")), images)
    with pytest.raises(DatasetError, match=r"2 tables \(train\.csv, test\.csv\); unpack it, and name the one to use"):
        load_csv(zipped(tmp_path / "two.zip", train__csv=text, test__csv=text))
    with pytest.raises(DatasetError, match="a zip file without a CSV file in it"):
        load_csv(zipped(tmp_path / "none.zip", readme__md="hello"))


def test_an_excel_workbook_is_refused_by_name(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    (tmp_path / "a.csv").write_bytes(packed.getvalue())
    with pytest.raises(DatasetError, match="an Excel workbook; save the sheet as CSV"):
        load_csv(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("0.5", "row 3, column pixel4: '0.5' is not a whole number; expected a whole number from 0 to 255; fractions"),
        ("-0.5", "row 3, column pixel4: '-0.5' is not a whole number"),
        ("1e3", "row 3, column pixel4: '1e3' is not a whole number"),
    ],
)
def test_a_fraction_among_whole_numbers_is_named(tmp_path, cell, message):
    rows = rows_of(bars(3))
    rows[1][5] = cell
    with pytest.raises(DatasetError) as caught:
        load_csv(write_csv(tmp_path / "a.csv", rows))
    assert message in str(caught.value)


def test_rows_are_counted_from_the_first_line_where_there_is_no_header(tmp_path):
    rows = rows_of(bars(3))
    rows[1][5] = 256
    lines = write_csv(tmp_path / "a.csv", rows).read_text().removeprefix(CSV_HEADER)
    (tmp_path / "a.csv").write_text(lines)
    with pytest.raises(DatasetError, match=r"a\.csv, row 2, column pixel4: 256 is out of range"):
        load_csv(tmp_path / "a.csv")
