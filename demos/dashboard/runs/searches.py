"""Searches as the dashboard sees them: their trials, and the processes that it starts to train them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from optuna.trial import FrozenTrial, TrialState

from demos.dashboard.runs import launch
from digitrec.files import write_text
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.stop_request import request_stop as request_stop_of_run
from digitrec.learning.search.study import open_storage, request_stop, search_dir
from digitrec.learning.search.trials import PLACE, REASON, TOKEN, place

COMMAND = ("-m", "training.search")

RUNNING, STOPPED, ELSEWHERE = "running", "stopped", "running on {}"

STATES = {TrialState.COMPLETE: "done", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
"""What trials that have ended are called."""


@st.cache_resource(show_spinner=False)
def storage(url: str, root: Path) -> Any:
    """The database of studies, opened once; see `open_storage`."""
    return open_storage(url, root)


@st.cache_resource(show_spinner=False)
def _processes() -> dict[str, subprocess.Popen[bytes]]:
    """The newest process of each study that this server has started."""
    return {}


def start(name: str, trials: int, url: str, root: Path, space: str = "") -> None:
    """Start a process that trains trials of a study; it outlives the page and the dashboard.

    Args:
        name: Of the study.
        trials: How many the study is to have.
        url: The address of the database of studies.
        root: The folder of run directories.
        space: What a new study searches, in TOML; empty for one that goes on.
    """
    folder = search_dir(root)
    arguments = ["--study", name, "--trials", str(trials), "--storage", url, "--runs", str(root)]
    if space:
        write_text(folder / f"{name}.toml", space)
        arguments.insert(0, str(folder / f"{name}.toml"))
    _processes()[name] = launch.start_process([*COMMAND, *arguments], log_path(name, root))


def stop(study: Any, runs: Mapping[str, Run]) -> None:
    """Stop all processes that train trials of a study: those of this machine at once, others after their epoch.

    Args:
        study: The study.
        runs: Run directories by the token of their trial, as `find_runs` gives them.
    """
    request_stop(study)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        run = runs.get(trial.user_attrs.get(TOKEN, ""))
        if run is not None and run.status.state == "running":
            request_stop_of_run(run)


def is_starting(name: str) -> bool:
    """Whether a process that this server has started for a study lives."""
    process = _processes().get(name)
    return process is not None and process.poll() is None


def is_running(study: Any, runs: Mapping[str, Run], root: Path) -> bool:
    """Whether a trial of a study is being trained, here or on another machine, or a process for it is starting."""
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    states = (state_of(trial, runs.get(trial.user_attrs.get(TOKEN, "")), root) for trial in running)
    return is_starting(study.study_name) or any(state != STOPPED for state in states)


def failure(name: str, root: Path) -> str:
    """Why the newest process of a study failed, as its last line; empty where it did not."""
    process = _processes().get(name)
    if process is None or process.poll() in (None, 0, 130):
        return ""
    last = launch.read_tail(log_path(name, root), 1).removeprefix("error: ")
    return last or f"it ended with status {process.returncode} and no message"


def log_path(name: str, root: Path) -> Path:
    """The file with the output of the processes of a study."""
    return search_dir(root) / f"{name}.log"


def state_of(trial: FrozenTrial, run: Run | None, root: Path) -> str:
    """The state of a trial in words.

    Args:
        trial: The trial.
        run: Its run directory, where it is on this machine.
        root: The folder of run directories.
    """
    if trial.state in STATES:
        return STATES[trial.state]
    at = trial.user_attrs.get(PLACE, "")
    if at != place(root):
        return ELSEWHERE.format(at.partition(":")[0] or "another machine")
    return RUNNING if run is not None and run.status.state == "running" else STOPPED


def trials_table(trials: list[FrozenTrial], runs: Mapping[str, Run], root: Path) -> pd.DataFrame:
    """A table of trials, the newest first: number, state, validation accuracy, epochs, their settings, and why none."""
    rows = []
    for trial in sorted(trials, key=lambda one: one.number, reverse=True):
        run = runs.get(trial.user_attrs.get(TOKEN, ""))
        best = max(trial.intermediate_values.values(), default=None)
        rows.append(
            {
                "trial": trial.number,
                "state": state_of(trial, run, root),
                "validation": best if trial.value is None else trial.value,
                "epochs": len(trial.intermediate_values),
                **trial.params,
                "why": trial.user_attrs.get(REASON, ""),
            }
        )
    return pd.DataFrame(rows, columns=None if rows else ["trial", "state", "validation"])
