"""Callbacks that report on training: figures of an epoch, the best network, and the progress of the run."""

import os
import time
from typing import Any

import keras
import numpy as np

from digitrec.learning.callbacks.state import CallbackState
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.evaluation.reliability import auroc
from digitrec.learning.models.calibration import doubt_scores
from digitrec.learning.models.cnn import compute_logits
from digitrec.learning.runs.run import Run
from digitrec.training_rows import NOT_A_DIGIT


class LogLearningRate(keras.callbacks.Callback):
    """Add the optimizer's learning rate to the epoch's figures."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Set `learning_rate` in the logs that the later callbacks share."""
        if logs is not None:
            logs["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))


class ValidateBySource(keras.callbacks.Callback):
    """Validate on each source by itself: an average would hide that one improves at the cost of another.

    Adds to the epoch's figures `val_mnist_accuracy` and `val_csv_accuracy` where there are both, and `val_doubt_auroc`
    where the network is trained on non-digits.
    """

    def __init__(self, data: TrainingData) -> None:
        """Take the data of the run."""
        super().__init__()
        self.data = data

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Validate the network with its current weights."""
        if logs is None or (len(self.data.validation_by_source) == 1 and self.data.negatives is None):
            return
        cnn = self.model.get_layer("cnn")
        doubts = []
        for name, part in self.data.validation_by_source.items():
            logits = compute_logits(cnn, part)
            if len(self.data.validation_by_source) > 1:
                logs[f"val_{name}_accuracy"] = float((logits[:, :NOT_A_DIGIT].argmax(1) == part.labels).mean())
            doubts.append(doubt_scores(logits, 1.0, self.data.negatives is not None))
        if self.data.negatives is not None:
            false = doubt_scores(compute_logits(cnn, self.data.negatives), 1.0, True)
            logs["val_doubt_auroc"] = auroc(np.concatenate(doubts), false)


class ModelCheckpoint(keras.callbacks.ModelCheckpoint):
    """Keep the network of the best epoch so far, or of the last, whole or not at all.

    Keras' own overwrites the old file, which a kill in that moment would ruin; this one writes a new file and renames
    it. It saves the network alone, without the augmentation layers in front of it.
    """

    def __init__(self, run: Run, monitor: str, layer: str = "cnn", *, best: bool = True) -> None:
        """Take what to keep.

        Args:
            run: Where it is written.
            monitor: The figure that decides which epoch is best, such as `val_accuracy`.
            layer: The network's name.
            best: Whether the best epoch is kept, or the last.
        """
        self.run, self.layer = run, layer
        self._temporary = run.path / ".next-best.keras"
        super().__init__(str(self._temporary), monitor=monitor, mode="max", save_best_only=best)

    def get_state(self) -> CallbackState:
        """The best figure so far."""
        return CallbackState({"best": None if self.best is None else float(self.best)})

    def set_state(self, state: CallbackState) -> None:
        """Go on from an earlier state."""
        self.best = state.numbers["best"]

    def set_model(self, model: Any) -> None:
        """Look only at the network inside of the model being trained."""
        super().set_model(model.get_layer(self.layer))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save if this epoch is the best, or the last so far is kept."""
        self._temporary.unlink(missing_ok=True)  # half a file, if a kill came while it was written
        super().on_epoch_end(epoch, logs)
        if self._temporary.exists():
            os.replace(self._temporary, self.run.checkpoint)


class Progress(keras.callbacks.Callback):
    """Write `progress.json` about once a second, for those who watch the run."""

    def __init__(self, run: Run, *, every: float = 1.0) -> None:
        """Take the run to write to, and the seconds between two writings."""
        super().__init__()
        self.run, self.every = run, every
        self.epoch = self.steps_done = 0
        self.started = self.written = time.monotonic()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Start the clock."""
        self.started = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write that the epoch begins."""
        self.epoch = epoch
        self._write(0, {})

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Write, unless the last time was less than `every` seconds ago."""
        self.steps_done += 1
        if time.monotonic() - self.written >= self.every:
            self._write(batch + 1, logs or {})

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the epoch's figures."""
        self._write(self.params["steps"], logs or {})

    def _write(self, step: int, logs: dict[str, float]) -> None:
        epochs, steps = self.params["epochs"], self.params["steps"]
        self.written = time.monotonic()
        # The time validation takes is in the mean time of a step, so that the estimate holds for whole epochs.
        step_time = (self.written - self.started) / self.steps_done if self.steps_done else None
        left = (epochs - self.epoch) * steps - step
        self.run.write_json(
            "progress.json",
            {
                "epoch": self.epoch,
                "epochs": epochs,
                "step": step,
                "steps": steps,
                **{name: float(value) for name, value in logs.items()},
                "eta": None if step_time is None else round(left * step_time, 1),
                "pid": os.getpid(),
                "updated": time.time(),
            },
        )
