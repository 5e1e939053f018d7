"""What a killed run needs to go on as if nothing had been."""

import json
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from digitrec.files import atomic_path
from digitrec.learning.runs.run import Run


class BackupAndRestore(keras.callbacks.BackupAndRestore):
    """Back up the whole state of training at the end of each epoch, and restore it when training begins again.

    Keras' own keeps weights and optimizer. This one adds what else decides how the curve goes on: the state of the
    random generators (dropout, augmentation), the counters and best values of the other callbacks, the averaged
    weights, and the best ones that early stopping would go back to. All of it lies in one file that is replaced
    whole, so that a kill at any moment leaves the state of an epoch's end.
    """

    NUMBERS = ("best", "best_epoch", "wait", "cooldown_counter", "stopped_epoch", "steps")
    WEIGHTS = ("best_weights", "average", "raw")

    def __init__(self, run: Run, others: list[keras.callbacks.Callback]) -> None:
        """Take the run to write to and the callbacks whose state counts. List this callback after all of them."""
        super().__init__(str(run.backup), delete_checkpoint=False)
        self.run, self.others = run, others

    def _load_model(self) -> None:
        if not self.run.backup.exists():
            return
        with np.load(self.run.backup, allow_pickle=False) as file:
            state = json.loads(str(file["state"]))
            variables = self._variables()
            if len(variables) != state["variables"]:
                raise ValueError(
                    f"{self.run.backup} holds {state['variables']} variables and this network has {len(variables)};"
                    " it was written by another version, so start a new run"
                )
            for index, variable in enumerate(variables):
                variable.assign(file[f"variable_{index}"])
            for position, (callback, remembered) in enumerate(zip(self.others, state["callbacks"], strict=True)):
                for name, value in remembered["numbers"].items():
                    setattr(callback, name, value)
                for name, count in remembered["weights"].items():
                    setattr(callback, name, [file[f"{position}_{name}_{index}"] for index in range(count)])

    def _save_model(self) -> None:
        arrays = {f"variable_{i}": keras.ops.convert_to_numpy(v) for i, v in enumerate(self._variables())}
        remembered = []
        for position, callback in enumerate(self.others):
            numbers = {name: _plain(getattr(callback, name)) for name in self.NUMBERS if hasattr(callback, name)}
            weights = {name: getattr(callback, name) for name in self.WEIGHTS if getattr(callback, name, None)}
            remembered.append({"numbers": numbers, "weights": {name: len(kept) for name, kept in weights.items()}})
            for name, kept in weights.items():
                arrays.update({f"{position}_{name}_{index}": array for index, array in enumerate(kept)})
        state = {"epoch": self._current_epoch, "variables": len(self._variables()), "callbacks": remembered}
        with atomic_path(self.run.backup) as temporary:
            np.savez(temporary, state=np.array(json.dumps(state)), **arrays)

    def _variables(self) -> list[Any]:
        """Weights, moving statistics, random states and the optimizer's variables, in an order that stays."""
        return [*self.model.variables, *self.model.optimizer.variables]


@dataclass(frozen=True)
class BackupState:
    """How far a run's backup goes.

    Attributes:
        epochs: Epochs in it: the epoch, counted from 0, that a resumed run begins with.
        stopped_early: Whether early stopping ended training there.
    """

    epochs: int = 0
    stopped_early: bool = False


def read_backup_state(run: Run) -> BackupState:
    """How far the backup of a run goes; nowhere if it has none."""
    if not run.backup.exists():
        return BackupState()
    with np.load(run.backup, allow_pickle=False) as file:
        state = json.loads(str(file["state"]))
    return BackupState(state["epoch"], any(c["numbers"].get("stopped_epoch", 0) > 0 for c in state["callbacks"]))


def _plain(value: Any) -> Any:
    """A number as Python's own, which JSON writes without loss."""
    return value.item() if isinstance(value, np.generic) else value
