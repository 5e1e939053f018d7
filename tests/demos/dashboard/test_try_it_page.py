"""The page Try it. Drawing itself is tested in a browser."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from demos.dashboard import jobs
from demos.dashboard.models import loaded
from demos.dashboard.models.choice import ModelChoice
from demos.dashboard.pages import try_it
from digitrec import ModelIntegrityError, Recognizer, artifacts, predict
from digitrec.learning.data.kaggle_csv import load_csv
from tests.support.dashboard import finished_run, house, opened, run_again, said
from tests.support.drawings import drawing, encoded, painted

__all__ = ["house"]


@pytest.fixture
def canvas(house, monkeypatch):
    """A canvas that holds what the test puts on it, and the shipped model in the house."""
    for file in artifacts.models_dir().glob("*.[oj][ns][no]*"):
        shutil.copy(file, house.models)
    result = SimpleNamespace(image_data=None, json_data=None)
    monkeypatch.setattr(try_it, "canvas", lambda thickness, key, size: result)

    def put(ink):
        rgb = painted(ink)
        result.image_data = np.dstack([rgb, np.full(ink.shape, 255, np.uint8)])
        result.json_data = {"objects": [{"type": "path"}]}

    return put


def scribble():
    rng = np.random.default_rng(3)
    return np.kron(rng.integers(0, 2, (10, 10)), np.ones((28, 28))).astype(np.uint8) * 255


def test_the_drawing_is_answered(canvas):
    app = opened(try_it.page)
    assert "Draw a digit, and the answer appears here." in said(app)
    canvas(drawing(4))
    run_again(app)
    assert "4" in [title.value for title in app.title]
    assert "sure" in said(app)


def test_a_non_digit_is_worded_as_in_the_web_app(canvas):
    canvas(scribble())
    app = opened(try_it.page)
    guess = predict(painted(scribble())).digit
    assert f"I can't see a digit, my best guess is {guess}" in said(app)
    assert "?" in [title.value for title in app.title]


def test_a_blank_canvas_asks_for_ink(canvas):
    canvas(np.zeros((280, 280), np.uint8))
    assert "There is no ink yet. Draw a digit first." in said(opened(try_it.page))


def test_nothing_is_drawn_until_there_is_a_stroke():
    white = np.full((280, 280, 4), 255, np.uint8)
    for json_data in (None, {}, {"objects": []}):
        assert try_it.read_drawing(SimpleNamespace(image_data=white, json_data=json_data)) is None
    assert try_it.read_drawing(SimpleNamespace(image_data=None, json_data={"objects": [1]})) is None
    drawn = SimpleNamespace(image_data=white, json_data={"objects": [1]})
    assert try_it.read_drawing(drawn) is white  # as it is


def test_a_run_is_prepared_once_and_then_compared_with_the_shipped_model(canvas, house, monkeypatch):
    run = finished_run(house.runs)
    started = []
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.extend(commands))
    canvas(drawing(7))
    app = opened(try_it.page)
    app.selectbox(key="beside").select(run.name)
    run_again(app)
    app.button(key=f"prepare-{run.name}").click()
    run_again(app)
    assert started == [["training.export", str(run.path), "--out", str(run.path / "export")]]
    shutil.copytree(house.models, run.path / "export")  # what the export would leave, made later than the network
    for file in (run.path / "export").iterdir():
        file.touch()
    run_again(app)
    assert [title.value for title in app.title].count("7") == 2


def test_an_export_older_than_the_network_does_not_count(canvas, house):
    import os

    run = finished_run(house.runs)
    shutil.copytree(house.models, run.path / "export")
    for file in (run.path / "export").iterdir():
        os.utime(file, (1, 1))
    assert not ModelChoice(run).is_exported


def test_the_answer_is_that_of_digitrec_predict(canvas):
    for digit in range(10):
        picture = np.dstack([painted(drawing(digit)), np.full((280, 280), 255, np.uint8)])
        found, expected = loaded.predict_with(ModelChoice(), picture), predict(picture)
        assert found.digit == expected.digit
        np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-6)


def test_a_model_is_loaded_once_and_again_when_its_file_changes(canvas, house):
    path = house.models / "digitrec.onnx"
    first = loaded.get_recognizer(path)
    assert isinstance(first, Recognizer)
    assert loaded.get_recognizer(path) is first
    path.write_bytes(b"something else")
    with pytest.raises(ModelIntegrityError):
        loaded.get_recognizer(path)


def test_a_broken_model_is_a_sentence(canvas, house):
    canvas(drawing(4))
    (house.models / "digitrec.onnx").write_bytes(b"broken")
    app = opened(try_it.page)
    assert "is not the file its card describes" in app.error[0].value


def choose(app, what):
    app.segmented_control(key="try").set_value(what)
    return run_again(app)


def test_numbers_that_are_written_are_read(canvas):
    app = choose(opened(try_it.page), try_it.NUMBERS)
    assert "Write numbers, and what is read appears here." in said(app)
    canvas(np.concatenate([drawing(4), drawing(7)], axis=1))
    run_again(app)
    assert "47" in [title.value for title in app.title]
    assert app.dataframe[0].value["number"].tolist() == ["47"]


def test_a_picture_is_read_and_what_is_none_is_a_sentence(canvas):
    app = choose(opened(try_it.page), try_it.PICTURE)
    row = 255 - np.concatenate([drawing(4), drawing(7)], axis=1)
    app.file_uploader[0].set_value([("row.png", encoded(row), "image/png")])
    assert "47" in [title.value for title in run_again(app).title]
    app.file_uploader[0].set_value([("row.png", b"no picture", "image/png")])
    assert "These 10 bytes are not a readable picture" in run_again(app).error[0].value
    app.file_uploader[0].set_value([("blank.png", encoded(np.full((40, 60), 255, np.uint8)), "image/png")])
    assert "I can't see a number." in said(run_again(app))


def test_a_correction_is_saved_as_training_data_and_undone(canvas, house):
    canvas(drawing(4))
    app = opened(try_it.page)
    assert app.button(key="save-correction").disabled
    app.pills[0].set_value("7")
    run_again(app)
    app.button(key="save-correction").click()
    run_again(app)
    assert "Saved as a 7 in `corrections.csv`" in said(app)
    saved = load_csv(str(house.root / "corrections.csv"))
    assert saved.labels.tolist() == [7]
    np.testing.assert_array_equal(saved.images[0], np.rint(255 * predict(painted(drawing(4))).model_input))
    app.button(key="undo-correction").click()
    run_again(app)
    assert (house.root / "corrections.csv").read_text().count("\n") == 1  # the header


def test_a_correction_that_cannot_be_saved_is_a_sentence(canvas, house, monkeypatch):
    (house.root / "corrections.csv").write_text("something else\n")
    canvas(drawing(4))
    app = opened(try_it.page)
    app.pills[0].set_value("7")
    run_again(app)
    app.button(key="save-correction").click()
    assert "does not hold corrections" in run_again(app).error[0].value
