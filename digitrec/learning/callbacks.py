"""The trainer's own callbacks, and Keras' own where theirs leave something out.

The order in which the trainer lists them matters; `digitrec.learning.trainer` says why.
"""

import math
import os
import time
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from digitrec.learning.batches import Batches
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.evaluation.reliability import auroc
from digitrec.learning.models.calibration import doubt_scores
from digitrec.learning.models.cnn import compute_logits, refresh_statistics
from digitrec.learning.runs.run import Run
from digitrec.training_rows import NOT_A_DIGIT

if TYPE_CHECKING:
    from digitrec.learning.reader.stream import SceneStream


class NonFiniteLossError(ArithmeticError):
    """The loss became NaN or infinite; the weights are lost from that step on."""


class ShuffleEachEpoch(keras.callbacks.Callback):
    """Tell the batches which epoch begins: their order follows from it."""

    def __init__(self, batches: "Batches | SceneStream") -> None:
        """Take the batches that `fit` reads."""
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Choose the epoch's order before its first batch is read."""
        self.batches.start_epoch(epoch)


class TerminateOnNaN(keras.callbacks.TerminateOnNaN):
    """Raise at the first loss that is NaN or infinite, in training or validation.

    Keras' own looks at training alone; and where it is told to raise, its message says neither epoch nor remedy.
    """

    def __init__(self) -> None:
        """Count from the first step."""
        super().__init__(raise_error=True)
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Remember the epoch for the message."""
        self.epoch = epoch

    def on_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Raise NonFiniteLossError if the loss so far is not finite."""
        self._check((logs or {}).get("loss"), f"at step {batch + 1} of epoch {self.epoch + 1}")

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Raise NonFiniteLossError if the validation loss is not finite."""
        self._check((logs or {}).get("val_loss"), f"in the validation after epoch {epoch + 1}")

    @staticmethod
    def _check(loss: float | None, where: str) -> None:
        if loss is not None and not math.isfinite(loss):
            raise NonFiniteLossError(
                f"the loss became {float(loss)} {where}; the best checkpoint until then is kept. Try a lower"
                " learning rate"
            )


_STATISTICS_STREAM = 7  # each use of the seed draws from a random stream of its own

STRIDE = 8
"""Steps between two movements of `AverageWeights`' average."""


class AverageWeights(keras.callbacks.Callback):
    """Keep a moving average of the weights, and put it in the model whenever it is judged or saved.

    After step t the average moves by 1 - min(momentum, (1 + t) / (10 + t)) towards the weights: short at first, so
    that an early average is not the random weights it began with, and longer as training goes on. Once the momentum
    is reached it moves every `STRIDE` steps only, by as much as in that many: reading all weights costs a tenth of a
    step. The moving
    statistics of batch normalization are averaged with the weights they belong to; Keras' own `use_ema` leaves them
    out, and validates averaged weights with statistics of others.

    From validation until the next epoch begins, the average is in the model, so callbacks listed after this one
    judge, save and restore it.
    """

    def __init__(self, momentum: float) -> None:
        """Take the momentum of the average in the long run, 0 to below 1."""
        super().__init__()
        self.momentum = momentum
        self.steps = 0
        self.average: list[Any] | None = None
        self.raw: list[Any] | None = None  # the weights being trained, while the average is in the model

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin with the weights as they are."""
        self.average, self.raw, self.steps = self.model.get_weights(), None, 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Go on training the weights themselves."""
        if self.raw is not None:
            self.model.set_weights(self.raw)
            self.raw = None

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Move the average."""
        self.steps += 1
        momentum = min(self.momentum, (1 + self.steps) / (10 + self.steps))
        if momentum == self.momentum:
            if self.steps % STRIDE:
                return
            momentum **= STRIDE
        rate = np.float32(1 - momentum)
        with np.errstate(invalid="ignore", over="ignore"):  # weights that are ruined end the run, by their loss
            for average, weights in zip(self.average or [], self.model.get_weights(), strict=True):
                average += rate * (weights - average)

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Put the average in the model, for validation and for what comes after it."""
        if self.raw is None and self.average is not None:
            self.raw = self.model.get_weights()
            self.model.set_weights(self.average)


class RefreshStatistics(keras.callbacks.Callback):
    """Give the network statistics of its own before it is judged and saved; see `refresh_statistics`.

    Listed after `AverageWeights`, which takes them out again with the average.
    """

    def __init__(self, batches: Batches, count: int = 3_000) -> None:
        """Take the batches that `fit` reads, and how many of their images are used: the same ones each time."""
        super().__init__()
        rng = np.random.default_rng([batches.seed, _STATISTICS_STREAM])
        self.images = batches.examples.images[rng.permutation(len(batches.examples))[:count]]

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Measure them, for validation and for what comes after it."""
        refresh_statistics(self.model.get_layer("cnn"), self.images)


class LogLearningRate(keras.callbacks.Callback):
    """Add the optimizer's learning rate to the epoch's figures."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Set `learning_rate` in the logs that the later callbacks share."""
        if logs is not None:
            logs["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))


class ValidateBySource(keras.callbacks.Callback):
    """Judge each kind of validation data apart: an average would hide that one gets better at the cost of another.

    Adds to the epoch's figures `val_mnist_accuracy` and `val_csv_accuracy` where there are both, and `val_doubt_auroc`
    where the network learns what is no digit.
    """

    def __init__(self, data: TrainingData) -> None:
        """Take the data of the run."""
        super().__init__()
        self.data = data

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Judge the network as it stands in the model."""
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
    """Keep the network of the best epoch so far, whole or not at all.

    Keras' own writes over the old file, which a kill in that moment would ruin; here the new one is written beside
    it and renamed. And what is kept is the network alone, without the augmentation that trains it.
    """

    def __init__(self, run: Run, monitor: str, layer: str = "cnn") -> None:
        """Take the run to write to, the figure that decides, such as `val_accuracy`, and the network's name."""
        self.run, self.layer = run, layer
        self._temporary = run.path / ".next-best.keras"
        super().__init__(str(self._temporary), monitor=monitor, mode="max", save_best_only=True)

    def set_model(self, model: Any) -> None:
        """Look only at the network inside of the model being trained."""
        super().set_model(model.get_layer(self.layer))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save if this epoch is the best."""
        self._temporary.unlink(missing_ok=True)  # half a file, if a kill came while it was written
        super().on_epoch_end(epoch, logs)
        if self._temporary.exists():
            os.replace(self._temporary, self.run.checkpoint)


class Progress(keras.callbacks.Callback):
    """Write `progress.json` about once a second, for whoever watches the run from outside."""

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
        """Write, if the last time is long enough ago."""
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
