"""The page Publish. None of this touches the models that ship with the project."""

import json
import shutil

import pytest

from demos.dashboard import jobs
from demos.dashboard.models.choice import ModelChoice
from demos.dashboard.pages import publish
from digitrec import artifacts
from digitrec.learning.data.training_data import TrainingData, split_stratified
from digitrec.publication.candidate import check_candidate
from digitrec.publication.candidate import publish as publish_candidate
from tests.support.dashboard import finished_run, house, opened, run_again, said
from tests.support.models import another_version, copy_shipped
from tests.support.small_data import bars, small_config
from tests.support.training import fit

__all__ = ["house"]


@pytest.fixture(autouse=True)
def shipped_models_stay_as_they_are():
    def state():
        files = (path for path in artifacts.models_dir().iterdir() if path.is_file())
        return {path.name: artifacts.sha256(path.read_bytes()) for path in files}

    before = state()
    yield
    assert state() == before


def card_of(run_name, accuracy=0.99, **more):
    errors = round(10_000 * (1 - accuracy))
    figure = {"accuracy": accuracy, "errors": errors, "loss": 0.03, "ece": 0.002, "interval_95": [0.98, 0.995]}
    return {
        "artifacts": {"digitrec.onnx": {"bytes": 500_000}},
        "training": {"run": run_name, "history": [{"val_accuracy": 0.99}]},
        "figures": {"mnist_test": figure},
        **more,
    }


def exported(run, **changes):
    """Leave in a run's directory what preparing it leaves."""
    folder = run.path / "export"
    folder.mkdir()
    (folder / "digitrec.onnx").write_bytes(b"a model")
    (folder / "card.json").write_text(json.dumps(card_of(run.name, **changes)))


def ship(house):
    shutil.copy(artifacts.models_dir() / "card.json", house.models)


def press(app, label):
    next(button for button in app.button if button.label == label).click()
    return run_again(app)


def test_an_earlier_version_is_let_serve_again(house, tmp_path, monkeypatch):
    folder = copy_shipped(tmp_path / "serving")
    monkeypatch.setattr(publish.paths, "models_dir", lambda: folder)
    assert not opened(publish.page).dataframe
    published = publish_candidate(folder, check_candidate(folder, str(another_version(tmp_path / "second", "second"))))
    app = opened(publish.page)
    (table,) = app.dataframe
    assert table.value["run"].tolist()[0] == "second"
    assert table.value["serves"].tolist() == ["yes", ""]
    press(app, "Let it serve")
    assert artifacts.read_card(folder) == artifacts.read_card()
    assert f"in place of {published.id[:12]}" in said(app)


def test_without_a_run_that_is_done_there_is_nothing_to_publish(house):
    assert "Train one first" in said(opened(publish.page))


def test_preparing_exports_into_the_run_alone_and_measures_what_was_exported(house, monkeypatch):
    run, started = finished_run(house.runs), []
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.extend(commands))
    press(opened(publish.page), "Show what would change")
    out = str(run.path / "export")
    assert started == [
        ["training.export", str(run.path), "--out", out],
        ["training.evaluate", "--models", out, "--out", out, "--write-card"],
    ]


def test_every_figure_is_shown_before_anything_is_done(house):
    ship(house)
    run = finished_run(house.runs)
    exported(run)
    app = opened(publish.page)
    table = app.table[0].value
    accuracy = table[table.figure == "test accuracy"].iloc[0]
    shipped = artifacts.read_card()["figures"]["mnist_test"]["accuracy"]
    worse = f"{100 * (0.99 - shipped):.2f} percentage points, worse"
    assert (accuracy.shipped, accuracy["this run"], accuracy.change) == (f"{100 * shipped:.2f} %", "99.00 %", worse)
    words = said(app)
    assert "figures on the shipped model's card have not been measured for this run" in words
    assert "`python -m benchmarks.accuracy`" in words
    assert "trained without negatives" in words
    assert "Worse than the shipped model: test accuracy" in words
    named = " ".join(app.dataframe[0].value.figure)
    for name in artifacts.read_card()["figures"]:
        assert name == "mnist_test" or name.replace("_", " ") in named


def test_nothing_is_published_without_consent_and_consent_is_for_one_run(house, monkeypatch):
    ship(house)
    first, second = finished_run(house.runs, "first"), finished_run(house.runs, "second")
    exported(first)
    exported(second)
    started = []
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.extend(commands))
    app = opened(publish.page)
    app.selectbox(key="publish-run").select(first.name)
    run_again(app)
    button = next(one for one in app.button if one.label == "Publish")
    assert button.disabled
    app.checkbox[0].check()
    run_again(app)
    app.selectbox(key="publish-run").select(second.name)
    run_again(app)
    assert next(one for one in app.button if one.label == "Publish").disabled
    app.selectbox(key="publish-run").select(first.name)
    run_again(app)
    app.checkbox[0].check()
    press(run_again(app), "Publish")
    assert started == [
        ["training.export", str(first.path), "--out", str(house.models)],
        ["training.evaluate", "--models", str(house.models), "--out", str(house.root / "evaluation"), "--write-card"],
    ]


def test_a_refusal_is_a_plain_sentence_and_the_shipped_model_stays(house, monkeypatch):
    ship(house)
    run = finished_run(house.runs)
    exported(run)
    before = (house.models / "card.json").read_bytes()
    (house.root / "refusing.py").write_text(
        "import sys\nprint('error: refused: ONNX Runtime and Keras differ by 0.1; nothing was written')\nsys.exit(1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(house.root))
    monkeypatch.setattr(ModelChoice, "export_command", lambda self, folder: ["refusing"])
    app = opened(publish.page)
    app.checkbox[0].check()
    press(run_again(app), "Publish")
    jobs.jobs()[publish.PUBLISH].wait(60)
    run_again(app)
    assert app.error[0].value == (
        "Not published; the earlier model still ships. ONNX Runtime and Keras differ by 0.1; nothing was written"
    )
    assert (house.models / "card.json").read_bytes() == before


def test_a_model_that_could_not_be_measured_is_published_all_the_same():
    assert publish.describe_failure(1, "no MNIST") == "Published, but its figures could not be measured: no MNIST"


def test_without_a_shipped_card_there_is_nothing_to_compare_with(house):
    exported(finished_run(house.runs))
    app = opened(publish.page)
    assert "no card to compare with" in said(app)
    assert app.table[0].value.shipped.eq("not known").all()


def test_publishing_exports_a_run_into_the_models_folder(house, data_dir):
    """With the real commands, from a trained run to a model that serves."""
    data = TrainingData(*split_stratified(bars(200), 0.2, 0), sources={"bars": 200})
    run = fit(house.runs, small_config(epochs=1), data=data)
    exported(run)
    app = opened(publish.page)
    app.checkbox[0].check()
    press(run_again(app), "Publish")
    job = jobs.jobs()[publish.PUBLISH]
    job.wait(500)  # two processes import TensorFlow
    assert not job.running
    run_again(app)
    assert "Published." in app.success[0].value
    card = artifacts.read_card(house.models)
    assert card["training"]["run"] == run.name
    assert card["figures"]["mnist_test"]["count"] == 10_000
    assert (house.root / "evaluation" / "predictions.npz").exists()
