"""The learning floor runs on other Keras backends than TensorFlow: here JAX, in a process of its own."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
import keras
import numpy as np
from pathlib import Path
from digitrec.learning import callbacks
from digitrec.learning.runs.run import list_runs
from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.models.cnn import build_recognizer
from tests.support.small_data import small_config
from tests.support.training import fit

assert keras.backend.backend() == "jax"
root = Path(sys.argv[1])
config = small_config(epochs=2, corruption=0.25)
run = fit(root, config)
assert run.status.state == "done", run.status
history = run.history()
assert history[1]["loss"] < history[0]["loss"]

class Kill(BaseException):
    pass

class Killed(callbacks.Progress):
    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 2:
            raise Kill

whole, callbacks.Progress = callbacks.Progress, Killed
try:
    fit(root / "killed", config)
except Kill:
    pass
callbacks.Progress = whole
(killed,) = list_runs(root / "killed")
assert len(killed.history()) == 1
resumed = fit(root, config, run=killed)
assert resumed.history() == history, (resumed.history(), history)  # so that the seed decides all, too

recognizer = build_recognizer(load_cnn(run), Calibration())
assert recognizer(np.random.default_rng(0).random((2, 40, 50), np.float32))["probabilities"].shape == (2, 10)
print("trained on", keras.backend.backend())
"""


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed; it is in the test group")
def test_training_and_resuming_on_jax(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert "trained on jax" in result.stdout
