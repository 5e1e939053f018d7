"""The part of the page Evaluate that looks inside a run's network."""

import numpy as np
import pytest

from demos.dashboard import charts, jobs
from demos.dashboard.models.network_look import point_from_event
from demos.dashboard.pages import evaluate
from digitrec.artifacts import sha256
from digitrec.learning.evaluation.network_look import Histogram, NetworkLook
from tests.support.dashboard import evaluated, finished_run, house, opened, run_again, said

__all__ = ["house"]


@pytest.fixture
def run(house):
    run = finished_run(house.runs)
    evaluated(run.path, run.checkpoint, house.test.labels)
    return run


def looked_into(run, model=None):
    histogram = Histogram.of(np.linspace(-1, 1, 100, dtype=np.float32))
    points = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    model = model or sha256(run.checkpoint.read_bytes())
    look = NetworkLook(
        {"conv2d/kernel": histogram}, {"re_lu": histogram}, np.arange(20), {"PCA": points, "UMAP": points}, model
    )
    look.save(run.path)


def on(run):
    app = opened(evaluate.page)
    app.selectbox(key="model").select(run.name)
    return run_again(app)


def test_a_run_is_looked_into_when_asked_for(run, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.extend(commands))
    app = on(run)
    app.button(key="look-inside").click()
    run_again(app)
    assert started == [["training.inspect_network", str(run.path)]]


def test_map_weights_and_activations_are_shown(run):
    looked_into(run)
    app = on(run)
    assert app.segmented_control(key="projection").options == ["PCA", "UMAP"]
    assert "No point is chosen." in said(app)
    app.session_state["map-image"] = 13
    assert "Image 13 is a **3**" in said(run_again(app))
    for kind in ("Weights", "Activations"):
        app.segmented_control(key="look-kind").set_value(kind)
        run_again(app)
    assert not [button for button in app.button if button.key == "look-inside"]


def test_a_look_into_an_earlier_network_is_named(run):
    looked_into(run, model="another")
    app = on(run)
    assert "The network has changed since" in said(app)
    assert [button for button in app.button if button.key == "look-inside"]


def test_a_broken_look_is_a_sentence(run):
    (run.path / "network_look.npz").write_bytes(b"rubbish")
    assert "cannot be read" in said(on(run))


def test_each_image_is_a_point_that_says_which_it_is():
    points = np.arange(8, dtype=np.float32).reshape(4, 2)
    labels = np.array([7, 1, 7, 1], np.uint8)
    figure = charts.plot_map(points, labels, np.array([False, False, True, False]), np.array([10, 11, 12, 13]))
    sevens = figure.data[7]
    assert (list(sevens.customdata), list(sevens.marker.symbol)) == ([10, 12], ["circle", "x"])
    assert point_from_event({"selection": {"points": [{"customdata": 12}]}}) == 12
    assert point_from_event({"selection": {"points": []}}) is None
