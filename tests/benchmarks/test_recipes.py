"""The benchmark of training recipes: it trains what is missing, and its table says what came of it."""

import json
from dataclasses import replace

import pytest

from benchmarks.accuracy import recipes
from digitrec.artifacts import models_dir
from digitrec.errors import DigitrecError
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import list_runs
from tests.support.small_data import bars_to_train_on, small_config

CHANGES = {"as shipped": {}, "labels smoothed": {"label_smoothing": 0.1}}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    root = tmp_path_factory.mktemp("recipes")
    return root, recipes.train(small_config(epochs=1, augment="none"), CHANGES, [1, 2], root, bars_to_train_on())


def test_each_recipe_is_trained_with_each_seed(trained):
    _, runs = trained
    found = {name: [(r.config["seed"], r.config["label_smoothing"]) for r in made] for name, made in runs.items()}
    assert found == {"as shipped": [(1, 0.0), (2, 0.0)], "labels smoothed": [(1, 0.1), (2, 0.1)]}


def test_a_finished_recipe_is_not_trained_again(trained):
    root, runs = trained
    again = recipes.train(small_config(epochs=1, augment="none"), CHANGES, [1, 2], root, bars_to_train_on())
    assert [[run.path for run in made] for made in again.values()] == [[r.path for r in made] for made in runs.values()]
    assert len(list_runs(root)) == 4


def test_a_recipe_that_fails_says_why(tmp_path):
    config = small_config(epochs=2, optimizer="sgd", schedule="plateau")
    with pytest.raises(DigitrecError, match="too fast, seed 1: the loss became"):
        recipes.train(config, {"too fast": {"learning_rate": 1e38}}, [1], tmp_path, bars_to_train_on())


class Trained:
    """A run that came out as told."""

    def __init__(self, mnist, drawings, loss, **config):
        self.config = {"teachers": [], "label_smoothing": 0.0, **config}
        self.last = {"val_mnist_accuracy": mnist, "val_csv_accuracy": drawings, "val_loss": loss}

    def history(self):
        return [{"val_mnist_accuracy": 0.1, "val_csv_accuracy": 0.1, "val_loss": 9.0}, self.last]


def test_the_table_has_means_over_seeds_of_the_last_epoch():
    runs = {
        "as shipped": [Trained(0.99, 0.98, 0.01), Trained(0.97, 0.96, 0.03)],
        "smoothed": [Trained(0.995, 0.99, 0.5, label_smoothing=0.1)],
    }
    assert recipes.table(runs).splitlines() == [
        "| recipe | MNIST, wrong | drawings, wrong | loss | seeds |",
        "| --- | --- | --- | --- | --- |",
        "| as shipped | 2.00 % | 3.00 % | 0.0200 | 2 |",
        "| smoothed | 0.50 % | 1.00 % | - | 1 |",
    ]


def test_all_recipes_differ_from_the_shipped_one_and_are_possible():
    shipped = json.loads((models_dir() / "card.json").read_text(encoding="utf-8"))["training"]["config"]
    base = TrainConfig.from_older(shipped)
    made = [replace(base, **changes) for changes in recipes.RECIPES.values()]
    assert made[0] == base
    assert len({str(config) for config in made}) == len(made)
