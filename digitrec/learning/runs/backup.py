"""How far the backup of a run goes, read without Keras. `digitrec.learning.callbacks.backup` writes it."""

import json
from dataclasses import dataclass

import numpy as np

from digitrec.learning.runs.run import Run


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
    """Read how far the backup of a run goes; nowhere if it has none."""
    if not run.backup.exists():
        return BackupState()
    with np.load(run.backup, allow_pickle=False) as file:
        state = json.loads(str(file["state"]))
    return BackupState(state["epoch"], any(c["numbers"].get("stopped_epoch", 0) > 0 for c in state["callbacks"]))
