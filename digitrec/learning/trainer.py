"""The trainer: from a configuration to a run directory with a trained network in it."""

from pathlib import Path

import keras

from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.backup import BackupAndRestore, read_backup_state
from digitrec.learning.batches import Batches, make_evaluation_input, make_fit_input
from digitrec.learning.callbacks import (
    AverageWeights,
    LogLearningRate,
    ModelCheckpoint,
    NonFiniteLossError,
    Progress,
    RefreshStatistics,
    ShuffleEachEpoch,
    TerminateOnNaN,
    ValidateBySource,
)
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.training_data import TrainingData, load_training_data
from digitrec.learning.layers.digit_accuracy import DigitAccuracy
from digitrec.learning.models.calibration import CALIBRATION, fit_calibration
from digitrec.learning.models.checkpoints import find_start_model, load_cnn
from digitrec.learning.models.cnn import compute_logits
from digitrec.learning.models.distillation import open_teachers, teacher_digests
from digitrec.learning.recipe import build_cpu_augmentation, build_loss, build_optimizer, build_training_model
from digitrec.learning.runs.provenance import PROVENANCE, check_data, current_commit, provenance, record
from digitrec.learning.runs.run import RUNS_DIR, Run

MONITOR = "val_accuracy"
"""The figure that chooses the checkpoint and ends training early."""


class Trainer:
    """Trains one network, in one run directory."""

    def __init__(
        self,
        config: TrainConfig,
        *,
        run: Run | None = None,
        root: Path = RUNS_DIR,
        data: TrainingData | None = None,
        command: str = "",
        verbose: int | str = "auto",
    ) -> None:
        """Prepare a run, or take up an earlier one.

        Args:
            config: How to train.
            run: A run to go on with, made with this very configuration; None for a new one.
            root: Where a new run directory is made.
            data: What to train on; by default what the configuration names.
            command: The command line, for the record.
            verbose: Keras' own: 0 silent, 1 a progress bar, 2 a line an epoch, "auto" the one that fits.
        """
        self.config, self.root, self.data, self.command, self.verbose = config, root, data, command, verbose
        self.run = run

    def load(self) -> TrainingData:
        """The data of the run, read once.

        Raises:
            DatasetError: It cannot be used.
        """
        if self.data is None:
            self.data = load_training_data(self.config)
        return self.data

    def fit(self) -> Run:
        """Train until done, stopped by Ctrl-C, or failed; the run's status says which.

        Raises:
            DatasetError: The data cannot be used, and no run directory is made; or a run is resumed on other data.
            filelock.Timeout: Another process trains this run.
            Exception: Whatever else goes wrong; the status holds it too.
        """
        data = self.load()
        origin = provenance(self.command, keras.backend.backend(), data)
        if self.config.teachers:
            origin["teachers"] = teacher_digests(open_teachers(self.config.teachers))
        if self.config.start_from:
            start = find_start_model(self.config.start_from)
            origin["start_from"] = {start.name: sha256(start.read_bytes())}
        run = self.run = self.run or Run.create(self.root, self.config.name, self.config.to_dict())
        with run.hold():
            record(run, origin)
            run.set_status("running")
            try:
                self._fit(run, data)
                calibrate(run, data)
            except KeyboardInterrupt:
                run.set_status(
                    "stopped", f"by hand, with {read_backup_state(run).epochs} of {self.config.epochs} epochs done"
                )
            except NonFiniteLossError as error:
                run.set_status("failed", str(error))
            except BaseException as error:
                run.set_status("failed", f"{type(error).__name__}: {error}")
                raise
            else:
                run.set_status("done")
        return run

    def _fit(self, run: Run, data: TrainingData) -> None:
        before = read_backup_state(run)
        if before.stopped_early:  # and was killed before it could say so
            return
        make_deterministic(self.config.seed)
        model = build_training_model(self.config)
        batches = Batches(data.train, self.config.batch_size, self.config.seed, build_cpu_augmentation(self.config))
        model.compile(
            optimizer=build_optimizer(self.config, steps_per_epoch=len(batches)),
            loss=build_loss(self.config),
            metrics=[DigitAccuracy(name="accuracy")],
        )
        model.optimizer.build(model.trainable_variables)  # so that a backup finds its variables
        run.drop_history_from(before.epochs)
        callbacks = self._callbacks(run, data, batches)
        try:
            model.fit(
                make_fit_input(batches),
                epochs=self.config.epochs,
                initial_epoch=before.epochs,
                validation_data=make_evaluation_input(data.validation),
                callbacks=callbacks,
                verbose=self.verbose,
                shuffle=False,  # the batches bring their own order
            )
        finally:
            for callback in callbacks:
                if isinstance(callback, keras.callbacks.CSVLogger):
                    callback.on_train_end()  # fit closes the file only when it ends by itself

    def _callbacks(self, run: Run, data: TrainingData, batches: Batches) -> list[keras.callbacks.Callback]:
        """The callbacks, in the order in which they must see the end of an epoch."""
        config = self.config
        callbacks = [
            ShuffleEachEpoch(batches),
            TerminateOnNaN(),  # before anything that would save ruined weights
        ]
        if config.ema_momentum:
            # Puts the averaged weights in the model for the callbacks after it: they are what is saved and restored.
            callbacks.append(AverageWeights(config.ema_momentum))
        callbacks += [
            RefreshStatistics(batches),
            LogLearningRate(),
            ValidateBySource(data),
            ModelCheckpoint(run, MONITOR),
        ]
        if config.schedule == "plateau":
            callbacks.append(
                keras.callbacks.ReduceLROnPlateau(
                    monitor="val_loss", factor=config.plateau_factor, patience=config.plateau_patience
                )
            )
        callbacks += [
            keras.callbacks.EarlyStopping(
                monitor=MONITOR, mode="max", patience=config.patience, restore_best_weights=True
            ),
            keras.callbacks.CSVLogger(str(run.path / "history.csv"), append=True),
            Progress(run),
        ]
        # Last, when all others have counted the epoch.
        return [*callbacks, BackupAndRestore(run, list(callbacks))]


def recalibrate(run: Run, *, data: TrainingData | None = None, command: str = "") -> None:
    """Fit a finished run's temperature and doubt anew, on the validation data it was trained with.

    Args:
        run: A run that is done.
        data: Its data; by default what its configuration names.
        command: The command line, for the record.

    Raises:
        DatasetError: The run is not done, or its data is not what it was.
    """
    if run.status.state != "done":
        raise DatasetError(f"{run.path} is {run.status.state}, not done; go on with it by --resume")
    # Settings that the run is older than have no say in what its data are.
    config = TrainConfig.from_dict({**TrainConfig().to_dict(), **run.config})
    data = Trainer(config, data=data).load()
    origin = run.read_json(PROVENANCE)
    check_data(run, origin, data)
    with run.hold():
        calibrate(run, data)
        run.write_json(PROVENANCE, {**origin, "calibrated": {"command": command, "commit": current_commit()}})


def calibrate(run: Run, data: TrainingData) -> None:
    """Fit temperature and doubt of the run's best network on its validation data, into `calibration.json`."""
    cnn = load_cnn(run)
    digits = {name: (compute_logits(cnn, part), part.labels) for name, part in data.validation_by_source.items()}
    negatives = None if data.negatives is None else compute_logits(cnn, data.negatives)
    run.write_json(CALIBRATION, fit_calibration(digits, negatives).to_dict())


def make_deterministic(seed: int) -> None:
    """Seed every random generator, and ask the backend for the same sums in the same order each time."""
    keras.utils.clear_session()  # names and states of an earlier model in this process must not count
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.use_deterministic_algorithms(True, warn_only=True)
