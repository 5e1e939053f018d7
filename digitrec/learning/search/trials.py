"""The trials of a study: who trains which, and what became of it. Needs no Keras.

A trial that is being trained belongs to a place: a machine and a folder of runs. Its run directory names it, and the
run's lock tells whether a process still trains it. One whose process has ended is taken up by the next process of the
same place, from its backup on.
"""

import platform
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock
from optuna.trial import FrozenTrial, TrialState

from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.lifecycle import take_up
from digitrec.learning.runs.run import Run, list_runs
from digitrec.learning.search.space import Space
from digitrec.learning.search.study import search_dir

RECORD = "search.json"
"""File in a run directory that names the trial it belongs to."""

TOKEN, PLACE, REASON = "token", "place", "reason"
"""Attributes of a trial: what its run names, where it is trained, and why it failed."""


@dataclass(frozen=True)
class Taken:
    """A trial that this process trains.

    Attributes:
        trial: Optuna's, to report to.
        run: Its run directory, which is taken up.
        config: How it trains.
        resumed: Whether the run goes on from where a process has left it.
    """

    trial: optuna.Trial
    run: Run
    config: TrainConfig
    resumed: bool


@contextmanager
def take_trial(study: Any, space: Space, root: Path, trials: int) -> Iterator[Taken | None]:
    """Take up an interrupted trial of this place or begin another, for as long as the block lasts; see `take_up`.

    Yields:
        The trial; None where the study has as many as it is to have, and none here is interrupted.

    Args:
        study: The study.
        space: What it searches.
        root: The folder of run directories.
        trials: How many trials the study is to have.
    """
    lock = FileLock(search_dir(root) / f"{study.study_name}.lock")
    with ExitStack() as taken_up:
        with lock:  # until the run is held: another process would take a trial without a run for an interrupted one
            found = _find_interrupted(study, root) or _begin(study, root, trials)
            taken = None if found is None else _prepare(study, space, root, found)
            if taken is not None:
                taken_up.enter_context(take_up(taken.run))
        yield taken


def find_runs(root: Path) -> dict[str, Run]:
    """The run directories of trials below a folder, by the token of the trial, whatever they were renamed to."""
    records = ((run.read_json(RECORD).get(TOKEN), run) for run in list_runs(root))
    return {token: run for token, run in records if isinstance(token, str)}


def find_run(root: Path, trial: FrozenTrial) -> Run | None:
    """The run directory of a trial; None where there is none below `root`."""
    return find_runs(root).get(trial.user_attrs.get(TOKEN, ""))


def place(root: Path) -> str:
    """This machine and a folder of runs on it."""
    return f"{platform.node()}:{root.resolve()}"


def best_validation(run: Run) -> float | None:
    """The best validation accuracy of a run, which its checkpoint has; None before the end of its first epoch."""
    return max((row["val_accuracy"] for row in run.history() if "val_accuracy" in row), default=None)


def best_trial(study: Any) -> FrozenTrial | None:
    """The trial with the best validation accuracy; None while none is done."""
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return max(done, key=lambda trial: trial.value, default=None)


def finish(study: Any, number: int, run: Run) -> None:
    """Enter a trial whose run is done into the study, by its best validation accuracy."""
    best = best_validation(run)
    study.tell(number, best, state=TrialState.FAIL if best is None else None)


def fail(taken: Taken, reason: str) -> None:
    """Enter that a trial has no result."""
    taken.trial.set_user_attr(REASON, reason)
    taken.trial.study.tell(taken.trial, state=TrialState.FAIL)


def _find_interrupted(study: Any, root: Path) -> FrozenTrial | None:
    """A trial of this place that no process trains. One whose run is done is entered as such, and passed over."""
    trial: FrozenTrial
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if trial.user_attrs.get(PLACE) != place(root):
            continue
        run = find_run(root, trial)
        state = "stopped" if run is None else run.status.state
        if run is not None and state == "done":
            finish(study, trial.number, run)
        elif state != "running":
            return trial
    return None


def _begin(study: Any, root: Path, trials: int) -> FrozenTrial | None:
    """Enter another trial, unless there are enough."""
    if len(study.get_trials(deepcopy=False)) >= trials:
        return None
    token = uuid.uuid4().hex
    # Not by `study.ask`: a kill after it would leave a trial that belongs to no place.
    study.add_trial(optuna.create_trial(state=TrialState.RUNNING, user_attrs={TOKEN: token, PLACE: place(root)}))
    entered: list[FrozenTrial] = study.get_trials(deepcopy=False)
    trial = next(one for one in entered if one.user_attrs.get(TOKEN) == token)
    if trial.number < trials:
        return trial
    # A process of another machine was faster, and took the last one.
    study.tell(trial.number, state=TrialState.FAIL)
    return None


def _prepare(study: Any, space: Space, root: Path, found: FrozenTrial) -> Taken:
    """Find or make the run of a trial."""
    # Seeded by the number: a search that was interrupted chooses as one that was not, and two processes differently.
    shared = TrainConfig(seed=space.settings.get("seed", TrainConfig().seed))
    study.sampler = optuna.samplers.TPESampler(seed=shared.seed * 10_007 + found.number)
    trial = optuna.Trial(study, found._trial_id)
    run = find_run(root, found)
    if run is not None:
        return Taken(trial, run, TrainConfig.from_dict(run.config), resumed=True)
    config = replace(space.suggest(trial), name=f"{study.study_name}-{found.number}")
    run = Run.create(root, config.name, config.to_dict())
    run.write_json(RECORD, {"study": study.study_name, "trial": found.number, TOKEN: found.user_attrs[TOKEN]})
    return Taken(trial, run, config, resumed=False)
