"""Give a run more epochs, in words refused where that makes no sense. Needs no Keras."""

from digitrec.errors import DatasetError
from digitrec.learning.runs.backup import read_backup_state
from digitrec.learning.runs.run import Run


def check_lengthening(run: Run, epochs: int) -> None:
    """Refuse to train a run to a number of epochs.

    Args:
        run: A run that is done, or was interrupted.
        epochs: Epochs of the whole run, those that it has included.

    Raises:
        DatasetError: It has as many already, it stopped early, or it cannot be resumed at all.
    """
    if run.status.state == "running":
        raise DatasetError(f"{run.path} is running; stop it first, or let it end")
    backup = read_backup_state(run)
    if not backup.epochs:
        raise DatasetError(
            f"{run.path} has no {run.backup.name} to go on from; begin a new run with its weights: --start-from"
            f" {run.path}"
        )
    if backup.stopped_early:
        raise DatasetError(
            f"{run.path} stopped early after {backup.epochs} epochs, because validation got no better; more epochs"
            f" would stop at once. Begin a new run with its weights, and perhaps more data: --start-from {run.path}"
        )
    if epochs <= backup.epochs:
        raise DatasetError(
            f"{run.path} has {backup.epochs} epochs already, and --epochs counts all of them; name more than that"
        )


def lengthen(run: Run, epochs: int) -> None:
    """Write the new number of epochs into a run's configuration, which `check_lengthening` did not refuse.

    The caller has taken the run up, so that no other process trains it.
    """
    run.write_json("config.json", {**run.config, "epochs": epochs})
