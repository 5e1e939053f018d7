import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.evaluation.predictions import Predictions
from digitrec.prediction import GraphOutputs


def predictions(count=4):
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(10), count).astype(np.float32)
    seen = rng.uniform(0, 1, (count, 28, 28)).astype(np.float32)
    answers = GraphOutputs(probabilities, rng.uniform(0, 1, count).astype(np.float32), seen)
    return Predictions.from_outputs(answers, np.arange(count, dtype=np.uint8), "ab12"), seen


def test_saved_predictions_are_loaded_unchanged(tmp_path):
    saved, seen = predictions()
    assert saved.save(tmp_path) == tmp_path / "predictions.npz"
    loaded = Predictions.load(tmp_path)
    for name in ("probabilities", "doubt", "model_input", "labels"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(saved, name), err_msg=name)
    assert loaded.model == "ab12"
    np.testing.assert_allclose(loaded.model_input / 255, seen, atol=0.5 / 255 + 1e-6)


def test_without_a_file_the_command_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"not there; .*python -m training\.evaluate"):
        Predictions.load(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", b"no archive at all"])
def test_a_broken_file_is_refused(tmp_path, damage):
    (tmp_path / "predictions.npz").write_bytes(damage)
    with pytest.raises(DatasetError, match="cannot be read"):
        Predictions.load(tmp_path)


def test_arrays_that_do_not_fit_are_refused(tmp_path):
    saved, _ = predictions()
    Predictions(saved.probabilities[:3], saved.doubt, saved.model_input, saved.labels, "ab12").save(tmp_path)
    with pytest.raises(DatasetError, match="for 4 images"):
        Predictions.load(tmp_path)
