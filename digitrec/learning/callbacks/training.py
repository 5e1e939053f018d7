"""Callbacks that change how a network is trained: order of the images, averaged weights, statistics, a stop at NaN."""

import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from digitrec.errors import DigitrecError
from digitrec.learning.batches import Batches
from digitrec.learning.callbacks.state import CallbackState
from digitrec.learning.models.cnn import refresh_statistics

if TYPE_CHECKING:
    from digitrec.learning.reader.stream import SceneStream


class NonFiniteLossError(DigitrecError):
    """The loss became NaN or infinite; the weights are lost from that step on."""


class ShuffleEachEpoch(keras.callbacks.Callback):
    """Have the batches choose a new order at the start of each epoch."""

    def __init__(self, batches: "Batches | SceneStream") -> None:
        """Take the batches that `fit` reads."""
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Choose the epoch's order before its first batch is read."""
        self.batches.start_epoch(epoch)


class TerminateOnNaN(keras.callbacks.TerminateOnNaN):
    """Raise at the first loss that is NaN or infinite, in training or validation.

    Keras' own checks training alone, and its message names neither the epoch nor a remedy.
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
    """Keep a moving average of the weights, and put it in the model whenever it is validated or saved.

    After step t the average moves by 1 - min(momentum, (1 + t) / (10 + t)) towards the weights: short at first, so
    that an early average is not the random weights it began with, and longer as training goes on. Once the momentum
    is reached it moves every `STRIDE` steps only, by as much as in that many: reading all weights costs a tenth of a
    step. The moving statistics of batch normalization are averaged with the weights they belong to; Keras' own
    `use_ema` leaves them out, and validates averaged weights with statistics of others.

    From validation until the next epoch begins, the average is in the model, so callbacks listed after this one
    validate, save and restore it.
    """

    def __init__(self, momentum: float) -> None:
        """Take the momentum of the average in the long run, 0 to below 1."""
        super().__init__()
        self.momentum = momentum
        self.steps = 0
        self.average: list[Any] | None = None
        self.raw: list[Any] | None = None  # the weights being trained, while the average is in the model

    def get_state(self) -> CallbackState:
        """The steps so far, the average, and the weights being trained while the average is in the model."""
        weights = {"average": self.average, "raw": self.raw}
        return CallbackState({"steps": self.steps}, {name: kept for name, kept in weights.items() if kept is not None})

    def set_state(self, state: CallbackState) -> None:
        """Go on from an earlier state."""
        self.steps = int(state.numbers["steps"] or 0)
        self.average = list(state.weights["average"])
        self.raw = list(state.weights["raw"]) if "raw" in state.weights else None

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
        with np.errstate(invalid="ignore", over="ignore"):  # ruined weights end the run by their loss
            for average, weights in zip(self.average or [], self.model.get_weights(), strict=True):
                average += rate * (weights - average)

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Put the average in the model, for validation and for what comes after it."""
        if self.raw is None and self.average is not None:
            self.raw = self.model.get_weights()
            self.model.set_weights(self.average)


class RefreshStatistics(keras.callbacks.Callback):
    """Measure the network's batch statistics before it is validated and saved; see `refresh_statistics`.

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
