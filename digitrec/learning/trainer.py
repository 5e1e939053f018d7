"""The trainer: from a configuration and its data to a run directory with a trained, calibrated network in it."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from digitrec.artifacts import sha256
from digitrec.learning.batches import Batches, make_evaluation_input, make_fit_input
from digitrec.learning.callbacks import build_callbacks
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.devices import Devices
from digitrec.learning.distribution import Spread
from digitrec.learning.layers.digit_accuracy import DigitAccuracy
from digitrec.learning.models.checkpoints import find_start_model
from digitrec.learning.recalibration import calibrate
from digitrec.learning.recipe import build_cpu_augmentation, build_loss, build_optimizer, build_training_model
from digitrec.learning.runs.backup import read_backup_state
from digitrec.learning.runs.provenance import collect_provenance, record_provenance
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.teachers import open_teachers, teacher_digests


class Trainer:
    """Trains the network of one run.

    Who takes up the run, and writes its status, is `digitrec.learning.runs.lifecycle.take_up`:

        with take_up(run):
            Trainer(config, data, run).fit()
    """

    def __init__(
        self,
        config: TrainConfig,
        data: TrainingData,
        run: Run,
        *,
        command: str = "",
        verbose: int | str = "auto",
        callbacks: Sequence[keras.callbacks.Callback] = (),
        spread: Spread | None = None,
    ) -> None:
        """Take what is needed to train.

        Args:
            config: How to train.
            data: What to train on, such as `load_training_data` returns.
            run: The run to write to, made with this very configuration. If it has a backup, training goes on from it.
            command: The command line, for the record.
            verbose: Keras' own: 0 silent, 1 a progress bar, 2 a line an epoch, "auto" the one that fits.
            callbacks: Further callbacks, which see the end of an epoch after its backup. The backup holds no state of
                theirs.
            spread: The devices and processes that train it; one device by default.
        """
        self.config, self.data, self.run, self.command, self.verbose = config, data, run, command, verbose
        self.callbacks = callbacks
        self.spread = spread or Spread(Devices(), config.batch_size)

    def fit(self) -> None:
        """Train from the backup on, or from the start, and calibrate the best network.

        Raises:
            DatasetError: The run began with other data, or a teacher has no network.
            NonFiniteLossError: The loss became NaN or infinite.
            KeyboardInterrupt: Stopped; the backup goes as far as the last epoch that ended.
        """
        config = self.config
        record_provenance(self.run, self._provenance())
        backup = read_backup_state(self.run)
        if not backup.stopped_early:  # else it was killed before it could say so
            make_deterministic(config.seed)
            with self.spread.applied():
                self._fit_from(backup.epochs)
        calibrate(self.run, self.data)

    def _fit_from(self, epoch: int) -> None:
        config = self.config
        batches = Batches(self.data.train, config.batch_size, config.seed, build_cpu_augmentation(config))
        model = self._compile_model(steps_per_epoch=len(batches))
        self.run.drop_history_from(epoch)
        callbacks = [*build_callbacks(config, self.data, self.run, batches), *self.callbacks]
        with _history_closed(callbacks):
            model.fit(
                self.spread.fit_input(batches, make_fit_input(batches)),
                epochs=config.epochs,
                initial_epoch=epoch,
                validation_data=make_evaluation_input(self.data.validation, self.spread.evaluation_batch_size()),
                callbacks=callbacks,
                verbose=self.verbose,
                shuffle=False,  # the batches bring their own order
            )

    def _provenance(self) -> dict[str, Any]:
        origin = collect_provenance(self.command, keras.backend.backend(), self.data)
        if spread := self.spread.describe():
            origin["devices"] = spread
        if self.config.teachers:
            origin["teachers"] = teacher_digests(open_teachers(self.config.teachers))
        if self.config.start_from:
            start = find_start_model(self.config.start_from)
            origin["start_from"] = {start.name: sha256(start.read_bytes())}
        return origin

    def _compile_model(self, steps_per_epoch: int) -> Any:
        model = build_training_model(self.config)
        model.compile(
            optimizer=build_optimizer(self.config, steps_per_epoch),
            loss=build_loss(self.config),
            metrics=[DigitAccuracy(name="accuracy")],
        )
        model.optimizer.build(model.trainable_variables)  # so that a backup finds its variables
        return model


@contextlib.contextmanager
def _history_closed(callbacks: list[keras.callbacks.Callback]) -> Iterator[None]:
    """Close `history.csv` however training ends: `fit` closes it only when it ends by itself."""
    try:
        yield
    finally:
        for callback in callbacks:
            if isinstance(callback, keras.callbacks.CSVLogger):
                callback.on_train_end()


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
