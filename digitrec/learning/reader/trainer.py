"""Training of the reader's detector: from a configuration to a run directory with a network in it."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from digitrec.learning.callbacks import (
    AverageWeights,
    BackupAndRestore,
    LogLearningRate,
    ModelCheckpoint,
    Progress,
    RecordTimeline,
    ShuffleEachEpoch,
    TerminateOnNaN,
)
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.reader.losses import CentreAccuracy, DetectionLoss
from digitrec.learning.reader.network import build_detector
from digitrec.learning.reader.page import SIDE, Scene
from digitrec.learning.reader.stream import SceneStream
from digitrec.learning.reader.targets import targets_of
from digitrec.learning.reader.validation import evaluate
from digitrec.learning.runs.backup import read_backup_state
from digitrec.learning.runs.provenance import PROVENANCE, current_commit, package_versions
from digitrec.learning.runs.run import Run

MONITOR = "val_f1"
"""The figure that chooses the checkpoint."""


class Trainer:
    """Trains the detector of one run; `digitrec.learning.runs.lifecycle.take_up` is who takes it up."""

    def __init__(
        self, config: ReaderConfig, validation: Sequence[Scene], run: Run, *, command: str = "", verbose: int | str = 2
    ) -> None:
        """Take what is needed to train.

        Args:
            config: How to train.
            validation: The scenes to validate on, such as `compose_validation` returns.
            run: The run to write to, made with this very configuration. If it has a backup, training goes on from it.
            command: The command line, for the record.
            verbose: Keras' own: 0 silent, 1 a progress bar, 2 a line an epoch, "auto" the one that fits.
        """
        self.config, self.validation, self.run = config, validation, run
        self.command, self.verbose = command, verbose

    def fit(self) -> None:
        """Train from the backup on, or from the start.

        Raises:
            NonFiniteLossError: The loss became NaN or infinite.
            KeyboardInterrupt: Stopped; the backup goes as far as the last epoch that ended.
        """
        self._record(self.run)
        stream = SceneStream(self.config)
        try:
            self._fit(self.run, stream, self.validation)
        finally:
            stream.close()

    def _record(self, run: Run) -> None:
        """Write down where the run comes from, or what goes on with it."""
        now = {
            "command": self.command,
            "commit": current_commit(),
            "backend": keras.backend.backend(),
            "packages": package_versions(),
        }
        origin = run.read_json(PROVENANCE)
        run.write_json(PROVENANCE, {**origin, "resumed": [*origin.get("resumed", []), now]} if origin else now)

    def _fit(self, run: Run, stream: SceneStream, scenes: Sequence[Scene]) -> None:
        config = self.config
        before = read_backup_state(run)
        keras.utils.clear_session()
        keras.utils.set_random_seed(config.seed)
        keras.config.set_dtype_policy(config.precision)
        try:
            model = training_model(build_detector(config.width))
        finally:
            keras.config.set_dtype_policy("float32")
        model.compile(optimizer=_optimizer(config), loss=DetectionLoss(), metrics=[CentreAccuracy(name="accuracy")])
        model.optimizer.build(model.trainable_variables)  # so that a backup finds its variables
        run.drop_history_from(before.epochs)
        pictures = np.stack([scene.picture for scene in scenes])
        targets = np.stack([targets_of(scene) for scene in scenes])
        callbacks: list[keras.callbacks.Callback] = [ShuffleEachEpoch(stream), TerminateOnNaN()]
        if config.ema_momentum:
            callbacks.append(AverageWeights(config.ema_momentum))
        callbacks += [
            LogLearningRate(),
            ValidateDetection(pictures, scenes),
            ModelCheckpoint(run, MONITOR, layer="detector"),
            keras.callbacks.CSVLogger(str(run.path / "history.csv"), append=True),
            Progress(run),
        ]
        callbacks += [BackupAndRestore(run, list(callbacks)), RecordTimeline(run)]
        try:
            model.fit(
                stream.make_fit_input(),
                epochs=config.epochs,
                steps_per_epoch=None if keras.backend.backend() == "tensorflow" else config.steps,
                initial_epoch=before.epochs,
                validation_data=(pictures, targets),
                validation_batch_size=config.batch_size,
                callbacks=callbacks,
                verbose=self.verbose,
                shuffle=False,  # scenes come in their own order
            )
        finally:
            for callback in callbacks:
                if isinstance(callback, keras.callbacks.CSVLogger):
                    callback.on_train_end()  # fit closes the file only when it ends by itself


def training_model(detector: Any) -> Any:
    """The detector behind a scaling of bytes: (n, SIDE, SIDE) uint8 to its maps."""
    pictures = keras.Input((SIDE, SIDE), dtype="uint8", name="pictures")
    scaled = keras.layers.Rescaling(1 / 255, dtype="float32")(pictures)
    scaled = keras.layers.Reshape((SIDE, SIDE, 1), dtype="float32")(scaled)
    return keras.Model(pictures, detector(scaled), name="training")


def _optimizer(config: ReaderConfig) -> Any:
    warmup = round(config.warmup_epochs * config.steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else config.learning_rate,
        max(1, config.epochs * config.steps - warmup),
        alpha=config.floor,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=config.weight_decay, clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


class ValidateDetection(keras.callbacks.Callback):
    """Add to an epoch's figures how well digits are found in the scenes of validation: `val_f1`, `val_exact` and more.

    Listed after `AverageWeights`, so that averaged weights are judged.
    """

    def __init__(self, pictures: NDArray[np.uint8], scenes: Sequence[Scene]) -> None:
        """Take the pictures (n, SIDE, SIDE) and what is in them."""
        super().__init__()
        self.pictures, self.scenes = pictures, scenes

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Judge the network as it stands in the model."""
        if logs is None:
            return
        maps = [
            keras.ops.convert_to_numpy(self.model(self.pictures[start : start + 32], training=False))
            for start in range(0, len(self.pictures), 32)
        ]
        found = evaluate(np.concatenate(maps), self.scenes)
        logs.update(val_f1=found.f1, val_exact=found.exact, val_recall=found.recall, val_false=found.false)
