import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

import training.train
from digitrec.errors import DatasetError
from digitrec.learning import callbacks, trainer
from digitrec.learning.config import TrainConfig
from digitrec.learning.data import training_data
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.recipe import build_training_model
from digitrec.learning.runs.run import Run, list_runs
from tests.support.small_data import bars, bars_to_train_on, small_config
from tests.support.training import fit

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Runs by configuration, each made once: what others are compared with."""
    runs: dict[tuple, Run] = {}

    def run_of(data=None, **changes) -> Run:
        key = tuple(sorted(changes.items()))
        if key not in runs:
            runs[key] = fit(tmp_path_factory.mktemp("undisturbed"), small_config(**changes), data=data)
        return runs[key]

    return run_of


def curve(run: Run) -> list[dict[str, float]]:
    return run.history()


def weights_of(run: Run) -> list[np.ndarray]:
    return keras.models.load_model(run.checkpoint, compile=False).get_weights()


def assert_same_run(one: Run, other: Run) -> None:
    assert curve(one) == curve(other)
    for a, b in zip(weights_of(one), weights_of(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_directory_has_all_its_files(undisturbed):
    run = undisturbed()
    assert run.status.state == "done"
    assert {p.name for p in run.path.iterdir() if p.name != ".lock"} == {
        "backup.npz",
        "best.keras",
        "calibration.json",
        "config.json",
        "history.csv",
        "progress.json",
        "provenance.json",
        "status",
        "timeline.csv",
    }
    assert [row["epoch"] for row in curve(run)] == [0, 1, 2]
    assert set(curve(run)[0]) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert TrainConfig.from_dict(run.config) == small_config()
    assert run.progress["eta"] == 0
    assert run.read_json("provenance.json")["data"]["train"] == 160
    assert run.read_json("provenance.json")["packages"]["keras"]


def test_the_network_overfits_one_batch(tmp_path):
    """Overfit one batch: if this fails, no amount of data helps."""
    batch = bars(16)
    data = TrainingData(batch, batch)
    config = small_config(
        depth=2,
        epochs=60,
        patience=60,
        augment="none",
        dropout=0.0,
        ema_momentum=0.0,
        learning_rate=0.02,
        schedule="cosine",
    )
    run = fit(tmp_path, config, data=data)
    assert curve(run)[-1]["accuracy"] == 1.0
    assert curve(run)[-1]["loss"] < 0.05
    assert max(row["val_accuracy"] for row in curve(run)) == 1.0


IMAGE_DATA_GENERATOR = {"augment": "imagedatagenerator", "optimizer": "sgd", "ema_momentum": 0.0}


@pytest.mark.parametrize("changes", [{}, IMAGE_DATA_GENERATOR])
def test_the_same_seed_gives_the_same_run_bit_by_bit(tmp_path, undisturbed, changes):
    one = undisturbed(**changes)
    assert_same_run(fit(tmp_path, small_config(**changes)), one)


def test_another_seed_gives_another_run(tmp_path, undisturbed):
    assert curve(fit(tmp_path, small_config(epochs=1, seed=2)))[0] != curve(undisturbed())[0]


class Kill(BaseException):
    """Stands in for a kill: training ends at once, and nothing is saved any more. A real kill is tested below."""


def fit_until_killed(root, config, monkeypatch, data=None, *, epoch=2, step=3) -> Run:
    """Train, and kill it in the middle of an epoch."""

    class Killed(callbacks.Progress):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            if self.epoch == epoch and batch == step:
                raise Kill

    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "Progress", Killed)
        with pytest.raises(Kill):
            fit(root, config, data=data)
    (run,) = list_runs(root)
    assert len(curve(run)) == epoch
    return run


@pytest.mark.parametrize("changes", [{}, IMAGE_DATA_GENERATOR])
def test_a_resumed_run_goes_on_with_the_very_same_curve(tmp_path, monkeypatch, undisturbed, changes):
    config = small_config(**changes)
    killed = fit_until_killed(tmp_path, config, monkeypatch)
    resumed = fit(tmp_path, config, run=killed)
    assert resumed.path == killed.path
    assert resumed.status.state == "done"
    assert_same_run(resumed, undisturbed(**changes))


def test_plateau_and_early_stopping_count_on_across_an_interruption(tmp_path, monkeypatch, undisturbed):
    """Validation labels are all wrong, so the validation loss rises from the start, and both counters run."""
    data = bars_to_train_on()
    wrong = Examples(data.validation.images, ((data.validation.labels + 1) % 10).astype(np.uint8))
    data = TrainingData(data.train, wrong)
    counting = {"schedule": "plateau", "plateau_patience": 2, "epochs": 12, "patience": 6}
    changes = {**counting, "learning_rate": 0.01, "ema_momentum": 0.0, "augment": "none"}
    whole = undisturbed(data, **changes)
    rates = [row["learning_rate"] for row in curve(whole)]
    assert len(rates) < 12  # it stopped early,
    assert rates[-1] < rates[0]  # and had cut the learning rate before; else this test would show nothing
    killed = fit_until_killed(tmp_path, small_config(**changes), monkeypatch, data)
    assert_same_run(fit(tmp_path, small_config(**changes), run=killed, data=data), whole)


def test_early_stopping_ends_the_run_and_one_killed_just_then_trains_no_further(tmp_path, monkeypatch):
    config = small_config(augment="none", epochs=30, patience=1, learning_rate=0.0)

    def killed(self, state, reason=""):
        if state == "done":
            raise Kill
        original(self, state, reason)

    original = Run.set_status
    with monkeypatch.context() as patch:
        patch.setattr(Run, "set_status", killed)
        with pytest.raises(Kill):
            fit(tmp_path, config)
    (run,) = list_runs(tmp_path)
    before = curve(run)
    assert len(before) < 5
    assert curve(fit(tmp_path, config, run=run)) == before
    assert run.status.state == "done"


def test_a_run_is_resumed_on_its_own_data_alone_and_keeps_the_record_of_how_it_began(tmp_path, monkeypatch):
    """Another split would validate on rows that were trained on."""
    config = small_config(augment="none")
    killed = fit_until_killed(tmp_path, config, monkeypatch)
    origin = killed.read_json("provenance.json")
    with pytest.raises(DatasetError, match="began with other data"):
        fit(tmp_path, config, run=killed, data=bars_to_train_on(seed=7))
    assert len(curve(killed)) == 2
    fit(tmp_path, config, run=killed, command="go on")
    record = killed.read_json("provenance.json")
    assert [resumption["command"] for resumption in record.pop("resumed")] == ["go on"]
    assert record == origin


def test_rows_written_after_the_last_backup_are_written_once(tmp_path, monkeypatch, undisturbed):
    """A kill between the history's row and the backup leaves a row too many; the resumed run writes it again."""

    class KilledBeforeBackup(callbacks.BackupAndRestore):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise Kill
            super().on_epoch_end(epoch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "BackupAndRestore", KilledBeforeBackup)
        with pytest.raises(Kill):
            fit(tmp_path, small_config())
    (killed,) = list_runs(tmp_path)
    assert len(curve(killed)) == 2  # one more than is backed up
    assert_same_run(fit(tmp_path, small_config(), run=killed), undisturbed())


def test_a_loss_that_is_not_finite_ends_the_run_as_failed(tmp_path):
    data = bars_to_train_on()
    config = small_config(augment="none", learning_rate=1e38, optimizer="sgd", schedule="plateau", epochs=5)
    run = fit(tmp_path, config, data=data)
    assert run.status.state == "failed"
    assert "nan" in run.status.reason or "inf" in run.status.reason
    assert "step" in run.status.reason


def test_nan_in_a_later_epoch_keeps_the_checkpoint_of_the_earlier_one(tmp_path, monkeypatch):
    class Poison(callbacks.ShuffleEachEpoch):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch, logs)
            if epoch == 1:
                bias = self.model.get_layer("cnn").layers[-1].bias
                bias.assign(np.full(bias.shape, np.nan, np.float32))

    # The averaging callback would put the good weights back at the beginning of the epoch, so it is left out.
    monkeypatch.setattr(callbacks, "ShuffleEachEpoch", Poison)
    run = fit(tmp_path, small_config(augment="none", ema_momentum=0.0))
    assert run.status.state == "failed"
    assert "at step 1 of epoch 2" in run.status.reason
    assert all(np.isfinite(w).all() for w in weights_of(run))


def test_other_failures_are_written_down_and_raised(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise MemoryError("no room")

    monkeypatch.setattr(trainer, "build_training_model", fail)
    with pytest.raises(MemoryError):
        fit(tmp_path, small_config())
    (run,) = list_runs(tmp_path)
    assert run.status.state == "failed"
    assert "MemoryError: no room" in run.status.reason


def test_the_learning_rate_warms_up_and_decays(tmp_path):
    run = fit(tmp_path, small_config(augment="none", epochs=6, warmup_epochs=2.0, learning_rate=0.01))
    rates = [row["learning_rate"] for row in curve(run)]
    assert rates[0] == pytest.approx(0.005, rel=0.15)
    assert max(rates) == pytest.approx(0.01, rel=0.02)
    assert rates[-1] < 1e-4


def test_augmentation_is_in_the_model_only_if_asked_for():
    kinds = [type(layer).__name__ for layer in build_training_model(small_config(augment="layers")).layers]
    assert "RandomWarp" in kinds
    kinds = [type(layer).__name__ for layer in build_training_model(small_config(augment="none")).layers]
    assert "RandomWarp" not in kinds


# Runs commands, and prints their exit statuses. Each waits in the middle of its run's second epoch for the signal that
# ends it, and writes a file to say so.
TRAIN_BARS = """
import itertools, json, signal, sys, time
from pathlib import Path
from digitrec.learning import callbacks
from digitrec.learning.data import training_data
from tests.support.small_data import bars_to_train_on
import training.train

folder, commands = Path(sys.argv[1]), json.loads(sys.argv[2])
numbers = itertools.count()

class Paused(callbacks.Progress):
    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        if self.epoch == 1 and batch == 3:
            (folder / f"paused-{next(numbers)}").touch()
            while True:
                time.sleep(0.01)

training_data.load_training_data = lambda config: bars_to_train_on()
callbacks.Progress = Paused
for command in commands:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
    print(training.train.main(command), file=sys.stderr)
"""
PATIENCE = 300  # seconds until a process has trained, however busy the machine is
COMMAND = ["--name", "small", "--epochs", "3", "--batch-size", "16", "--width", "4", "--depth", "1"]
COMMAND += ["--ema-momentum", "0.9", "--warmup-epochs", "0.5"]


def train_until(stops: list[signal.Signals], folder: Path, *arguments: str) -> str:
    """Train in a process of its own, once for each signal, which ends that command in the middle of the second epoch.

    Returns:
        What it wrote to stderr.
    """
    folder.mkdir()
    commands = json.dumps([["--runs", str(folder.parent), *arguments]] * len(stops))
    with subprocess.Popen(
        [sys.executable, "-c", TRAIN_BARS, str(folder), commands],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            end = time.monotonic() + PATIENCE
            for number, stop in enumerate(stops):
                while not (folder / f"paused-{number}").exists():
                    assert process.poll() is None, process.communicate()
                    assert time.monotonic() < end, "training never came to the second epoch"
                    time.sleep(0.02)
                process.send_signal(stop)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    return errors


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_run_killed_and_stopped_within_an_epoch_ends_as_one_that_was_not(tmp_path, undisturbed, monkeypatch):
    """The finished run's history has every epoch once, and is that of a run which nobody killed."""
    train_until([signal.SIGKILL], tmp_path / ".killed", *COMMAND)
    (run,) = list_runs(tmp_path)
    assert run.status.state == "stopped"
    assert len(run.history()) == 1

    errors = train_until([signal.SIGINT, signal.SIGTERM], tmp_path / ".stopped", "--resume", str(run.path))
    assert run.status.state == "stopped"
    assert errors.count("stopped: by hand, with 1 of 3 epochs done") == 2
    assert errors.count(f"--resume {run.path}\n130\n") == 2
    assert "Traceback" not in errors

    monkeypatch.setattr(training_data, "load_training_data", lambda config: bars_to_train_on())
    assert training.train.main(["--resume", str(run.path)]) == 0
    assert run.status.state == "done"
    assert [row["epoch"] for row in run.history()] == [0, 1, 2]
    assert_same_run(run, undisturbed())
