"""Charts, tiles and words of the dashboard."""

import numpy as np
import pytest

from demos.dashboard import charts
from demos.dashboard.images import enlarge, lay_out
from demos.wording import describe, format_percent
from digitrec import Prediction
from digitrec.learning.evaluation.metrics import evaluate
from tests.support.dashboard import some_answers


@pytest.fixture(scope="module")
def evaluation():
    labels = (np.arange(60) % 10).astype(np.uint8)
    return evaluate(some_answers(labels).probabilities, labels)


def test_each_cell_of_the_matrix_is_a_point_that_can_be_clicked(evaluation):
    heat, points = charts.plot_confusion(evaluation, shares=False, chosen=(3, 8)).data
    assert len(points.x) == len(points.y) == 100
    cell = next(i for i in range(100) if (points.y[i], points.x[i]) == (3, 8))
    assert points.text[cell] == "2"
    assert points.customdata[cell].tolist() == [3, 8, 2, pytest.approx(100 / 3)]
    assert heat.z[3][8] == pytest.approx(1 / 3)
    assert heat.z[3][3] == 0  # the diagonal stays pale


def test_the_matrix_in_percent_of_its_rows(evaluation):
    points = charts.plot_confusion(evaluation, shares=True).data[1]
    shown = dict(zip(zip(points.y, points.x, strict=True), points.text, strict=True))
    assert (shown[3, 3], shown[3, 8], shown[3, 5], shown[0, 0], shown[0, 1]) == ("50.0", "33.3", "16.7", "100.0", "")


def test_the_axis_of_the_classes_begins_below_the_worst(evaluation):
    figure = charts.plot_per_class(evaluation.per_class)
    precision, recall = figure.data
    assert recall.y[3] == pytest.approx(50)
    assert precision.y[8] == pytest.approx(75)
    assert figure.layout.yaxis.range[0] == 49


def test_empty_bins_are_left_out(evaluation):
    accuracy, line, counts = charts.plot_reliability(evaluation.reliability).data
    assert sum(counts.y) == 60
    assert len(accuracy.y) == len([one for one in evaluation.reliability if one.count])
    assert line.x == line.y == (0, 1)


def test_a_doubted_answer_has_bars_and_no_percentages():
    values = np.full(10, 0.01, np.float32)
    values[4] = 0.91
    sure, doubted = (charts.plot_probabilities(values, doubted=doubted, label=7) for doubted in (False, True))
    assert sure.data[1].marker.color[4] == charts.INK
    assert sure.data[2].text[4] == "91.0%"
    assert len(doubted.data) == 2
    assert sure.layout.yaxis.ticktext[7] == "<b>7</b>"


def test_balance_counts_and_shares():
    (bars,) = charts.plot_balance({"0": 30, "no digit": 10}).data
    assert bars.y == (30, 10)
    assert bars.customdata == (75, 25)


def test_a_tile_is_black_on_white_without_smoothing():
    image = np.array([[0, 255], [128, 0]], np.uint8)
    np.testing.assert_array_equal(
        enlarge(image, 2), [[255, 255, 0, 0], [255, 255, 0, 0], [127, 127, 255, 255], [127, 127, 255, 255]]
    )


def test_a_sheet_lays_images_out_in_rows():
    images = np.zeros((3, 28, 28), np.uint8)
    images[2] = 255
    paper = lay_out(images, columns=2, scale=1, gap=4)
    assert paper.shape == (4 + 2 * 32, 4 + 2 * 32)
    assert (paper[36:64, 4:32] == 0).all()
    assert (paper == 0).sum() == 28 * 28


@pytest.mark.parametrize(
    ("probability", "decimals", "text"),
    [
        (0.5, 0, "50%"),
        (0.995, 0, "99%"),
        (0.99999, 1, "99.9%"),
        (1.0, 0, "99%"),
        (1.0, 1, "99.9%"),
        (0.997, 1, "99.7%"),
        (0.0, 1, "0.0%"),
        (0.876, 0, "88%"),
    ],
)
def test_format_percent_never_says_100(probability, decimals, text):
    assert format_percent(probability, decimals) == text


def prediction(confidence, doubt=0.0):
    probabilities = np.zeros(10, np.float32)
    probabilities[4], probabilities[9] = confidence, 1 - confidence
    return Prediction(4, confidence, probabilities, doubt, np.zeros((28, 28), np.float32))


def test_verdicts_are_those_of_the_web_app():
    assert describe(prediction(0.97)) == "97% sure"
    assert describe(prediction(0.6)) == "60% sure, or else 9"
    assert describe(prediction(0.97, doubt=0.9)) == "I can't see a digit, my best guess is 4"
