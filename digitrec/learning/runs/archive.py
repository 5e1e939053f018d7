"""Housekeeping of run directories: renaming and archiving. Needs no Keras."""

from filelock import Timeout

from digitrec.learning.runs.run import Run, check_name

ARCHIVED = "archived"
"""An empty file of this name marks a run as archived: kept, but hidden from lists."""


def rename(run: Run, name: str) -> Run:
    """Give a run another name; the time it began stays in front of it.

    Args:
        run: One that no process trains.
        name: The new name, without the time.

    Returns:
        The run where it is now.

    Raises:
        ValueError: The name does not belong in a file name, is taken, or a process trains the run.
    """
    check_name(name)
    stamp, _ = split_name(run)
    target = run.path.with_name(f"{stamp}-{name}" if stamp else name)
    if target == run.path:
        return run
    if target.exists():
        raise ValueError(f"there is already a run {target.name}; choose another name")
    try:
        with run.hold():  # released before the move: Windows moves no open file
            pass
    except Timeout:
        raise ValueError(f"{run.name} is being trained; stop it first, or wait until it is done") from None
    run.path.rename(target)
    return Run(target)


def split_name(run: Run) -> tuple[str, str]:
    """The time a run began, as `20260131T120000Z`, and the name it was given; no time where the name has none."""
    stamp, dash, name = run.name.partition("-")
    if dash and len(stamp) == 16 and stamp.endswith("Z"):
        return stamp, name
    return "", run.name


def archive(run: Run) -> None:
    """Hide a run from lists. Nothing else in it changes, and its path stays the same."""
    (run.path / ARCHIVED).touch()


def unarchive(run: Run) -> None:
    """Show an archived run in lists again."""
    (run.path / ARCHIVED).unlink(missing_ok=True)


def is_archived(run: Run) -> bool:
    """Whether a run is hidden from lists."""
    return (run.path / ARCHIVED).exists()
