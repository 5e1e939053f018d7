"""Data that could be trained on without an error and would teach nothing; `csv/` holds the files."""

from pathlib import Path

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig
from digitrec.learning.data import mnist
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.flaws import describe_flaws, find_flaws, mean_images
from digitrec.learning.data.inspection import inspect_csv
from digitrec.learning.data.kaggle_csv import save_csv
from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.data.training_data import load_training_data
from tests.support.small_data import bars

FILES = Path(__file__).with_name("csv")
SMALL_MNIST = bars(100, seed=1), bars(20, seed=2)
MEANS = mean_images(SMALL_MNIST[0])


def kinds(examples: Examples, **options) -> list[tuple[str, int]]:
    return [(flaw.kind, len(flaw.rows)) for flaw in find_flaws(examples, MEANS, **options)]


@pytest.mark.parametrize(
    ("name", "kind", "remedy"),
    [
        (
            "inverted",
            "inverted",
            "20 of 20 images are inverted, dark on bright: the background must be 0, so write",
        ),
        ("zero_one", "zero_one", "20 of 20 images are without any pixel above 1: pixels go from 0 to 255, so multiply"),
        ("blank", "blank", "20 of 20 images are blank: all of their pixels are equal; leave them out"),
    ],
)
def test_a_silently_useless_file_is_named_by_its_flaw(name, kind, remedy):
    found = inspect_csv(str(FILES / f"{name}.csv"), SMALL_MNIST)
    assert [(flaw.kind, flaw.rows) for flaw in found.flaws] == [(kind, tuple(range(20)))]
    assert remedy in describe_flaws(found.flaws)


def test_usual_images_have_no_flaw():
    assert kinds(bars(30, seed=9)) == []


def test_single_rows_are_named_by_their_number():
    images = bars(20, seed=9).images.copy()
    images[4] = 0
    images[[7, 9]] = 255 - images[[7, 9]]
    blank, inverted = find_flaws(Examples(images, bars(20).labels), MEANS)
    assert blank.description.startswith("1 of 20 images (number 5) is blank")
    assert inverted.description.startswith("2 of 20 images (numbers 8, 10) are inverted")
    assert inverted.rows == (7, 9)


def test_transposed_images_are_found_by_what_mnist_s_look_like(data_dir):
    train, _ = load_mnist()
    means = mean_images(train.take(slice(0, -6000)))
    for start in range(54_000, 60_000, 500):
        part = train.take(slice(start, start + 500))
        assert find_flaws(part, means) == []
        (flaw,) = find_flaws(Examples(part.images.transpose(0, 2, 1).copy(), part.labels), means)
        assert (flaw.kind, len(flaw.rows)) == ("transposed", 500)
    few = train.take(slice(59_980, 60_000))
    assert find_flaws(few, means) == []
    assert len(find_flaws(Examples(few.images.transpose(0, 2, 1).copy(), few.labels), means)) == 1


def test_kaggle_s_own_rows_have_no_flaw(data_dir):
    assert inspect_csv(str(data_dir / "kaggle_train_head229.csv"), load_mnist()).flaws == []


def test_non_digits_may_lie_on_any_background_but_not_be_blank():
    bright = Examples(255 - bars(20).images, np.full(20, 10, np.uint8))
    assert kinds(bright, negatives=True) == []
    assert kinds(Examples(np.zeros((3, 28, 28), np.uint8), np.full(3, 10, np.uint8)), negatives=True) == [("blank", 3)]


class TestLoading:
    @pytest.fixture(autouse=True)
    def small_mnist(self, monkeypatch):
        monkeypatch.setattr(mnist, "load_mnist", lambda: SMALL_MNIST)

    def test_flawed_data_is_refused_with_every_file_named(self, tmp_path):
        save_csv(bars(30, seed=9), tmp_path / "good.csv")
        files = (str(tmp_path / "good.csv"), str(FILES / "inverted.csv"), str(FILES / "zero_one.csv"))
        with pytest.raises(DatasetError) as caught:
            load_training_data(TrainConfig(csv=files))
        first, second, last = str(caught.value).splitlines()
        assert first.startswith(f"{FILES / 'inverted.csv'}: 20 of 20 images are inverted")
        assert second.startswith(f"{FILES / 'zero_one.csv'}: 20 of 20 images are without any pixel above 1")
        assert last == "Mend the data, or use it as it is with --allow-flawed-data"

    def test_flawed_data_is_used_with_a_warning_where_that_is_allowed(self):
        config = TrainConfig(csv=(str(FILES / "inverted.csv"),), allow_flawed_data=True, validation_fraction=0.2)
        with pytest.warns(UserWarning, match="trained on as it is: .*20 of 20 images are inverted"):
            data = load_training_data(config)
        assert data.sources[str(FILES / "inverted.csv")] == 20
