"""Logging to trackers: what each has after a run of two epochs, called by hand."""

import pytest

from digitrec.learning import trackers
from digitrec.learning.trackers import TRACKERS, TrackerError, check_trackers, log_to
from tests.support.run_directories import made_run

LOGS = ({"loss": 0.5, "val_accuracy": 0.75}, {"loss": 0.25, "val_accuracy": 0.875})


def train(run, name):
    """Two epochs as Keras would report them."""
    with log_to([name], run) as (callback,):
        for epoch, logs in enumerate(LOGS):
            callback.on_epoch_end(epoch, logs)
    return callback


@pytest.mark.filterwarnings("default")  # of MLflow, about SQLAlchemy
def test_mlflow_has_the_settings_and_the_curve(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    run = made_run(tmp_path, "mine", width=64)
    train(run, "mlflow")
    mlflow.flush_async_logging()
    (logged,) = mlflow.search_runs(experiment_names=[trackers.PROJECT], output_format="list")
    assert logged.info.run_name == run.name
    assert logged.data.params["width"] == "64"
    assert logged.data.metrics["val_accuracy"] == 0.875


def test_trackio_has_the_settings_and_the_curve(tmp_path, monkeypatch):
    pytest.importorskip("trackio")
    logged = []

    class Stand:
        init = staticmethod(lambda **options: logged.append(options))
        log = staticmethod(lambda figures, step: logged.append((step, figures)))
        finish = staticmethod(lambda: logged.append("finished"))

    monkeypatch.setattr(trackers, "_imported", lambda name: Stand)
    run = made_run(tmp_path, "mine", width=64)
    train(run, "trackio")
    begun, *epochs, end = logged
    assert (begun["project"], begun["name"], begun["config"]["width"]) == (trackers.PROJECT, run.name, 64)
    assert epochs == [(0, LOGS[0]), (1, LOGS[1])]
    assert end == "finished"


def test_tensorboards_files_are_in_the_run(tmp_path):
    import keras

    run = made_run(tmp_path, "mine")
    with log_to(["tensorboard"], run) as (callback,):
        assert isinstance(callback, keras.callbacks.TensorBoard)
        assert str(callback.log_dir) == str(run.path / "tensorboard")


def test_a_tracker_that_is_not_installed_names_its_extra(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(trackers, "import_module", missing)
    for name in TRACKERS:
        with pytest.raises(TrackerError, match=rf"pip install 'digitrec\[{name}\]'"):
            check_trackers([name])


def test_a_tracker_that_refuses_is_a_sentence(tmp_path, monkeypatch):
    class Stand:
        @staticmethod
        def init(**_):
            raise OSError("no such server")

    monkeypatch.setattr(trackers, "_imported", lambda name: Stand)
    with (
        pytest.raises(TrackerError, match="trackio cannot begin a run: no such server"),
        log_to(["trackio"], made_run(tmp_path, "mine")),
    ):
        pass
