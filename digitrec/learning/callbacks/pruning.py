"""The callback that ends a bad trial of a search early."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from digitrec.learning.callbacks import MONITOR
from digitrec.learning.runs.lifecycle import StoppedError


class PrunedError(StoppedError):
    """A trial was ended early, since others were better at the same epoch."""


class PruneTrial(keras.callbacks.Callback):
    """Report the validation accuracy of each epoch to the study, and end the run where that is too low.

    Listed after the backup, so that a run that was ended early can be resumed by hand like any other. Optuna's own
    callback for Keras, in a package of its own, cannot be: it raises among the callbacks that still have to write.
    """

    def __init__(self, trial: Any, is_stopped: Callable[[], bool], history: Sequence[Mapping[str, float]] = ()) -> None:
        """Take the trial.

        Args:
            trial: An `optuna.Trial`. It may have reported epochs before, in a process that was killed.
            is_stopped: Asked after each epoch whether the search is to stop, which ends the run as Ctrl-C does.
            history: The epochs of a run that goes on, as `Run.history` returns them. Those that were not reported are:
                a process may be killed between an epoch's row and its report.
        """
        super().__init__()
        self.trial, self.is_stopped, self.history = trial, is_stopped, history
        self.reported: set[int] = set()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """End a run that was killed after the report that would have ended it."""
        trial = self.trial
        self.reported = set(trial.storage.get_trial(trial._trial_id).intermediate_values)
        for row in self.history:
            self._report(int(row["epoch"]), row)
        self._prune_if_bad(max(self.reported, default=-1))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Report, and end the run if it is to end."""
        self._report(epoch, logs or {})
        self._prune_if_bad(epoch)
        if self.is_stopped():
            raise KeyboardInterrupt

    def _report(self, epoch: int, figures: Mapping[str, float]) -> None:
        if epoch not in self.reported:  # an epoch that is trained again after a kill has the same accuracy
            self.trial.report(float(figures[MONITOR]), epoch)
            self.reported.add(epoch)

    def _prune_if_bad(self, epoch: int) -> None:
        if self.trial.should_prune():
            raise PrunedError(f"pruned after epoch {epoch + 1}: half of the other trials were better by then")
