import math

import pytest

from demos.dashboard.runs.curves import (
    epoch_points,
    list_series,
    plot_comparison,
    plot_learning_rate,
    plot_resources,
    plot_training_and_validation,
    running_point,
    smooth,
)

HISTORY = [
    {"epoch": 0, "accuracy": 0.5, "val_accuracy": 0.6, "loss": 2.0, "val_loss": 1.5, "learning_rate": 0.002},
    {"epoch": 1, "accuracy": 0.7, "val_accuracy": 0.8, "loss": 1.0, "val_loss": 0.5, "learning_rate": 0.001},
]


def test_a_figure_has_a_point_for_each_epoch():
    figure = plot_training_and_validation("Loss", HISTORY, {}, 5)
    curves = {curve.name: (list(curve.x), list(curve.y)) for curve in figure.data}
    assert curves == {"training": ([1, 2], [2.0, 1.0]), "validation": ([1, 2], [1.5, 0.5])}
    assert figure.layout.xaxis.range[1] > 5  # room for all epochs, so that the axis does not move


def test_the_training_curve_goes_on_to_where_the_epoch_stands():
    now = {"epoch": 2, "step": 30, "steps": 40, "accuracy": 0.75}
    figure = plot_training_and_validation("Accuracy", HISTORY, now, 5)
    (running,) = [curve for curve in figure.data if curve.name == "this epoch"]
    assert (list(running.x), list(running.y)) == ([2, 2.75], [0.7, 0.75])


@pytest.mark.parametrize(
    "now",
    [
        {},
        {"epoch": 2, "step": 0, "steps": 40, "accuracy": 0.1},
        {"epoch": 2, "step": 40, "steps": 40, "accuracy": 0.1},
        {"epoch": 1, "step": 30, "steps": 40, "accuracy": 0.1},
        {"epoch": 2, "step": 30, "steps": "many", "accuracy": 0.1},
    ],
)
def test_between_epochs_there_is_no_such_point(now):
    assert running_point(HISTORY, now, "accuracy") is None


def test_a_run_in_its_first_epoch_shows_its_progress():
    now = {"epoch": 0, "step": 1, "steps": 4, "loss": 2.3}
    (running,) = [c for c in plot_training_and_validation("Loss", [], now, 5).data if c.name == "this epoch"]
    assert (list(running.x), list(running.y)) == ([0.25], [2.3])


def test_where_there_is_nothing_to_draw_there_is_no_scale():
    assert plot_training_and_validation("Accuracy", [], {}, 5).layout.yaxis.showticklabels is False
    assert plot_training_and_validation("Accuracy", HISTORY, {}, 5).layout.yaxis.showticklabels is None


def test_learning_rate():
    (curve,) = plot_learning_rate(HISTORY, 5).data
    assert list(curve.y) == [0.002, 0.001]


def test_several_runs_each_with_a_colour_and_gaps_where_figures_are_missing():
    longer = [*HISTORY, {"epoch": 2, "loss": 0.1}]
    figure = plot_comparison(
        {"a": epoch_points(HISTORY, "val_loss"), "b": epoch_points(longer, "val_loss")}, "val_loss"
    )
    assert [curve.name for curve in figure.data] == ["a", "b"]
    assert len({curve.line.color for curve in figure.data}) == 2
    assert list(figure.data[1].x) == [1, 2, 3]
    assert math.isnan(figure.data[1].y[2])


def test_a_smoothed_curve_has_the_curve_itself_behind_it():
    pale, smoothed = plot_comparison({"a": ([1, 2], [2.0, 1.0])}, "loss", smoothing=0.5).data
    assert (pale.opacity, list(pale.y)) == (0.3, [2.0, 1.0])
    assert list(smoothed.y) == smooth([2.0, 1.0], 0.5)


def test_smoothing_begins_at_the_first_value_and_keeps_gaps_and_constants():
    assert smooth([3.0, 1.0, 2.0], 0.0) == [3.0, 1.0, 2.0]
    assert smooth([5.0] * 4, 0.9) == pytest.approx([5.0] * 4)
    first, gap, third = smooth([4.0, math.nan, 1.0], 0.5)
    assert first == 4.0
    assert math.isnan(gap)
    assert third == pytest.approx((0.5 * 0.5 * 4 + 0.5 * 1) / 0.75)


def test_the_machine_in_cores_and_gigabytes():
    cores, memory = plot_resources([{"seconds": 60, "cores": 1.5, "megabytes": 500}, {"seconds": 120}]).data
    assert (list(cores.x), cores.y[0], memory.y[0]) == ([1, 2], 1.5, 0.5)
    assert math.isnan(memory.y[1])


def test_only_what_some_run_has_can_be_chosen():
    assert list_series([HISTORY, [{"epoch": 0, "val_doubt_auroc": 0.9, "flux": 1.0}]]) == [
        "val_accuracy", "val_loss", "accuracy", "loss", "learning_rate", "val_doubt_auroc",
    ]  # fmt: skip
    assert list_series([]) == []
