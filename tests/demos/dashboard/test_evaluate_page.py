"""The page Evaluate, and what it reads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from demos.dashboard import jobs, paths
from demos.dashboard.models import choice
from demos.dashboard.models.choice import ModelChoice, finished_runs
from demos.dashboard.models.confusion import cell_from_event
from demos.dashboard.models.evaluation import load_evaluation
from demos.dashboard.models.two_models import describe_chance
from demos.dashboard.pages import evaluate
from digitrec import artifacts
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.evaluation.predictions import PREDICTIONS, Predictions
from digitrec.learning.runs.run import RUNS_DIR, Run
from tests.support.dashboard import evaluated, finished_run, house, opened, run_again, said, some_answers

__all__ = ["house"]


@pytest.fixture
def run(house):
    run = finished_run(house.runs)
    evaluated(run.path, run.checkpoint, house.test.labels)
    return run


def on(run, page=evaluate.page):
    """The page, with a run chosen."""
    app = opened(page)
    app.selectbox(key="model").select(run.name)
    return run_again(app)


def test_only_finished_runs_can_be_chosen(house):
    done = finished_run(house.runs, "done")
    Run.create(house.runs, "young", {})
    (house.runs / "rubbish").mkdir()
    assert [run.name for run in finished_runs()] == [done.name]
    assert opened(evaluate.page).selectbox(key="model").options == [choice.SHIPPED, done.name]


def test_the_figures_are_those_of_the_answers(run):
    app = on(run)
    assert {metric.label: metric.value for metric in app.metric} | {"Loss": ""} == {
        "Accuracy": "95.00%",
        "Errors": "3 of 60",
        "Loss": "",
        "Calibration error": app.metric[3].value,
        "Doubted": "1",
    }
    assert "no epoch, setting or threshold is" in said(app)


def test_the_page_opens_on_the_cell_with_most_mistakes(run):
    app = on(run)
    assert (app.selectbox(key="confusion-label").value, app.selectbox(key="confusion-predicted").value) == (3, 8)
    assert "**2 of 6** images of a 3 were predicted as 8." in said(app)


def test_choosing_a_cell_shows_its_images_the_surest_first(run):
    app = on(run)
    app.selectbox(key="confusion-predicted").select(5)
    run_again(app)
    assert "**1 of 6** images of a 3 was predicted as 5." in said(app)
    app.selectbox(key="confusion-label").select(5)
    run_again(app)
    assert "**6 of 6** images of a 5 were predicted as 5." in said(app)
    shown = [button.label for button in app.button if button.key.startswith("cell-5-5")]
    assert len(shown) == 6
    assert shown == sorted(shown, reverse=True)


def test_an_image_opens_with_its_probabilities(run):
    app = on(run)
    app.button(key="cell-3-8-0").click()
    run_again(app)
    assert "Image 23 is a **3**. The model says “8, 81% sure”. That is wrong." in said(app)


def test_a_doubted_image_is_marked(run):
    app = on(run)
    app.number_input(key="any-image").set_value(4)
    run_again(app)
    assert "Image 4 is a **4**. The model says “I can't see a digit, my best guess is 4”." in said(app)


def test_a_run_without_an_evaluation_offers_one(house, monkeypatch):
    run = finished_run(house.runs)
    started = {}
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.update({name: commands}))
    app = on(run)
    assert "has not been evaluated yet" in said(app)
    assert not app.metric
    app.button[0].click()
    run_again(app)
    assert list(started.values()) == [(["training.evaluate", str(run.path)],)]


def test_the_shipped_model_is_evaluated_beside_the_runs(house):
    command = ModelChoice().evaluate_command()
    assert command == ["training.evaluate", "--models", str(house.models), "--out", str(house.root / "evaluation")]


def test_the_shipped_model_is_not_exported_again(house):
    with pytest.raises(ValueError, match="exported already"):
        ModelChoice().export_command(house.root)


def test_the_runs_folder_comes_from_the_environment_or_the_commands_default(house, monkeypatch):
    assert paths.runs_root() == house.runs
    monkeypatch.delenv("DIGITREC_RUNS_DIR")
    assert paths.runs_root() == RUNS_DIR


def test_the_shipped_model_comes_with_the_predictions_behind_its_card():
    folder = artifacts.models_dir()
    predictions = Predictions.load(folder)
    assert predictions.model == sha256((folder / artifacts.MODEL_NAME).read_bytes())
    figures = artifacts.read_card(folder)["figures"]["mnist_test"]
    wrong = int((predictions.probabilities.argmax(1) != predictions.labels).sum())
    assert (len(predictions.labels), wrong) == (figures["count"], figures["errors"])


def test_a_newer_evaluation_of_the_shipped_model_is_shown_in_place_of_the_one_it_came_with(house):
    shipped = ModelChoice()
    shipped.onnx_file.write_bytes(b"a model")
    evaluated(house.models, shipped.onnx_file, house.test.labels)
    assert shipped.evaluation_dir == house.models
    evaluated(paths.shipped_evaluation_dir(), shipped.onnx_file, house.test.labels)
    newer = paths.shipped_evaluation_dir() / PREDICTIONS
    os.utime(newer, ns=(newer.stat().st_atime_ns, (house.models / PREDICTIONS).stat().st_mtime_ns + 1))
    assert shipped.evaluation_dir == paths.shipped_evaluation_dir()


def test_an_evaluation_of_another_model_file_is_shown_as_such(run):
    run.checkpoint.write_bytes(b"trained further")
    app = on(run)
    assert "has changed since this evaluation" in said(app)
    assert app.metric[1].value == "3 of 60"


def test_a_broken_evaluation_is_a_sentence_and_can_be_done_again(run):
    (run.path / "predictions.npz").write_bytes(b"half a fi")
    app = on(run)
    assert "cannot be read" in app.error[0].value
    assert app.button[0].label == "Evaluate now"


def test_an_evaluation_of_other_images_is_refused(run, house):
    evaluated(run.path, run.checkpoint, house.test.labels[::-1].copy())
    app = on(run)
    assert "used other test images" in app.error[0].value
    assert not app.metric


def test_answers_that_are_no_numbers_are_a_dataset_error(run, house, monkeypatch):
    found = load_evaluation(ModelChoice(run))
    ruined = found.predictions.probabilities.copy()
    ruined[0] = np.nan
    object.__setattr__(found.predictions, "probabilities", ruined)
    found.predictions.save(run.path)
    with pytest.raises(DatasetError, match=r"NaN.*evaluate the model again"):
        load_evaluation(ModelChoice(run))


def test_a_click_names_its_cell():
    event = {"selection": {"points": [{"x": 8, "y": 3, "point_index": 38}]}}
    assert cell_from_event(event) == (3, 8)
    assert cell_from_event({"selection": {"points": []}}) is None


def test_without_mnist_the_page_says_so(run, monkeypatch):
    from digitrec.learning.data import mnist

    monkeypatch.setattr(mnist, "mnist_is_here", lambda: False)
    assert "MNIST is not on this machine yet" in said(on(run))


def test_an_address_that_names_no_model_opens_the_shipped_one(house):
    app = AppTest.from_string("from demos.dashboard.pages.evaluate import page\npage()\n", default_timeout=30)
    app.query_params["model"] = "long gone"
    assert run_again(app).selectbox(key="model").value == choice.SHIPPED


LOADED = """
import json, sys
from demos.dashboard.pages import data, evaluate, publish, try_it
print(json.dumps([name for name in ("keras", "tensorflow", "torch", "jax", "matplotlib") if name in sys.modules]))
"""


def test_the_pages_load_no_keras(tmp_path):
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def second_run(house, labels, **answers):
    """Another evaluated run, with mistakes of its own."""
    other = finished_run(house.runs, "second")
    Predictions.from_outputs(some_answers(labels, **answers), labels, sha256(other.checkpoint.read_bytes())).save(
        other.path
    )
    return other


def test_two_models_stand_side_by_side_with_the_images_on_which_they_differ(run, house):
    other = second_run(house, house.test.labels, wrong=((3, 8), (13, 7), (40, 1)))
    app = on(run)
    app.selectbox(key="other").select(other.name)
    run_again(app)
    table = app.dataframe[0].value
    assert table.loc["Errors"].to_dict() == {run.name: "3", other.name: "3"}
    assert [tab.label for tab in app.tabs][:3] == [
        f"Only {run.name} is right",
        f"Only {other.name} is right",
        "Both wrong, differently",
    ]
    shown = {button.key: button.label for button in app.button if button.key.startswith("differ-")}
    assert shown == {"differ-0-0": "0: 0 or 1", "differ-1-0": "3: 8 or 3", "differ-2-0": "3: 5 or 7"}
    assert "may be chance" in said(app)
    app.button(key="differ-2-0").click()
    run_again(app)
    assert "Image 13 is a **3**" in said(app)


def test_a_model_that_was_not_evaluated_can_be_evaluated_beside_another(run, house, monkeypatch):
    other = finished_run(house.runs, "second")
    started = []
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.extend(commands))
    app = on(run)
    app.selectbox(key="other").select(other.name)
    run_again(app)
    app.button(key=f"evaluate-{other.name}").click()
    run_again(app)
    assert started == [["training.evaluate", str(other.path)]]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [(0, 0, "the same images"), (5, 5, "may be chance"), (10, 3, "may be chance"), (30, 5, "hardly chance")],
)
def test_a_difference_is_weighed_by_mcnemars_test(first, second, words):
    assert words in describe_chance(first, second)
