"""Weights that training starts from: a run's, or those of an exported model."""

from pathlib import Path

import numpy as np
import pytest

from digitrec.artifacts import models_dir
from digitrec.errors import DatasetError
from digitrec.learning.models.checkpoints import find_start_model, load_cnn, set_start_weights
from digitrec.learning.models.cnn import build_cnn
from digitrec.learning.runs.run import Run
from tests.support.small_data import small_config
from tests.support.training import fit


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return fit(tmp_path_factory.mktemp("runs"), small_config(augment="none"))


def test_training_starts_from_the_weights_of_a_run(run: Run, tmp_path: Path) -> None:
    config = small_config(start_from=str(run.path), learning_rate=0.0, epochs=1, ema_momentum=0.0, weight_decay=0.0)
    started = fit(tmp_path, config)
    kernels = [
        [w for w in load_cnn(one).get_weights() if w.ndim == 4]  # a rate of zero leaves all but the statistics alone
        for one in (run, started)
    ]
    for before, after in zip(*kernels, strict=True):
        np.testing.assert_array_equal(before, after)
    assert list(started.read_json("provenance.json")["start_from"]) == ["best.keras"]


def test_training_starts_from_the_shipped_model() -> None:
    cnn = build_cnn(depth=3)
    set_start_weights(cnn, str(models_dir() / "digitrec.keras"))
    frame = np.zeros((1, 28, 28, 1), np.float32)
    frame[0, 4:24, 13:15] = 1
    assert np.asarray(cnn(frame)).argmax() == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [("gone.keras", "no file; name a run or a .keras model"), ("no-such-run", "no-such-run")],
)
def test_a_model_that_is_not_there_is_named(path: str, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        find_start_model(path)


def test_a_network_of_another_shape_is_refused() -> None:
    with pytest.raises(DatasetError, match="of another shape than the one to be trained"):
        set_start_weights(build_cnn(depth=2), str(models_dir() / "digitrec.keras"))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.keras"
    file.write_bytes(b"no model")
    with pytest.raises(DatasetError, match=r"broken\.keras is no network that Keras can read; name another model"):
        set_start_weights(build_cnn(), str(file))
