"""The part of the page Evaluate on numbers and photographs."""

import numpy as np
import pytest

from demos.dashboard import jobs
from demos.dashboard.models import reader_evaluation
from demos.dashboard.pages import evaluate
from digitrec.artifacts import reader_path, sha256
from digitrec.learning.evaluation.scene_readings import SceneDigit, SceneReading, SceneReadings
from tests.support.dashboard import house, opened, run_again, said

__all__ = ["house"]

ROW = {"count": 50, "exact": 0.92, "digits": 0.98}
CARD = {
    "reader": {
        "figures": {
            "command": "python -m benchmarks.reading --count 50",
            "tables": [
                {"title": "Numbers on canvases", "rows": [{"what": "apart", "reader": ROW, "baseline": ROW}]},
                {"title": "Sudokus", "figures": {"cells": "98 %"}},
            ],
        }
    }
}


def reading(*outcomes):
    """A scene of 160 pixels in which each digit has one of the outcomes."""
    digits = [SceneDigit(place, (20.0 * place, 10, 20.0 * place + 15, 40), what) for place, what in enumerate(outcomes)]
    wanted = [one for one in digits if one.outcome != "false"]
    found = [one for one in digits if one.outcome != "missed"]
    return SceneReading(np.full((160, 160), 200, np.uint8), tuple(wanted), tuple(found))


def save(house, model=None):
    folder = house.runs.parent / "evaluation"
    folder.mkdir()
    scenes = [reading("right"), reading("right", "missed"), reading("false", "misread", "misread")]
    SceneReadings(scenes, model or sha256(reader_path().read_bytes())).save(folder)


def numbers(app):
    app.segmented_control(key="what").set_value(evaluate.NUMBERS)
    return run_again(app)


def test_the_published_figures_are_shown(house, monkeypatch):
    monkeypatch.setattr(reader_evaluation, "read_card", lambda folder: CARD)
    app = numbers(opened(evaluate.page))
    assert [tab.label for tab in app.tabs] == ["Numbers on canvases", "Sudokus"]
    assert app.dataframe[0].value["exact"].tolist() == [0.92]
    assert "python -m benchmarks.reading --count 50" in said(app)


@pytest.mark.parametrize("card", [{}, {"reader": {"figures": {"tables": [{"rows": [{}]}]}}}, {"reader": 7}])
def test_a_card_without_usable_figures_breaks_nothing(house, monkeypatch, card):
    monkeypatch.setattr(reader_evaluation, "read_card", lambda folder: card)
    assert "card" in said(numbers(opened(evaluate.page)))


def test_scenes_are_read_in_the_background_when_asked_for(house, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.extend(commands))
    app = numbers(opened(evaluate.page))
    app.button(key="read-scenes").click()
    run_again(app)
    assert started == [["training.evaluate_reader", "--out", str(house.runs.parent / "evaluation")]]


def test_mistakes_are_shown_by_kind_the_worst_scene_first(house):
    save(house)
    app = numbers(opened(evaluate.page))
    assert {metric.label: metric.value for metric in app.metric} == {
        "Scenes without a mistake": "1 of 3",
        "Digits": "5",
        "Misread": "2",
        "Missed": "1",
        "Read where there is none": "1",
    }
    assert [one.value for one in app.caption if one.value.startswith("Scene ")] == ["Scene 3", "Scene 2"]
    assert not [one for one in app.button if one.key == "read-scenes"]
    app.segmented_control(key="reader-kind").set_value("Missed")
    run_again(app)
    assert [one.value for one in app.caption if one.value.startswith("Scene ")] == ["Scene 2"]


def test_readings_by_an_earlier_detector_are_named(house):
    save(house, model="another")
    app = numbers(opened(evaluate.page))
    assert "The detector has changed since" in said(app)
    assert [one for one in app.button if one.key == "read-scenes"]


def test_a_broken_file_is_a_sentence(house):
    (house.runs.parent / "evaluation").mkdir()
    (house.runs.parent / "evaluation" / "scene_readings.npz").write_bytes(b"rubbish")
    assert "cannot be read" in said(numbers(opened(evaluate.page)))
