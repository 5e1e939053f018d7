"""What is trained on when a model is trained again, how, and how two models compare."""

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv, save_csv
from digitrec.learning.retraining.comparison import Score, list_score_changes, score
from digitrec.learning.retraining.corrections import read_corrections
from digitrec.learning.retraining.plan import (
    FINE_TUNING,
    MAX_REPEATS,
    RECIPE,
    count_repeats,
    plan_retraining,
    recipe_of,
)
from digitrec.training_rows import CSV_HEADER, NOT_A_DIGIT, held_out_path, is_held_out, negatives_path
from tests.support.small_data import bars


def negatives(count):
    return Examples(bars(20, seed=5).images[:count], np.full(count, NOT_A_DIGIT, np.uint8))


def test_corrections_are_read_with_what_lies_beside_them(tmp_path):
    path = tmp_path / "accepted.csv"
    for file, part in (
        (path, bars(30)),
        (negatives_path(path), negatives(4)),
        (held_out_path(path), bars(7, seed=3)),
        (negatives_path(held_out_path(path)), negatives(2)),
    ):
        save_csv(part, file)
    found = read_corrections(path)
    counts = [len(part) for part in (found.train, found.train_negatives, found.held_out)]
    assert counts == [30, 4, 7]
    assert len(found.held_out_negatives) == 0, "the same images are trained on"
    digits, non_digits = found.save(tmp_path)
    assert len(load_csv(digits[0])) == 30
    assert len(load_csv(non_digits[0], negatives=True)) == 4


def test_without_files_that_are_held_out_one_drawing_in_five_is(tmp_path):
    save_csv(bars(200), tmp_path / "mine.csv")
    found = read_corrections(tmp_path / "mine.csv")
    assert len(found.train) + len(found.held_out) == 200
    assert 20 <= len(found.held_out) <= 60
    assert all(is_held_out(image.tobytes()) for image in found.held_out.images)
    known = {image.tobytes() for image in found.train.images}
    assert not any(image.tobytes() in known for image in found.held_out.images)


def test_no_corrections_are_named_as_such(tmp_path):
    with pytest.raises(DatasetError, match=r"mine\.csv: no correction to train on; accept some at /review"):
        read_corrections(tmp_path / "mine.csv")
    save_csv(bars(1), tmp_path / "mine.csv")
    held_out_path(tmp_path / "mine.csv").write_text(CSV_HEADER, encoding="utf-8")
    with pytest.raises(DatasetError, match="no correction is held out"):
        read_corrections(tmp_path / "mine.csv")


def test_fine_tuning_keeps_the_network_of_the_recipe_and_trains_gently():
    recipe = TrainConfig(depth=3, width=24, epochs=36, learning_rate=0.002, teachers=("gone",), csv=("gone.csv",))
    config = plan_retraining(recipe, "model.keras", ["corrections.csv"], [], {})
    assert (config.depth, config.width, config.start_from) == (3, 24, "model.keras")
    assert config.learning_rate == FINE_TUNING["learning_rate"] < recipe.learning_rate
    assert config.epochs == FINE_TUNING["epochs"] <= config.patience
    assert (config.teachers, config.csv, config.corrections) == ((), (), ("corrections.csv",))


def test_what_the_user_sets_counts(tmp_path):
    save_csv(negatives(3), tmp_path / "none.csv")
    recipe = TrainConfig(negatives=(str(tmp_path / "none.csv"),))
    config = plan_retraining(recipe, "model.keras", [], ["wrong.csv"], {"epochs": 9, "name": "mine"})
    assert (config.epochs, config.name) == (9, "mine")
    assert config.negatives == (str(tmp_path / "none.csv"), "wrong.csv")


def test_the_recipe_needs_its_data():
    recipe = TrainConfig(csv=("gone.csv", "lost.csv"))
    with pytest.raises(DatasetError, match=r"trains on gone\.csv, lost\.csv, which are not here.*--from weights"):
        plan_retraining(recipe, RECIPE, ["corrections.csv"], [], {})
    config = plan_retraining(TrainConfig(epochs=36), RECIPE, ["corrections.csv"], [], {})
    assert (config.epochs, config.start_from, config.corrections) == (36, "", ("corrections.csv",))


def test_the_recipe_is_the_one_on_the_card():
    card = {"training": {"config": TrainConfig(depth=3).to_dict() | {"csv": ["a.csv"]}}}
    assert recipe_of(card) == TrainConfig(depth=3, csv=("a.csv",))
    for broken in ({}, {"training": {"config": 3}}, {"training": {"config": {"depth": 99}}}):
        with pytest.raises(DatasetError, match="card"):
            recipe_of(broken)


def test_corrections_are_a_fixed_share_of_what_is_trained_on():
    assert count_repeats(60_000, 1_000) == 11
    assert count_repeats(60_000, 10) == MAX_REPEATS
    assert count_repeats(100, 1_000) == 1
    assert count_repeats(60_000, 0) == 1


def test_a_model_is_scored_on_digits_and_non_digits(recognizer):
    blank = np.zeros((1, 28, 28), np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    images = np.concatenate([blank, noise])
    answers = recognizer.run(images.astype(np.float32) / 255)
    labels = answers.probabilities.argmax(1).astype(np.uint8)
    labels[0] = (labels[0] + 1) % 10
    found = score(recognizer, Examples(images, labels))
    assert (found.count, found.errors, found.accuracy) == (4, 1, 0.75)
    assert found.doubted == int((answers.doubt >= 0.5).sum())
    all_none = score(recognizer, Examples(images, np.full(4, NOT_A_DIGIT, np.uint8)))
    assert all_none.errors == 4 - found.doubted
    with pytest.raises(ValueError, match="no images"):
        score(recognizer, Examples(images[:0], labels[:0]))


def test_each_figure_of_two_models_is_better_worse_or_the_same():
    before = {"mnist": Score(100, 4, 1), "non-digits": Score(10, 5, 5)}
    after = {"mnist": Score(100, 6, 1), "non-digits": Score(10, 2, 8), "new": Score(10, 1, 0)}
    verdicts = {one.name: one.verdict for one in list_score_changes(before, after, ["non-digits"])}
    assert verdicts == {
        "mnist: accuracy": "worse",
        "mnist: wrong": "worse",
        "mnist: doubted": "same",
        "non-digits: accuracy": "better",
        "non-digits: wrong": "better",
        "new: accuracy": "",
        "new: wrong": "",
        "new: doubted": "",
    }
    assert after["new"].to_figure("x")["interval_95"][0] < 0.9
