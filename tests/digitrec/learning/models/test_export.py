import json
import shutil

import keras
import numpy as np
import pytest

from digitrec import Explainer, Recognizer
from digitrec.artifacts import EXPLANATION_NAME, read_card, sha256
from digitrec.errors import DatasetError, ModelIntegrityError
from digitrec.explanation.graph import NO_INK, softmax
from digitrec.learning.data.training_data import TrainingData, split_stratified
from digitrec.learning.models import export
from digitrec.learning.models.export import compare, export_run, load_recognizer, record_figure
from digitrec.learning.runs.provenance import current_commit
from digitrec.learning.runs.run import Run
from digitrec.learning.strokes.recordings import PenDigit
from digitrec.learning.strokes.rendering import render
from tests.support.drawings import STROKES
from tests.support.small_data import bars, small_config
from tests.support.training import fit


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of one epoch."""
    root = tmp_path_factory.mktemp("runs")
    return fit(root, small_config(epochs=1, augment="none"))


@pytest.fixture(scope="module", autouse=True)
def images_instead_of_mnist():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "load_mnist", lambda: (bars(250), bars(10)))
        yield


def no_network(cnn):
    """Stands in for the network that explains."""
    return b"what explains"


@pytest.fixture(autouse=True)
def no_explanation(request, monkeypatch):
    """Exporting what explains takes as long as all the rest; one test has it."""
    if "what_explains" not in request.node.name:
        monkeypatch.setattr(export, "export_explanation", no_network)


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory, images_instead_of_mnist):
    """The folder that the run was exported to, and how far Keras and ONNX Runtime agree. Tests write to a copy."""
    folder = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "export_explanation", no_network)
        return folder, export_run(run, folder)


def test_what_explains_is_of_the_same_network_and_on_the_card(run, tmp_path):
    export_run(run, tmp_path)
    data = (tmp_path / EXPLANATION_NAME).read_bytes()
    assert read_card(tmp_path)["artifacts"][EXPLANATION_NAME] == {"sha256": sha256(data), "bytes": len(data)}
    explainer = Explainer(tmp_path / "digitrec.onnx")
    frames = bars(20).images / np.float32(255)
    expected = explainer.recognizer.run(frames)
    temperature = load_recognizer(run).get_layer("answer").calibration.temperature
    logits = explainer.graph.run(NO_INK, expected.model_input, np.zeros(20, np.int32), ("logits",))["logits"][:, :10]
    np.testing.assert_allclose(softmax(logits / temperature), expected.probabilities, atol=1e-4)


def test_the_exported_model_predicts_what_the_trained_one_does(run, exported):
    folder, agreement = exported
    assert agreement.largest_difference <= 1e-5
    assert agreement.images == 200 + 9 * len(export.CANVAS_SIZES)
    image = bars(1).images[0]
    expected = load_recognizer(run)(image[np.newaxis].astype(np.float32) / image.max())
    found = Recognizer(folder / "digitrec.onnx").run(image[np.newaxis].astype(np.float32) / image.max())
    for name, values in found._asdict().items():
        np.testing.assert_allclose(values, keras.ops.convert_to_numpy(expected[name]), atol=1e-5, err_msg=name)


def test_trained_on_0_to_1_and_served_on_0_to_255_gives_the_same(tmp_path):
    """The classic mistake: the network is trained on one range of pixels and served another.

    The trainer's own figure for its validation images and what `predict_batch` makes of the same images, as the raw
    bytes 0-255 that a user has, must be one.
    """
    digits = [PenDigit(digit, "us", [np.array(stroke) for stroke in STROKES[digit]]) for digit in range(10)]
    data = TrainingData(*split_stratified(render(digits, per_digit=40, seed=0), 0.2, seed=0))
    config = small_config(epochs=10, width=8, depth=2, learning_rate=0.01, augment="none", ema_momentum=0.0)
    run = fit(tmp_path, config, data=data)
    validated = max(row["val_accuracy"] for row in run.history())
    assert validated > 0.9
    export_run(run, tmp_path / "models")
    served = Recognizer(tmp_path / "models" / "digitrec.onnx").predict_batch(data.validation.images)
    right = np.mean([p.digit == label for p, label in zip(served, data.validation.labels, strict=True)])
    assert right == pytest.approx(validated, abs=0.03)


def test_the_card_records_training_and_export(run, exported, tmp_path):
    shutil.copytree(exported[0], tmp_path, dirs_exist_ok=True)
    card = read_card(tmp_path)
    for name in ("digitrec.onnx", "digitrec.keras", "explanation.onnx"):
        assert card["artifacts"][name]["sha256"] == sha256((tmp_path / name).read_bytes())
    assert card["training"]["config"] == run.config
    assert card["training"]["history"] == run.history()
    assert card["training"]["packages"]["keras"] == keras.__version__
    assert card["export"]["packages"] == card["training"]["packages"]
    record_figure(tmp_path, "mnist_test", {"accuracy": 0.5, "command": "x"})
    assert read_card(tmp_path)["figures"]["mnist_test"] == {"accuracy": 0.5, "command": "x", "commit": current_commit()}
    json.dumps(card)


def test_the_keras_file_predicts_what_the_onnx_file_does(exported):
    folder, _ = exported
    loaded = keras.models.load_model(folder / "digitrec.keras")
    assert compare(loaded, Recognizer(folder / "digitrec.onnx")).largest_difference <= 1e-5


def test_a_graph_that_disagrees_is_refused_and_nothing_is_written(run, exported, tmp_path, monkeypatch):
    folder, before = exported
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    original = Recognizer.run

    def slightly_off(self, ink):
        answers = original(self, ink)
        return answers._replace(doubt=answers.doubt + np.float32(2e-5))

    monkeypatch.setattr(Recognizer, "run", slightly_off)
    with pytest.raises(ModelIntegrityError, match="refused: ONNX Runtime and Keras differ by 2"):
        export_run(run, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files
    assert before.largest_difference < 2e-5


def test_nan_counts_as_disagreement(run, tmp_path, monkeypatch):
    original = Recognizer.run

    def ruined(self, ink):
        answers = original(self, ink)
        return answers._replace(probabilities=answers.probabilities * np.nan)

    monkeypatch.setattr(Recognizer, "run", ruined)
    with pytest.raises(ModelIntegrityError, match="refused"):
        export_run(run, tmp_path)


@pytest.mark.parametrize("spoil", [lambda whole: b"a few bytes", lambda whole: whole[: len(whole) // 2]])
def test_a_broken_checkpoint_is_named_and_nothing_is_written(run, tmp_path, spoil):
    broken = Run(tmp_path / "broken")
    shutil.copytree(run.path, broken.path)
    broken.checkpoint.write_bytes(spoil(run.checkpoint.read_bytes()))
    with pytest.raises(DatasetError, match=r"best\.keras is no network that Keras can read"):
        export_run(broken, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_broken_calibration_is_named(run, tmp_path):
    broken = Run(tmp_path / "broken")
    shutil.copytree(run.path, broken.path)
    broken.write_json("calibration.json", {"warmth": 3})
    with pytest.raises(DatasetError, match=r"calibration\.json is not a calibration; fit it again"):
        load_recognizer(broken)


def test_a_run_without_a_checkpoint_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"no calibration\.json"):
        export_run(Run.create(tmp_path, "young", {}), tmp_path)
