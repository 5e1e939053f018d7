import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.inspection import inspect_csv
from digitrec.learning.data.leak_guard import MNIST_TEST, LeakGuard, Original
from digitrec.learning.data.mnist import MNIST, load_mnist
from tests.support.small_data import bars, rows_of, write_csv


def test_each_image_passes_once_and_test_images_never():
    test, train = bars(20, seed=2), bars(30, seed=1)
    guard = LeakGuard(test)
    assert (guard.leaks, guard.duplicates) == (0, 0)
    assert guard.check("a.csv", train) == []
    mixed = Examples(
        np.concatenate([train.images[5:7], test.images[3:4], bars(1, seed=9).images]), np.array([5, 6, 8, 0], np.uint8)
    )
    repeat, other, leak = guard.check("b.csv", mixed)
    assert (repeat.row, repeat.original, repeat.is_leak) == (0, Original("a.csv", 5, 5), False)
    assert (other.row, other.original.row) == (1, 6)
    assert (leak.row, leak.label, leak.original, leak.is_leak) == (2, 8, Original(MNIST_TEST, 3, 3), True)
    assert (guard.leaks, guard.duplicates) == (1, 2)


def test_the_inverse_of_a_test_image_is_a_leak_too():
    test = bars(20, seed=2)
    guard = LeakGuard(test)
    assert (guard.leaks, guard.duplicates) == (0, 0)
    (leak,) = guard.check("a.csv", Examples(255 - test.images[7:8], test.labels[7:8]))
    assert (leak.original, leak.is_leak) == (Original(MNIST_TEST, 7, 7), True)


def test_a_file_given_twice_repeats_itself():
    guard = LeakGuard(bars(5, seed=2))
    part = bars(30, seed=1)
    guard.check("a.csv", part)
    assert len(guard.check("a.csv", part)) == 30


def test_a_csv_is_inspected_before_it_is_used(tmp_path):
    train, test = bars(50, seed=1), bars(20, seed=2)
    fresh = bars(10, seed=3)
    rows = [*rows_of(fresh), *rows_of(fresh)[:2], *rows_of(train)[:3], *rows_of(test)[:4]]
    rows[11][0] = 9  # a repeat that carries another label
    found = inspect_csv(str(write_csv(tmp_path / "mine.csv", rows)), (train, test))
    assert (len(found.examples), found.used, found.summary) == (19, 10, "19 images, 10 new")
    assert [one.row for one in found.leaks] == [15, 16, 17, 18]
    assert [one.row for one in found.repeated] == [10, 11, 12, 13, 14]
    assert [one.original.source for one in found.repeated[2:]] == [MNIST] * 3
    assert [one.row for one in found.repeated if one.label != one.original.label] == [11]


def test_a_bad_csv_is_named_by_row_and_column(tmp_path):
    rows = rows_of(bars(3))
    rows[1][1] = 256
    with pytest.raises(DatasetError, match="row 3, column pixel0: 256 is out of range"):
        inspect_csv(str(write_csv(tmp_path / "bad.csv", rows)), (bars(5), bars(5)))


def test_kaggle_s_first_rows_are_mnist(data_dir):
    found = inspect_csv(str(data_dir / "kaggle_train_head229.csv"), load_mnist())
    assert (len(found.leaks), len(found.repeated), found.used) == (30, 199, 0)
    assert found.flaws == []
