"""Training the detector: a run's files, and that a stopped run goes on as if it had not been."""

import csv
import dataclasses

import numpy as np
import pytest

from digitrec.artifacts import models_dir, read_card
from digitrec.detection.detector import Detector
from digitrec.learning.models.checkpoints import load_checkpoint
from digitrec.learning.reader import stream as streams
from digitrec.learning.reader import trainer as trainers
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.reader.export import export_reader
from digitrec.learning.reader.stream import Composer, SceneStream
from digitrec.learning.reader.trainer import Trainer
from tests.support.reader_sources import small_sources


class InThisProcess(SceneStream):
    """A stream without processes of its own."""

    def __init__(self, config):
        self.config, self.epoch, self.composer = config, 0, Composer("train", config)

    def batches(self):
        return (self.composer.batch(self.epoch, index) for index in range(self.config.steps))

    def close(self):
        pass


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(streams, "load_sources", lambda part, **_: small_sources(part))
    monkeypatch.setattr(streams, "read_photos", lambda *_: [])
    monkeypatch.setattr(trainers, "SceneStream", InThisProcess)
    return ReaderConfig(name="small", epochs=2, steps=2, batch_size=2, width=4, validation_scenes=3)


def history(run):
    with open(run.path / "history.csv", newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def test_a_resumed_run_has_the_curve_of_one_that_was_not_stopped(small, tmp_path, monkeypatch):
    whole = Trainer(small, root=tmp_path, verbose=0).fit()
    assert whole.status.state == "done"
    assert {"loss", "val_loss", "val_f1", "val_exact", "learning_rate"} <= set(history(whole)[0])
    assert load_checkpoint(whole).output_shape[-1] == 17

    def stop(self, epoch):
        if epoch == 1:
            raise KeyboardInterrupt
        InThisProcess.start_epoch(self, epoch)

    monkeypatch.setattr(trainers, "SceneStream", type("Stopping", (InThisProcess,), {"start_epoch": stop}))
    run = Trainer(small, root=tmp_path, verbose=0).fit()
    assert run.status.state == "stopped"
    monkeypatch.setattr(trainers, "SceneStream", InThisProcess)
    run = Trainer(small, run=run, root=tmp_path, verbose=0).fit()
    assert run.status.state == "done"
    for one, other in zip(history(whole), history(run), strict=True):
        assert one == pytest.approx(other, rel=1e-4)


def test_an_exported_detector_replaces_the_one_there_and_nothing_else(small, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    for name in ("card.json", "digitrec.onnx", "reader.onnx", "predictions.npz"):
        (models / name).write_bytes((models_dir() / name).read_bytes())
    run = Trainer(dataclasses.replace(small, epochs=1), root=tmp_path, verbose=0).fit()
    agreement = export_reader(run, models, command="c")
    assert agreement.largest_difference < 0.01
    assert Detector(models / "reader.onnx").find(np.full((120, 160), 200, np.uint8)).boxes.shape[1] == 4
    before, after = read_card(), read_card(models)
    assert after["reader"]["training"]["run"] == run.name
    assert after["artifacts"]["digitrec.onnx"] == before["artifacts"]["digitrec.onnx"]
    assert after["figures"] == before["figures"]
    for name in ("digitrec.onnx", "predictions.npz"):
        assert (models / name).read_bytes() == (models_dir() / name).read_bytes()


def test_a_batch_follows_from_epoch_and_number_alone(small):
    composer = Composer("train", small)
    first, again, other = composer.batch(3, 1), composer.batch(3, 1), composer.batch(3, 2)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize(("name", "value"), [("epochs", 0), ("photographs", 1.0), ("precision", "float8")])
def test_settings_that_cannot_work_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        ReaderConfig(**{name: value})


def test_a_configuration_is_read_back_whole():
    config = ReaderConfig(epochs=3)
    assert ReaderConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="unknown or missing"):
        ReaderConfig.from_dict({"epochs": 3})
