"""Each callback is called by hand, with losses made up for the purpose, and no fit."""

import math
import time

import keras
import numpy as np
import pytest

from digitrec.learning.batches import Batches
from digitrec.learning.callbacks import (
    AverageWeights,
    BackupAndRestore,
    LogLearningRate,
    ModelCheckpoint,
    NonFiniteLossError,
    Progress,
    RecordTimeline,
    RefreshStatistics,
    ShuffleEachEpoch,
    TerminateOnNaN,
    ValidateBySource,
)
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.models.cnn import build_cnn
from digitrec.learning.runs.backup import read_backup_state
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.timeline import append_row, read_timeline
from digitrec.training_rows import NOT_A_DIGIT
from tests.support.small_data import bars


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path, "a", {})


@pytest.fixture
def model():
    """A network named cnn inside of the model that is trained, as the trainer builds it."""
    inner_input = keras.Input((2,))
    cnn = keras.Model(inner_input, keras.layers.Dense(1, name="dense")(inner_input), name="cnn")
    outer_input = keras.Input((2,))
    model = keras.Model(outer_input, cnn(keras.layers.Dropout(0.1)(outer_input)))
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


def kernel(model) -> np.ndarray:
    return keras.ops.convert_to_numpy(model.get_layer("cnn").layers[-1].kernel)


def set_kernel(model, value) -> None:
    model.get_layer("cnn").layers[-1].kernel.assign(np.full((2, 1), value, np.float32))


def test_shuffle_each_epoch_starts_the_epoch_of_the_batches():
    batches = Batches(bars(20), 5, seed=0)
    ShuffleEachEpoch(batches).on_epoch_begin(7)
    assert batches.epoch == 7


class TestTerminateOnNaN:
    @pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
    def test_it_says_where(self, loss):
        callback = TerminateOnNaN()
        callback.on_epoch_begin(2)
        callback.on_train_batch_end(0, {"loss": 0.3})
        with pytest.raises(NonFiniteLossError, match="at step 5 of epoch 3"):
            callback.on_train_batch_end(4, {"loss": loss})

    def test_validation_counts_too(self):
        callback = TerminateOnNaN()
        callback.on_epoch_end(0, {"loss": 0.3, "val_loss": 0.2})
        with pytest.raises(NonFiniteLossError, match="in the validation after epoch 1"):
            callback.on_epoch_end(0, {"loss": 0.3, "val_loss": math.nan})


def test_log_learning_rate(model):
    callback = LogLearningRate()
    callback.set_model(model)
    logs = {"loss": 1.0}
    callback.on_epoch_end(0, logs)
    assert logs["learning_rate"] == pytest.approx(0.1)


def test_refresh_statistics_measures_before_validation():
    cnn = build_cnn(width=2)
    outer = keras.Input((28, 28, 1))
    callback = RefreshStatistics(Batches(bars(40), 8, seed=0), count=20)
    callback.set_model(keras.Model(outer, cnn(outer)))
    before = cnn.get_weights()
    callback.on_test_begin()
    changed = [not np.array_equal(a, b) for a, b in zip(before, cnn.get_weights(), strict=True)]
    assert sum(changed) == 10  # mean and variance of five normalizations, and no weight
    assert len(callback.images) == 20
    np.testing.assert_array_equal(callback.images, RefreshStatistics(Batches(bars(40), 8, seed=0), count=20).images)


class TestValidateApart:
    @pytest.fixture
    def seen(self):
        """A network that answers with the digit its first pixel names, and doubts what its second pixel says."""
        frame = keras.Input((28, 28, 1))
        pixels = keras.layers.Flatten()(frame)[:, :2] * 255.0
        digits = -keras.ops.abs(pixels[:, :1] - np.arange(10, dtype=np.float32))
        cnn = keras.Model(frame, keras.ops.concatenate([digits, pixels[:, 1:]], axis=1), name="cnn")
        outer = keras.Input((28, 28, 1))
        return keras.Model(outer, cnn(outer))

    @staticmethod
    def examples(answers, labels, doubts):
        images = np.zeros((len(labels), 28, 28), np.uint8)
        images[:, 0, 0], images[:, 0, 1] = answers, doubts
        return Examples(images, np.array(labels, np.uint8))

    def test_each_part_has_a_figure_of_its_own(self, seen):
        parts = {"mnist": self.examples([1, 2, 3, 4], [1, 2, 3, 9], [0, 0, 0, 9]), "csv": self.examples([5], [5], [1])}
        negatives = self.examples([1, 2], [NOT_A_DIGIT] * 2, [5, 200])
        data = TrainingData(parts["mnist"], parts["mnist"], parts, negatives)
        callback = ValidateBySource(data)
        callback.set_model(seen)
        logs = {}
        callback.on_epoch_end(0, logs)
        assert logs["val_mnist_accuracy"] == 0.75
        assert logs["val_csv_accuracy"] == 1.0
        assert logs["val_doubt_auroc"] == pytest.approx(9 / 10)  # of 5 digits and 2 negatives, one pair is wrong

    def test_one_part_needs_no_figure_beside_the_usual_one(self, seen):
        part = self.examples([1], [1], [0])
        callback = ValidateBySource(TrainingData(part, part))
        callback.set_model(seen)
        logs = {}
        callback.on_epoch_end(0, logs)
        assert logs == {}


class TestModelCheckpoint:
    @pytest.mark.parametrize(("best", "kept_value"), [(True, 2.0), (False, 3.0)])
    def test_it_keeps_the_best_network_or_the_last_and_nothing_else(self, run, model, best, kept_value):
        callback = ModelCheckpoint(run, "val_accuracy", best=best)
        callback.set_model(model)
        for epoch, (accuracy, value) in enumerate([(0.5, 1.0), (0.9, 2.0), (0.8, 3.0)]):
            set_kernel(model, value)
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, {"val_accuracy": accuracy})
        kept = keras.models.load_model(run.checkpoint)
        assert kept.name == "cnn"
        assert keras.ops.convert_to_numpy(kept.layers[-1].kernel).tolist() == [[kept_value], [kept_value]]
        assert not [p for p in run.path.iterdir() if p.name.startswith(".")]

    def test_a_failed_writing_keeps_the_old_checkpoint(self, run, model, monkeypatch):
        callback = ModelCheckpoint(run, "val_accuracy")
        callback.set_model(model)
        callback.on_epoch_begin(0)
        callback.on_epoch_end(0, {"val_accuracy": 0.5})
        before = run.checkpoint.read_bytes()

        def half_a_file(path, **_):
            with open(path, "wb") as file:
                file.write(b"PK half")
            raise KeyboardInterrupt

        monkeypatch.setattr(model.get_layer("cnn"), "save", half_a_file)
        with pytest.raises(KeyboardInterrupt):
            callback.on_epoch_end(1, {"val_accuracy": 0.9})
        assert run.checkpoint.read_bytes() == before
        callback.best = 0.9
        callback.on_epoch_end(2, {"val_accuracy": 0.7})  # a worse epoch must not put the half file in its place
        assert run.checkpoint.read_bytes() == before


class TestAverageWeights:
    def test_the_average_by_hand(self, model):
        callback = AverageWeights(momentum=0.5)
        callback.set_model(model)
        set_kernel(model, 0.0)
        callback.on_train_begin()
        expected = 0.0
        for step, value in enumerate([1.0, 2.0, 3.0, 4.0], 1):
            set_kernel(model, value)
            callback.on_train_batch_end(step - 1)
            momentum = min(0.5, (1 + step) / (10 + step))
            expected = momentum * expected + (1 - momentum) * value
        callback.on_test_begin()
        assert kernel(model).ravel() == pytest.approx([expected, expected], rel=1e-5)
        callback.on_epoch_begin(1)
        assert kernel(model).ravel() == pytest.approx([4.0, 4.0])

    def test_validating_twice_does_not_lose_the_weights(self, model):
        callback = AverageWeights(momentum=0.9)
        callback.set_model(model)
        set_kernel(model, 0.0)
        callback.on_train_begin()
        set_kernel(model, 5.0)
        callback.on_train_batch_end(0)
        callback.on_test_begin()
        callback.on_test_begin()
        callback.on_epoch_begin(1)
        assert kernel(model).ravel() == pytest.approx([5.0, 5.0])


class TestProgress:
    @pytest.fixture
    def progress(self, run):
        callback = Progress(run, every=0.0)
        callback.set_params({"epochs": 4, "steps": 10})
        callback.on_train_begin()
        return callback

    def test_it_writes_where_training_is(self, run, progress):
        progress.on_epoch_begin(1)
        progress.on_train_batch_end(4, {"loss": np.float32(0.5), "accuracy": np.float32(0.75)})
        written = run.progress
        assert (written["epoch"], written["epochs"], written["step"], written["steps"]) == (1, 4, 5, 10)
        assert (written["loss"], written["accuracy"]) == (0.5, 0.75)
        assert written["updated"] == pytest.approx(time.time(), abs=60)

    def test_the_estimate_is_what_is_left_at_the_mean_speed(self, run, progress):
        progress.on_epoch_begin(2)
        progress.started = time.monotonic() - 5.0  # ten steps in five seconds
        for step in range(10):
            progress.on_train_batch_end(step)
        progress.on_epoch_end(2, {})
        assert run.progress["eta"] == pytest.approx(5.0, rel=0.2)  # one more epoch of ten steps

    def test_progress_is_written_at_most_once_an_interval(self, run):
        callback = Progress(run, every=1000.0)
        callback.set_params({"epochs": 1, "steps": 10})
        callback.on_train_begin()
        callback.on_epoch_begin(0)
        callback.on_train_batch_end(0, {"loss": 1.0})
        assert run.progress["step"] == 0


class TestRecordTimeline:
    def test_it_writes_by_step_and_at_the_end_of_an_epoch(self, run):
        callback = RecordTimeline(run, every=0.0)
        callback.on_train_begin()
        callback.on_epoch_begin(1)
        callback.on_train_batch_end(4, {"loss": np.float32(0.5)})
        callback.on_epoch_end(1, {"loss": 0.25, "accuracy": 0.75, "val_loss": 0.3})
        within, end = read_timeline(run)
        assert (within["epoch"], within["step"], within["loss"]) == (1, 5, 0.5)
        assert (end["epoch"], end["step"], end["accuracy"]) == (2, 0, 0.75)
        assert end["megabytes"] > 10
        assert end["cores"] >= 0

    def test_progress_is_written_at_most_once_an_interval(self, run):
        callback = RecordTimeline(run, every=1000.0)
        callback.on_train_begin()
        callback.on_epoch_begin(0)
        callback.on_train_batch_end(0, {"loss": 1.0})
        assert read_timeline(run) == []

    def test_the_clock_goes_on_where_an_earlier_process_stopped_it(self, run):
        append_row(run, {"time": 1.0, "seconds": 3600.0, "epoch": 1, "step": 0})
        callback = RecordTimeline(run, every=0.0)
        callback.on_train_begin()
        callback.on_epoch_end(1, {})
        assert 3600 <= read_timeline(run)[-1]["seconds"] < 3660


class TestBackupAndRestore:
    def others(self):
        return [
            keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau(patience=2),
            AverageWeights(0.9),
        ]

    def test_weights_optimizer_random_state_and_counters_come_back(self, run, model):
        others = self.others()
        backup = BackupAndRestore(run, others)
        for callback in [*others, backup]:
            callback.set_model(model)
            callback.on_train_begin()
        model.train_on_batch(np.ones((4, 2), np.float32), np.zeros((4, 1), np.float32))
        others[2].on_train_batch_end(0)
        others[2].on_test_begin()
        for epoch, loss in enumerate([0.5, 0.6]):
            for callback in [*others, backup]:
                callback.on_epoch_end(epoch, {"val_loss": loss})
        variables = [keras.ops.convert_to_numpy(v) for v in [*model.variables, *model.optimizer.variables]]
        average = [a.copy() for a in others[2].average]
        assert read_backup_state(run).epochs == 2

        for variable in [*model.variables, *model.optimizer.variables]:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        fresh = self.others()
        for callback in [*fresh, BackupAndRestore(run, fresh)]:
            callback.set_model(model)
            callback.on_train_begin()
        for before, after in zip(variables, [*model.variables, *model.optimizer.variables], strict=True):
            np.testing.assert_array_equal(before, keras.ops.convert_to_numpy(after))
        stopping, plateau, averaging = fresh
        assert (stopping.best, stopping.wait, stopping.best_epoch) == (0.5, 1, 0)
        assert len(stopping.best_weights) == len(model.get_weights())
        assert (plateau.best, plateau.wait) == (0.5, 1)
        assert averaging.steps == 1
        np.testing.assert_array_equal(averaging.average[0], average[0])
        assert averaging.raw is not None  # the average is in the model: the next epoch must swap it out

    def test_without_a_backup_training_begins_at_the_start(self, run, model):
        backup = BackupAndRestore(run, [])
        backup.set_model(model)
        set_kernel(model, 3.0)
        backup.on_train_begin()
        assert kernel(model).ravel().tolist() == [3.0, 3.0]
        assert read_backup_state(run).epochs == 0

    def test_another_network_is_refused(self, run, model):
        backup = BackupAndRestore(run, [])
        backup.set_model(model)
        backup.on_epoch_end(0, {})
        other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
        other.compile(optimizer="sgd", loss="mse")
        backup.set_model(other)
        with pytest.raises(ValueError, match="start a new run"):
            backup.on_train_begin()
