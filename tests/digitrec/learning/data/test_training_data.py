import sys
import warnings

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig
from digitrec.learning.data import mnist
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.data.mnist import load_mnist, mnist_is_here
from digitrec.learning.data.split import split_stratified
from digitrec.learning.data.training_data import TrainingData, load_training_data
from digitrec.training_rows import CSV_COLUMNS, NOT_A_DIGIT
from tests.support.small_data import bars, rows_of, write_csv


@pytest.fixture
def fake_mnist(monkeypatch):
    """A small stand-in for MNIST: 100 training and 20 test images."""
    train, test = bars(100, seed=1), bars(20, seed=2)
    monkeypatch.setattr(mnist, "load_mnist", lambda: (train, test))
    return train, test


def load(csv=(), **settings) -> TrainingData:
    files = {name: tuple(map(str, value)) for name, value in settings.items() if isinstance(value, list)}
    return load_training_data(TrainConfig(csv=tuple(map(str, csv)), **{**settings, **files}))


def as_set(examples: Examples) -> set[bytes]:
    return {image.tobytes() for image in examples.images}


def test_mnist_is_read_from_the_data_directory(data_dir):
    train, test = load_mnist()
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.images.dtype == np.uint8
    assert train.images.max() == 255


def test_mnist_missing_from_the_data_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITREC_DATA_DIR", str(tmp_path))
    with pytest.raises(DatasetError, match=r"no mnist\.npz in it"):
        load_mnist()


def test_a_file_that_is_not_mnist_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITREC_DATA_DIR", str(tmp_path))
    (tmp_path / "mnist.npz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(DatasetError, match="not MNIST in Keras' layout"):
        load_mnist()
    part = bars(10)
    np.savez(tmp_path / "mnist.npz", x_train=part.images, y_train=part.labels, x_test=part.images, y_test=part.labels)
    with pytest.raises(DatasetError, match="other pixels than MNIST's"):
        load_mnist()


def test_without_a_data_directory_keras_downloads_and_a_failure_says_what_to_do(tmp_path, monkeypatch):
    keras = pytest.importorskip("keras")
    monkeypatch.delenv("DIGITREC_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert not mnist_is_here()

    def fail():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(DatasetError, match="set DIGITREC_DATA_DIR"):
        load_mnist()


def test_mnist_is_read_from_keras_download_folder(data_dir, tmp_path, monkeypatch):
    monkeypatch.delenv("DIGITREC_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").symlink_to(data_dir / "mnist.npz")
    assert mnist_is_here()
    monkeypatch.setitem(sys.modules, "keras", None)  # importing it would now fail
    assert [len(part) for part in load_mnist()] == [60_000, 10_000]


def test_csv_round_trip(tmp_path):
    examples = bars(12)
    loaded = load_csv(write_csv(tmp_path / "a.csv", rows_of(examples)))
    np.testing.assert_array_equal(loaded.images, examples.images)
    np.testing.assert_array_equal(loaded.labels, examples.labels)


def test_the_real_kaggle_file(data_dir):
    examples = load_csv(data_dir / "kaggle_train_head229.csv")
    assert len(examples) == 229
    train, test = load_mnist()
    known = as_set(train) | as_set(test)
    assert all(image.tobytes() in known for image in examples.images)  # so rows are not transposed or shifted


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        (0, "10", "row 3, column label: 10 is out of range; expected a whole number from 0 to 9"),
        (0, "", "row 3, column label: the cell is empty"),
        (0, "7.5", "row 3, column label: '7.5' is not a whole number"),
        (5, "256", "row 3, column pixel4: 256 is out of range; expected a whole number from 0 to 255"),
        (5, "-1", "row 3, column pixel4: -1 is out of range"),
        (784, "x", "row 3, column pixel783: 'x' is not a whole number"),
        (784, " ", "row 3, column pixel783: the cell is empty"),
        (300, "nan", "row 3, column pixel299: 'nan' is not a whole number"),
        (300, "99999999999999999999", "row 3, column pixel299: 99999999999999999999 is out of range"),
    ],
)
def test_a_bad_cell_is_named_by_file_row_and_column(tmp_path, column, cell, message):
    rows = rows_of(bars(3))
    rows[1][column] = cell
    path = write_csv(tmp_path / "bad.csv", rows)
    with pytest.raises(DatasetError) as caught:
        load_csv(path)
    assert message in str(caught.value)
    assert "bad.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["name", *CSV_COLUMNS[1:]], "column 1 of the header is 'name', not 'label'"),
        (CSV_COLUMNS[:-1], "the header has 784 columns, not 785"),
        (["label", "pixel0", "pixel2", *CSV_COLUMNS[3:]], "column 3 of the header is 'pixel2', not 'pixel1'"),
        (["label", "pixel1", *CSV_COLUMNS[2:]], "column 3 of the header is 'pixel1', not 'pixel2'"),
        (["", *CSV_COLUMNS], "the first column numbers the rows, as pandas writes it"),
    ],
)
def test_a_wrong_header_is_named(tmp_path, header, message):
    rows = [row[: len(header)] for row in rows_of(bars(2))]
    with pytest.raises(DatasetError, match=message):
        load_csv(write_csv(tmp_path / "bad.csv", rows, header))


def test_rows_of_a_wrong_length_are_refused(tmp_path):
    rows = rows_of(bars(3))
    with pytest.raises(DatasetError, match=r"bad\.csv"):
        load_csv(write_csv(tmp_path / "bad.csv", [rows[0], [*rows[1], 0], rows[2]]))
    with pytest.raises(DatasetError, match=r"bad\.csv, row 3, column pixel783: the cell is empty"):
        load_csv(write_csv(tmp_path / "bad.csv", [rows[0], rows[1][:-1], rows[2]]))


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x89PNG", b"label\n", ",".join(CSV_COLUMNS).encode() + b"\n"])
def test_a_file_without_images_is_refused(tmp_path, content):
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=r"bad\.csv"):
        load_csv(tmp_path / "bad.csv")


def test_a_missing_csv_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no such file"):
        load_csv(tmp_path / "none.csv")


def test_images_scaled_before_they_should_be_are_refused():
    examples = bars(4)
    with pytest.raises(DatasetError, match="unscaled"):
        Examples((examples.images / 255).astype(np.float32), examples.labels)


def test_the_split_is_stratified_and_follows_the_seed():
    examples = bars(500)
    train, validation = split_stratified(examples, 0.1, seed=3)
    assert np.bincount(validation.labels).tolist() == [5] * 10
    assert np.bincount(train.labels).tolist() == [45] * 10
    again = split_stratified(examples, 0.1, seed=3)[1]
    other = split_stratified(examples, 0.1, seed=4)[1]
    np.testing.assert_array_equal(validation.images, again.images)
    assert as_set(validation) != as_set(other)


def test_no_validation_image_is_trained_on(fake_mnist, tmp_path):
    """Not even when a CSV repeats the training images: this is the classic way to a wonderful validation accuracy."""
    train, _ = fake_mnist
    path = write_csv(tmp_path / "again.csv", rows_of(train))
    with pytest.warns(UserWarning, match="dropped 200 rows that repeat another image"):
        data = load([path, path], validation_fraction=0.2, seed=0)
    assert not as_set(data.train) & as_set(data.validation)
    assert len(data.train) + len(data.validation) == 100
    assert data.duplicates_dropped == 200


def test_test_images_hidden_in_a_csv_are_dropped_and_counted(fake_mnist, tmp_path):
    _, test = fake_mnist
    fresh = bars(30, seed=9)
    path = write_csv(tmp_path / "mixed.csv", rows_of(fresh) + rows_of(test))
    with pytest.warns(UserWarning, match=r"dropped 20 rows that are MNIST test images$"):
        data = load([path], validation_fraction=0.2, seed=0)
    assert not (as_set(data.train) | as_set(data.validation)) & as_set(test)
    assert data.test_images_dropped == 20
    assert data.sources == {"MNIST training images": 100, str(path): 30}


def test_the_leaks_of_the_real_kaggle_file(data_dir):
    with pytest.warns(UserWarning, match="dropped 30 rows that are MNIST test images and 199 rows that repeat"):
        data = load([data_dir / "kaggle_train_head229.csv"], validation_fraction=0.1, seed=0, limit=1000)
    assert len(data.train) + len(data.validation) == 1000


def test_one_dropped_row_of_each_kind_is_counted_in_the_singular(fake_mnist, tmp_path):
    train, test = fake_mnist
    path = write_csv(tmp_path / "mixed.csv", rows_of(bars(30, seed=9)) + rows_of(test)[:1] + rows_of(train)[:1])
    message = "^dropped 1 row that is an MNIST test image and 1 row that repeats another image$"
    with pytest.warns(UserWarning, match=message):
        load([path], validation_fraction=0.2, seed=0)


def test_clean_data_warns_of_nothing(fake_mnist):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = load(validation_fraction=0.2, seed=0)
    assert len(data.train) == 80


def test_too_few_images_of_a_digit(fake_mnist):
    with pytest.raises(DatasetError, match="too few"):
        load(validation_fraction=0.95, seed=0)


def test_validation_files_are_validated_on_and_the_others_trained_on(fake_mnist, tmp_path):
    """Drawings of one recorded digit are near copies: a random split would put them on both sides."""
    ours, others = bars(30, seed=9), bars(20, seed=10)
    mine = write_csv(tmp_path / "mine.csv", rows_of(ours) + rows_of(others)[:5])
    judge = write_csv(tmp_path / "judge.csv", rows_of(others))
    with pytest.warns(UserWarning, match="dropped 5 rows that repeat"):  # what is validated on is not trained on
        data = load([mine], validation_fraction=0.2, seed=0, validation_csv=[judge])
    assert as_set(ours) <= as_set(data.train)
    assert as_set(others) <= as_set(data.validation)
    assert not as_set(data.train) & as_set(data.validation)
    assert (len(data.train), len(data.validation)) == (80 + 30, 20 + 20)
    assert data.sources == {"MNIST training images": 100, str(mine): 30, f"{judge} (validation)": 20}


def test_runs_of_other_seeds_validate_on_the_same_images_by_a_seed_of_the_split(fake_mnist):
    first = load(validation_fraction=0.2, seed=1, limit=50)
    other = load(validation_fraction=0.2, seed=2, limit=50)
    same = load(validation_fraction=0.2, seed=2, split_seed=1, limit=50)
    assert as_set(first.validation) == as_set(same.validation) != as_set(other.validation)
    assert as_set(first.train) == as_set(same.train) != as_set(other.train)


def test_the_limit_is_counted_in_the_sources(fake_mnist):
    data = load(validation_fraction=0.2, seed=0, limit=50)
    assert data.sources == {"MNIST training images": 50}
    assert len(data.train) + len(data.validation) == 50


def test_a_cell_too_many_in_every_row_is_refused(tmp_path):
    rows = [[*row, 0] for row in rows_of(bars(3))]
    with pytest.raises(DatasetError, match=r"bad\.csv"):
        load_csv(write_csv(tmp_path / "bad.csv", rows))


def test_blank_lines_are_skipped_and_counted(tmp_path):
    rows = rows_of(bars(3))
    path = write_csv(tmp_path / "a.csv", rows)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "", *lines[1:], "", ""]))
    assert len(load_csv(path)) == 3
    path.write_text("\n".join([lines[0], "", lines[1], lines[2] + "x"]))
    with pytest.raises(DatasetError, match="row 4, column pixel783"):
        load_csv(path)


def negatives(count, seed):
    images = bars(count, seed).images
    return Examples(255 - images, np.full(count, NOT_A_DIGIT, np.uint8))


def test_validation_is_split_by_source(fake_mnist, tmp_path):
    path = write_csv(tmp_path / "mine.csv", rows_of(bars(50, seed=9)))
    data = load([path], validation_fraction=0.2, seed=0)
    assert {name: len(part) for name, part in data.validation_by_source.items()} == {"mnist": 20, "csv": 10}
    assert as_set(data.validation_by_source["mnist"]) | as_set(data.validation_by_source["csv"]) == as_set(
        data.validation
    )
    assert list(load(validation_fraction=0.2, seed=0).validation_by_source) == ["mnist"]


def test_negatives_are_trained_on_and_a_share_is_put_aside(fake_mnist, tmp_path):
    path = write_csv(tmp_path / "none.csv", rows_of(negatives(40, seed=9)))
    data = load(validation_fraction=0.2, seed=0, negatives=[path])
    assert (data.train.labels == NOT_A_DIGIT).sum() == 32
    assert len(data.negatives) == 8
    assert (data.negatives.labels == NOT_A_DIGIT).all()
    assert (data.validation.labels != NOT_A_DIGIT).all()  # accuracy is of digits alone
    assert not as_set(data.train) & as_set(data.negatives)
    assert data.sources[f"{path} (negatives)"] == 40


def test_negatives_to_validate_on_leave_the_others_whole(fake_mnist, tmp_path):
    ours, others = negatives(30, seed=9), negatives(10, seed=10)
    mine = write_csv(tmp_path / "mine.csv", rows_of(ours) + rows_of(others)[:5])
    judge = write_csv(tmp_path / "judge.csv", rows_of(others))
    with pytest.warns(UserWarning, match="dropped 5 rows that repeat"):
        data = load(validation_fraction=0.2, seed=0, negatives=[mine], validation_negatives=[judge])
    assert as_set(ours) <= as_set(data.train)
    assert as_set(data.negatives) == as_set(others)


def test_the_limit_holds_for_negatives_too(fake_mnist, tmp_path):
    path = write_csv(tmp_path / "none.csv", rows_of(negatives(60, seed=9)))
    data = load(validation_fraction=0.2, seed=0, limit=50, negatives=[path])
    assert len(data.negatives) + (data.train.labels == NOT_A_DIGIT).sum() == 50
