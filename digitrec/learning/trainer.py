"""The trainer: from a configuration to a run directory with a trained network in it."""

from pathlib import Path
from typing import Any

import keras

from digitrec.learning.assembly import assemble
from digitrec.learning.augmentation import (
    ImageDataGeneratorAugmentation,
    RandomErasing,
    RandomThickness,
    RandomWarp,
)
from digitrec.learning.backup import BackupAndRestore, backed_up
from digitrec.learning.batches import Batches, for_evaluation, for_fit
from digitrec.learning.calibration import CALIBRATION, fit_calibration
from digitrec.learning.callbacks import (
    AverageWeights,
    LogLearningRate,
    ModelCheckpoint,
    NonFiniteLossError,
    Progress,
    RefreshStatistics,
    ShuffleEachEpoch,
    TerminateOnNaN,
    ValidateApart,
)
from digitrec.learning.classic import build_classic
from digitrec.learning.config import TrainConfig
from digitrec.learning.corruption import RandomCorruption
from digitrec.learning.datasets import TrainingData
from digitrec.learning.network import LOGITS, DigitAccuracy, build_cnn, load_cnn, logits_of
from digitrec.learning.provenance import provenance, record
from digitrec.learning.runs import RUNS_DIR, Run

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
            self.data = assemble(
                self.config.csv,
                validation_fraction=self.config.validation_fraction,
                seed=self.config.seed,
                limit=self.config.limit,
                validation_csv_files=self.config.validation_csv,
                negatives=self.config.negatives,
                validation_negatives=self.config.validation_negatives,
            )
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
        run = self.run = self.run or Run.create(self.root, self.config.name, self.config.to_dict())
        with run.hold():
            record(run, origin)
            run.set_status("running")
            try:
                self._fit(run, data)
                calibrate(run, data)
            except KeyboardInterrupt:
                run.set_status("stopped", f"by hand, with {backed_up(run).epochs} of {self.config.epochs} epochs done")
            except NonFiniteLossError as error:
                run.set_status("failed", str(error))
            except BaseException as error:
                run.set_status("failed", f"{type(error).__name__}: {error}")
                raise
            else:
                run.set_status("done")
        return run

    def _fit(self, run: Run, data: TrainingData) -> None:
        before = backed_up(run)
        if before.stopped_early:  # and was killed before it could say so
            return
        make_deterministic(self.config.seed)
        model = training_model(self.config)
        batches = Batches(data.train, self.config.batch_size, self.config.seed, cpu_augmentation(self.config))
        model.compile(
            optimizer=build_optimizer(self.config, steps_per_epoch=len(batches)),
            loss=cross_entropy(self.config.label_smoothing),
            metrics=[DigitAccuracy(name="accuracy")],
        )
        model.optimizer.build(model.trainable_variables)  # so that a backup finds its variables
        run.keep_history_before(before.epochs)
        callbacks = self._callbacks(run, data, batches)
        try:
            model.fit(
                for_fit(batches),
                epochs=self.config.epochs,
                initial_epoch=before.epochs,
                validation_data=for_evaluation(data.validation),
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
        callbacks += [RefreshStatistics(batches), LogLearningRate(), ValidateApart(data), ModelCheckpoint(run, MONITOR)]
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


def training_model(config: TrainConfig) -> Any:
    """The network named `cnn`, behind its augmentation layers if the configuration has any."""
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision)
    try:
        classic = config.architecture == "classic"
        cnn = (
            build_classic(dropout=config.dropout) if classic else build_cnn(width=config.width, dropout=config.dropout)
        )
        ink = keras.Input(cnn.input_shape[1:], name="ink", dtype="float32")
        x = ink
        for layer in augmentation_layers(config):
            x = layer(x)
        return keras.Model(ink, cnn(x), name="training")
    finally:
        keras.config.set_dtype_policy(usual)


def augmentation_layers(config: TrainConfig) -> list[Any]:
    """The layers that distort training images; in float32, for bfloat16 cannot tell one pixel's place from the next."""
    if config.augment != "layers":
        return []
    layers: list[Any] = []
    if config.corruption:
        layers.append(RandomCorruption(config.corruption, seed=config.seed + 3, dtype="float32"))
    if config.thickness:
        layers.append(RandomThickness(config.thickness, seed=config.seed + 1, dtype="float32"))
    layers.append(
        RandomWarp(
            rotation=config.rotation,
            zoom=config.zoom,
            shear=config.shear,
            shift=config.shift,
            elastic=config.elastic,
            seed=config.seed,
            dtype="float32",
        )
    )
    if config.erasing:
        layers.append(RandomErasing(config.erasing, seed=config.seed + 2, dtype="float32"))
    return layers


def cross_entropy(label_smoothing: float) -> Any:
    """The loss of logits (n, 11) against labels (n,): 0 to 9, and 10 for what is no digit."""
    if not label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    smoothed = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing)

    def loss(labels: Any, logits: Any) -> Any:
        return smoothed(keras.ops.one_hot(keras.ops.reshape(labels, (-1,)), LOGITS), logits)

    return loss


def calibrate(run: Run, data: TrainingData) -> None:
    """Fit temperature and doubt of the run's best network on its validation data, into `calibration.json`."""
    cnn = load_cnn(run)
    digits = {name: (logits_of(cnn, part), part.labels) for name, part in data.apart.items()}
    negatives = None if data.negatives is None else logits_of(cnn, data.negatives)
    run.write_json(CALIBRATION, fit_calibration(digits, negatives).to_dict())


def cpu_augmentation(config: TrainConfig) -> ImageDataGeneratorAugmentation | None:
    """What distorts batches outside of the model, if the configuration says so."""
    return ImageDataGeneratorAugmentation() if config.augment == "imagedatagenerator" else None


def build_optimizer(config: TrainConfig, steps_per_epoch: int) -> Any:
    """The optimizer, with its learning rate schedule."""
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        steps = max(1, config.epochs * steps_per_epoch)
        warmup = min(round(config.warmup_epochs * steps_per_epoch), steps - 1)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else config.learning_rate,
            decay_steps=steps - warmup,
            alpha=config.floor,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    if config.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    if config.optimizer == "adam":
        return keras.optimizers.Adam(rate)
    return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)


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
