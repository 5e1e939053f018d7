"""Training the detector by its command: a run's files, and that a stopped run goes on as if it had not been."""

import shutil

import numpy as np
import pytest
from filelock import FileLock

import training.train_reader
from digitrec.artifacts import models_dir, read_card
from digitrec.detection.detector import Detector
from digitrec.learning.models.checkpoints import load_checkpoint
from digitrec.learning.reader import stream, trainer
from digitrec.learning.reader.export import export_reader
from digitrec.learning.reader.sources import load_sources
from digitrec.learning.reader.stream import Composer, SceneStream
from digitrec.learning.runs import run as run_module
from digitrec.learning.runs.run import list_runs, open_run
from tests.support.reader_sources import small_sources

SMALL = ["--name", "small", "--epochs", "2", "--steps", "2", "--batch-size", "2", "--width", "4"]
SMALL += ["--validation-scenes", "3"]


class InThisProcess(SceneStream):
    """A stream without processes of its own."""

    def __init__(self, config):
        self.config, self.epoch, self.composer = config, 0, Composer("train", config)

    def batches(self):
        return (self.composer.batch(self.epoch, index) for index in range(self.config.steps))

    def close(self):
        pass


@pytest.fixture(scope="module", autouse=True)
def small_parts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "PATIENCE", 0.01)
        patch.setattr(stream, "load_sources", lambda part, **_: small_sources(part))
        patch.setattr(stream, "read_photos", lambda *_: [])
        patch.setattr(trainer, "SceneStream", InThisProcess)
        yield


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of two epochs that was not stopped."""
    root = tmp_path_factory.mktemp("whole")
    assert training.train_reader.main([*SMALL, "--runs", str(root)]) == 0
    (run,) = list_runs(root)
    return run


def test_a_run_leaves_its_curve_its_origin_and_a_network(whole):
    assert whole.status.state == "done"
    assert whole.read_json("provenance.json")["command"].startswith("python -m training.train_reader --name small")
    assert {"loss", "val_loss", "val_f1", "val_exact", "learning_rate"} <= set(whole.history()[0])
    assert load_checkpoint(whole).output_shape[-1] == 17


def test_a_resumed_run_has_the_curve_of_one_that_was_not_stopped(whole, monkeypatch, capsys):
    def stop(self, epoch):
        if epoch == 1:
            raise KeyboardInterrupt
        InThisProcess.start_epoch(self, epoch)

    monkeypatch.setattr(trainer, "SceneStream", type("Stopping", (InThisProcess,), {"start_epoch": stop}))
    assert training.train_reader.main(SMALL) == 130
    (run,) = list_runs()
    assert run.status.state == "stopped"
    assert "1 of 2 epochs done" in run.status.reason
    assert f"continue with: python -m training.train_reader --resume {run.path}" in capsys.readouterr().err
    monkeypatch.setattr(trainer, "SceneStream", InThisProcess)
    assert training.train_reader.main(["--resume", run.name]) == 0
    assert f"next: python -m training.export_reader {run.path}" in capsys.readouterr().out
    assert open_run(run.name).status.state == "done"
    for one, other in zip(whole.history(), run.history(), strict=True):
        assert one == pytest.approx(other, rel=1e-4)

    assert training.train_reader.main(["--resume", run.name]) == 1
    assert "is done; there is nothing to resume" in capsys.readouterr().err


def test_a_run_that_is_done_is_lengthened(whole, monkeypatch, tmp_path, capsys):
    copy = tmp_path / "runs" / whole.name
    shutil.copytree(whole.path, copy)
    assert training.train_reader.main(["--resume", whole.name, "--epochs", "2"]) == 1
    assert "has 2 epochs already" in capsys.readouterr().err
    monkeypatch.setattr(trainer.Trainer, "fit", lambda self: None)
    assert training.train_reader.main(["--resume", whole.name, "--epochs", "3"]) == 0
    run = open_run(whole.name)
    assert (run.config["epochs"], run.status.state) == (3, "done")


def test_an_exported_detector_replaces_the_one_there_and_nothing_else(whole, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    for name in ("card.json", "digitrec.onnx", "reader.onnx", "predictions.npz"):
        (models / name).write_bytes((models_dir() / name).read_bytes())
    agreement = export_reader(whole, models, command="c")
    assert agreement.largest_difference < 0.01
    assert Detector(models / "reader.onnx").find(np.full((120, 160), 200, np.uint8)).boxes.shape[1] == 4
    before, after = read_card(), read_card(models)
    assert after["reader"]["training"]["run"] == whole.name
    assert after["artifacts"]["digitrec.onnx"] == before["artifacts"]["digitrec.onnx"]
    assert after["figures"] == before["figures"]
    for name in ("digitrec.onnx", "predictions.npz"):
        assert (models / name).read_bytes() == (models_dir() / name).read_bytes()


def test_a_run_that_another_process_trains_is_left_alone(tmp_path, monkeypatch, capsys):
    assert training.train_reader.main(["--resume", "nothing"]) == 1
    assert "no run directory" in capsys.readouterr().err

    def fail(*_):
        raise MemoryError("no room")

    monkeypatch.setattr(trainer, "SceneStream", fail)
    with pytest.raises(MemoryError):
        training.train_reader.main(SMALL)
    (run,) = list_runs()
    assert run.status.state == "failed"
    assert run.status.reason == "MemoryError: no room"
    with FileLock(run.path / ".lock"):
        assert training.train_reader.main(["--resume", run.name]) == 1
    assert "another process trains it" in capsys.readouterr().err


def test_data_that_is_missing_leaves_no_run(monkeypatch, capsys):
    monkeypatch.setattr(stream, "load_sources", load_sources)
    monkeypatch.delenv("DIGITREC_DATA_DIR", raising=False)
    assert training.train_reader.main(SMALL) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert list_runs() == []


@pytest.mark.parametrize(
    ("flags", "message"), [(["--epochs", "0"], "epochs is 0"), (["--resume", "x", "--seed", "2"], "--seed")]
)
def test_flags_that_cannot_work_are_refused(flags, message, capsys):
    with pytest.raises(SystemExit):
        training.train_reader.main(flags)
    assert message in capsys.readouterr().err
