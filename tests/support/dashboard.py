"""What the tests of the dashboard share: a small MNIST, a run directory, and pages run without a browser."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from demos.dashboard import paths
from digitrec.artifacts import sha256
from digitrec.learning.data import mnist
from digitrec.learning.evaluation.predictions import Predictions
from digitrec.learning.runs.run import Run
from digitrec.prediction import GraphOutputs
from tests.support.small_data import bars

TEST_IMAGES = 60


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty house: a folder for runs, one for models, and bars in place of MNIST."""
    st.cache_resource.clear()
    runs, models = tmp_path / "runs", tmp_path / "models"
    runs.mkdir()
    models.mkdir()
    monkeypatch.setenv("DIGITREC_RUNS_DIR", str(runs))
    monkeypatch.setattr(paths, "models_dir", lambda: models)
    train, test = bars(200, seed=1), bars(TEST_IMAGES, seed=2)
    monkeypatch.setattr(mnist, "load_mnist", lambda: (train, test))
    monkeypatch.setattr(mnist, "mnist_is_here", lambda: True)
    yield SimpleNamespace(runs=runs, models=models, train=train, test=test, root=tmp_path)
    st.cache_resource.clear()


def finished_run(root: Path, name: str = "first") -> Run:
    """A run that is done as far as the dashboard can tell; its network is a few bytes."""
    run = Run.create(root, name, {"name": name})
    run.checkpoint.write_bytes(f"the network of {name}".encode())
    run.write_json("calibration.json", {"temperature": 1.0})
    run.set_status("done")
    return run


def some_answers(labels, wrong=((3, 8), (13, 5), (23, 8)), doubted=(4,)) -> GraphOutputs:
    """Answers that are right but for `wrong`, pairs of a position and what it is taken for."""
    digits = labels.copy()
    for position, digit in wrong:
        digits[position] = digit
    confidence = np.linspace(0.7, 0.99, len(labels), dtype=np.float32)
    probabilities = np.repeat(((1 - confidence) / 9)[:, np.newaxis], 10, 1).astype(np.float32)
    probabilities[np.arange(len(labels)), digits] = confidence
    doubt = np.full(len(labels), 0.01, np.float32)
    doubt[list(doubted)] = 0.9
    return GraphOutputs(probabilities, doubt, np.full((len(labels), 28, 28), 0.5, np.float32))


def evaluated(folder: Path, model_file: Path, labels) -> None:
    """Leave in a folder what an evaluation of that model file leaves."""
    folder.mkdir(exist_ok=True)
    Predictions.from_outputs(some_answers(labels), labels, sha256(model_file.read_bytes())).save(folder)


def opened(page: Callable[[], None]) -> AppTest:
    """A page, run once."""
    app = AppTest.from_string(
        f"from {page.__module__} import {page.__name__}\n{page.__name__}()\n", default_timeout=180
    )
    return run_again(app)


def run_again(app: AppTest) -> AppTest:
    """Run the page as it stands; it must not raise."""
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def said(app: AppTest) -> str:
    """All words on the page that are not widgets."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


__all__ = ["TEST_IMAGES", "evaluated", "finished_run", "house", "opened", "run_again", "said", "some_answers"]
