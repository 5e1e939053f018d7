"""The backup of a run in training: all that a killed run needs to go on as if it had never stopped."""

import json
from typing import Any

import keras
import numpy as np

from digitrec.files import atomic_path
from digitrec.learning.callbacks.state import CallbackState, get_state, set_state
from digitrec.learning.runs.run import Run


class BackupAndRestore(keras.callbacks.BackupAndRestore):
    """Back up the whole state of training at the end of each epoch, and restore it when training begins again.

    Keras' own keeps weights and optimizer. This one adds what else decides how the curve goes on: the state of the
    random generators (dropout, augmentation) and what the other callbacks remember, such as averaged weights, the best
    weights that early stopping would go back to, and counters. All of it lies in one file that is replaced whole, so
    that a kill at any moment leaves the state of an epoch's end.
    """

    def __init__(self, run: Run, others: list[keras.callbacks.Callback]) -> None:
        """Take the run to write to and the other callbacks. List this one after all of them."""
        super().__init__(str(run.backup), delete_checkpoint=False)
        self.run, self.others = run, others

    def _load_model(self) -> None:
        if not self.run.backup.exists():
            return
        with np.load(self.run.backup, allow_pickle=False) as file:
            state = json.loads(str(file["state"]))
            variables = self._variables()
            if len(variables) != state["variables"] or len(self.others) != len(state["callbacks"]):
                raise ValueError(
                    f"{self.run.backup} holds {state['variables']} variables and {len(state['callbacks'])} callbacks;"
                    f" this network has {len(variables)}, trained with {len(self.others)}; it was written by another"
                    " version, so start a new run"
                )
            for index, variable in enumerate(variables):
                variable.assign(file[f"variable_{index}"])
            for position, (callback, entry) in enumerate(zip(self.others, state["callbacks"], strict=True)):
                weights = {
                    name: [file[_array_name(position, name, index)] for index in range(count)]
                    for name, count in entry["weights"].items()
                }
                set_state(callback, CallbackState(entry["numbers"], weights))

    def _save_model(self) -> None:
        arrays = {f"variable_{i}": keras.ops.convert_to_numpy(v) for i, v in enumerate(self._variables())}
        entries = []
        for position, callback in enumerate(self.others):
            state = get_state(callback)
            counts = {name: len(kept) for name, kept in state.weights.items()}
            entries.append({"numbers": dict(state.numbers), "weights": counts})
            for name, kept in state.weights.items():
                arrays.update({_array_name(position, name, index): array for index, array in enumerate(kept)})
        summary = {"epoch": self._current_epoch, "variables": len(self._variables()), "callbacks": entries}
        with atomic_path(self.run.backup) as temporary:
            np.savez(temporary, state=np.array(json.dumps(summary)), **arrays)

    def _variables(self) -> list[Any]:
        """Weights, moving statistics, random states and the optimizer's variables, always in the same order."""
        return [*self.model.variables, *self.model.optimizer.variables]


def _array_name(position: int, name: str, index: int) -> str:
    return f"{position}_{name}_{index}"
