"""The callbacks that train a run: our own, and Keras' where theirs are complete."""

import keras

from digitrec.learning.batches import Batches
from digitrec.learning.callbacks.backup import BackupAndRestore
from digitrec.learning.callbacks.reporting import LogLearningRate, ModelCheckpoint, Progress, ValidateBySource
from digitrec.learning.callbacks.timeline import RecordTimeline
from digitrec.learning.callbacks.training import (
    AverageWeights,
    NonFiniteLossError,
    RefreshStatistics,
    ShuffleEachEpoch,
    TerminateOnNaN,
)
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.runs.run import Run

__all__ = [
    "MONITOR",
    "AverageWeights",
    "BackupAndRestore",
    "LogLearningRate",
    "ModelCheckpoint",
    "NonFiniteLossError",
    "Progress",
    "RecordTimeline",
    "RefreshStatistics",
    "ShuffleEachEpoch",
    "TerminateOnNaN",
    "ValidateBySource",
    "build_callbacks",
]

MONITOR = "val_accuracy"
"""The figure that chooses the checkpoint and ends training early."""


def build_callbacks(
    config: TrainConfig, data: TrainingData, run: Run, batches: Batches
) -> list[keras.callbacks.Callback]:
    """Build the callbacks of a run, in the order in which they must see the end of an epoch.

    A backup holds their states by position: a new one here makes older runs impossible to resume.
    """
    callbacks: list[keras.callbacks.Callback] = [
        ShuffleEachEpoch(batches),
        TerminateOnNaN(),  # before anything that would save ruined weights
    ]
    if config.ema_momentum:
        # Puts the averaged weights in the model for the callbacks after it: they are what is saved and restored.
        callbacks.append(AverageWeights(config.ema_momentum))
    best = config.keep == "best"
    checkpoint = ModelCheckpoint(run, MONITOR, best=best)
    callbacks += [RefreshStatistics(batches), LogLearningRate(), ValidateBySource(data), checkpoint]
    if config.schedule == "plateau":
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(
                monitor="val_loss", factor=config.plateau_factor, patience=config.plateau_patience
            )
        )
    callbacks += [
        keras.callbacks.EarlyStopping(monitor=MONITOR, mode="max", patience=config.patience, restore_best_weights=best),
        keras.callbacks.CSVLogger(str(run.path / "history.csv"), append=True),
        Progress(run),
    ]
    # After the others have counted the epoch. What comes after it has no state in the backup.
    return [*callbacks, BackupAndRestore(run, list(callbacks)), RecordTimeline(run)]
