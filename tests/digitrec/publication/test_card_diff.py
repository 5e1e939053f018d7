"""Two model cards side by side."""

import pytest

from digitrec.artifacts import read_card
from digitrec.publication.card_diff import (
    best_epoch,
    differing_settings,
    format_figure,
    intervals_overlap,
    list_changes,
)


def card(accuracy, size, **more):
    errors = round(10_000 * (1 - accuracy))
    figure = {"accuracy": accuracy, "errors": errors, "loss": 0.02, "ece": 0.001, "count": 10_000, "command": "e"}
    figure["interval_95"] = [accuracy - 0.001, accuracy + 0.001]
    return {
        "parameters": 1000,
        "artifacts": {"digitrec.onnx": {"bytes": size}, "digitrec.keras": {"bytes": 2 * size}},
        "figures": {"mnist_test": figure, **more},
        "training": {
            "config": {"width": 32, "epochs": 5},
            "history": [{"val_accuracy": 0.97}, {"val_accuracy": 0.99}, {"val_accuracy": 0.98}],
            "data": {"train": 5, "sha256": "a"},
        },
        "export": {"largest_difference": 1e-6},
    }


def by_name(old, new):
    return {one.name: one for one in list_changes(old, new)}


def test_every_figure_is_called_better_or_worse():
    found = by_name(card(0.996, 600_000), card(0.99, 500_000))
    accuracy = found["test accuracy"]
    assert (accuracy.verdict, accuracy.difference) == ("worse", "-0.60 percentage points")
    wrong = found["test images wrong"]
    assert (wrong.verdict, wrong.difference) == ("worse", "+60")
    size = found["ONNX file size"]
    assert (size.verdict, size.difference) == ("better", "-100.0 kB")
    assert found["test loss"].verdict == "same"
    assert found["weights"].verdict == ""


def test_what_has_not_been_measured_is_named_with_its_command():
    doubt = {"command": "b", "doubted": {"usps": {"count": 9, "doubted": 0.1}, "no_digit_dot": {"doubted": 1.0}}}
    found = by_name(card(0.99, 1, strokes={"accuracy": 0.9, "command": "b"}, doubt=doubt), card(0.99, 1))
    strokes = found["strokes: accuracy"]
    assert (strokes.verdict, strokes.command, strokes.old) == ("not measured", "b", 0.9)
    assert found["doubt: doubted: usps: doubted"].more_is_better is False
    assert found["doubt: doubted: no digit dot: doubted"].more_is_better is True


def test_validation_on_other_data_is_not_compared():
    old, new = card(0.99, 1), card(0.99, 1)
    assert by_name(old, new)["validation accuracy"].verdict == "same"
    new["training"]["data"]["sha256"] = "b"
    assert by_name(old, new)["own validation accuracy"].verdict == ""


def test_without_an_old_card_the_new_figures_still_stand():
    found = by_name({}, card(0.99, 1))
    assert found["test accuracy"].verdict == ""
    assert found["test accuracy"].difference == ""
    assert intervals_overlap({}, card(0.99, 1)) is None


def test_intervals_overlap_or_not():
    assert intervals_overlap(card(0.99, 1), card(0.9915, 1)) is True
    assert intervals_overlap(card(0.99, 1), card(0.993, 1)) is False


def test_settings_that_differ():
    old, new = card(0.99, 1), card(0.99, 1)
    assert differing_settings(old, new) == []
    new["training"]["config"] = {"width": 16, "epochs": 5, "corruption": 0.1}
    assert differing_settings(old, new) == [("width", 32, 16), ("corruption", None, 0.1)]


def test_the_best_epoch_is_the_one_that_validation_chose():
    assert best_epoch(card(0.99, 1)) == {"val_accuracy": 0.99}
    assert best_epoch({}) == {}


def test_the_kept_epoch_may_be_the_last():
    history = [{"val_accuracy": 0.99}, {"val_accuracy": 0.98}]
    assert best_epoch({"training": {"config": {"keep": "last"}, "history": history}}) == {"val_accuracy": 0.98}


def test_every_figure_of_the_shipped_card_is_in_the_comparison():
    shipped = read_card()
    found = by_name(shipped, shipped)
    assert {one.verdict for one in found.values() if one.old is not None} <= {"same", ""}
    for name in shipped["figures"]:
        if name != "mnist_test":
            assert any(key.startswith(name.replace("_", " ")) for key in found), name


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.9962, "share", "99.62 %"), (651682, "bytes", "651.7 kB"), (1116139, "count", "1,116,139"),
     (0.00154539, "plain", "0.001545"), (None, "share", "not known")],
)  # fmt: skip
def test_figures_are_written_by_their_unit(value, unit, text):
    assert format_figure(value, unit) == text
