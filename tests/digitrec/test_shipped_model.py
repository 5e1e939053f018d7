"""The model in models/: what its card says of it, and what it makes of MNIST's test images and of drawings."""

import re
from pathlib import Path

import numpy as np
import pytest

import digitrec
from digitrec.artifacts import models_dir, read_card, sha256
from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.evaluation.metrics import evaluate
from tests.support.drawings import drawing

ROOT = Path(__file__).parents[2]


def test_the_files_are_the_ones_on_the_card():
    card = read_card()
    for name, described in card["artifacts"].items():
        data = (models_dir() / name).read_bytes()
        assert sha256(data) == described["sha256"], name
        assert len(data) == described["bytes"]


def test_the_onnx_file_is_below_a_megabyte():
    assert read_card()["artifacts"]["digitrec.onnx"]["bytes"] < 1_000_000


def test_the_card_names_its_origin():
    training = read_card()["training"]
    assert training["command"].startswith("python -m training.train")
    assert re.fullmatch(r"[0-9a-f]{40}", training["commit"])  # a commit, and nothing changed since
    assert isinstance(training["config"]["seed"], int)
    assert training["data"]["sources"]["MNIST training images"] == 60_000
    # What it was trained on is made by commands that models/README.md tells, from data that is not kept here.
    told = (ROOT / "models" / "README.md").read_text(encoding="utf-8").replace(" \\\n    ", " ")
    files = [*training["config"]["csv"], *training["config"]["validation_csv"], *training["config"]["negatives"]]
    for file in [*files, *training["config"]["validation_negatives"]]:
        assert not Path(file).is_absolute()
        assert f" {file} " in told
    assert training["command"] in told
    assert {"keras", "tensorflow", "numpy"} <= set(training["packages"])
    assert 0 < len(training["history"]) <= training["config"]["epochs"]


def test_accuracy_on_mnist_is_the_cards(data_dir):
    _, test = load_mnist()
    predictions = digitrec.predict_batch(test.images)
    evaluation = evaluate(np.stack([p.probabilities for p in predictions]), test.labels)
    figure = read_card()["figures"]["mnist_test"]
    assert evaluation.accuracy >= 0.996
    # Another processor may tip an image that is on the edge, but no more.
    assert abs(evaluation.errors - figure["errors"]) <= 2


@pytest.mark.parametrize("digit", range(10))
def test_a_drawing_of_each_digit_is_recognized(digit):
    prediction = digitrec.predict(255 - drawing(digit))
    assert prediction.digit == digit
    assert prediction.confidence > 0.5


def test_every_published_figure_has_its_command():
    for name, figure in read_card()["figures"].items():
        assert figure["command"].startswith("python -m "), name
        assert re.fullmatch(r"[0-9a-f]{40}", figure["commit"]), name
    assert re.fullmatch(r"[0-9a-f]{40}", read_card()["export"]["commit"])


@pytest.mark.parametrize("page", ["README.md", "models/README.md"])
def test_the_accuracy_in_the_text_is_the_cards(page):
    figure = read_card()["figures"]["mnist_test"]
    text = (ROOT / page).read_text(encoding="utf-8")
    assert f"{figure['accuracy']:.2%}".replace("%", " %") in text
    assert figure["command"] in text
