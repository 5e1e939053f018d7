"""A search as it goes on: its trials, Optuna's figures of them, and the buttons to stop it and to go on."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st
from optuna.trial import FrozenTrial, TrialState
from optuna.visualization import plot_optimization_history, plot_parallel_coordinate, plot_param_importances

from demos.dashboard import charts
from demos.dashboard.navigation import link_to
from demos.dashboard.paths import runs_root
from demos.dashboard.runs import searches
from digitrec.learning.runs.run import Run
from digitrec.learning.search.study import open_study
from digitrec.learning.search.trials import TOKEN, find_runs

EVERY = 3.0
"""Seconds between two readings of a study that has running trials."""

IMPORTANCE_TRIALS = 10
"""Trials from which on it is shown which settings matter: it compares the best tenth with all."""


def show_search(storage: Any, url: str, name: str) -> None:
    """Show a search, again every few seconds while it runs.

    Args:
        storage: The database of studies.
        url: Its address.
        name: The study's name.
    """
    running = searches.is_running(open_study(storage, name), find_runs(runs_root()), runs_root())
    st.fragment(_panel, run_every=EVERY if running else None)(storage, url, name, running)


def _panel(storage: Any, url: str, name: str, was_running: bool) -> None:
    root = runs_root()
    study, runs = open_study(storage, name), find_runs(root)
    if searches.is_running(study, runs, root) != was_running:
        st.rerun()  # the whole page, which then shows no panel that refreshes
    trials = study.get_trials(deepcopy=False)
    table = searches.trials_table(trials, runs, root)
    _show_counts(table)
    if reason := searches.failure(name, root):
        st.error(reason)
    if was_running:
        _show_stop(study, runs)
    else:
        _show_go_on(name, url, len(trials))
    if trials:
        _show_trials(table, trials, runs)
        _show_figures(study)


def _show_counts(table: pd.DataFrame) -> None:
    best = table.loc[table["state"] == "done", "validation"].max()
    with st.container(horizontal=True, gap="small"):
        st.metric("Best validation", "-" if pd.isna(best) else f"{best:.2%}", width=160)
        st.metric("Trials", len(table), width=100)
        for state in searches.STATES.values():
            st.metric(state.capitalize(), int((table["state"] == state).sum()), width=100)


def _show_stop(study: Any, runs: Mapping[str, Run]) -> None:
    st.button(
        "Stop",
        key="stop-search",
        icon=":material/stop_circle:",
        on_click=searches.stop,
        args=(study, runs),
        help="Stops the processes of this search on every machine. A trial that is stopped is taken up again",
    )


def _show_go_on(name: str, url: str, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        trials = st.number_input("Trials in all", 1, 10_000, max(count, 20), key=f"more-{name}", width=140)
        if st.button("Go on", key="continue-search", icon=":material/play_circle:", type="primary"):
            searches.start(name, int(trials), url, runs_root())
            st.rerun()


def _show_trials(table: pd.DataFrame, trials: list[FrozenTrial], runs: Mapping[str, Run]) -> None:
    event = st.dataframe(
        table,
        hide_index=True,
        height=min(38 + 35 * len(table), 320),
        on_select="rerun",
        selection_mode="single-row",
        key="trials",
        column_config={
            "trial": st.column_config.NumberColumn("Trial", pinned=True),
            "validation": st.column_config.NumberColumn("Validation", format="%.4f", help="Best validation accuracy"),
        },
    )
    by_number = {trial.number: trial for trial in trials}
    for number in (int(table["trial"].iloc[row]) for row in event.selection.rows if row < len(table)):
        run = runs.get(by_number[number].user_attrs.get(TOKEN, ""))
        if run is None:
            st.caption(f"The run of trial {number} is not on this machine.")
        else:
            link_to("train", f"Open trial {number} as a run", ":material/open_in_new:", {"run": run.name})


def _show_figures(study: Any) -> None:
    """Show Optuna's own figures, as far as there are trials to draw."""
    done = len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
    if not done:
        st.caption("There are figures once a trial is done.")
        return
    figures: dict[str, Callable[..., Any]] = {
        "History": plot_optimization_history,
        "Parallel coordinates": plot_parallel_coordinate,
    }
    if done >= IMPORTANCE_TRIALS:
        figures["Importance of settings"] = plot_param_importances
    for tab, (title, plot) in zip(st.tabs(list(figures), key="study-figures"), figures.items(), strict=True):
        figure = plot(study, target_name="Validation accuracy")
        figure.update_layout(title=None, height=380, margin={"l": 40, "r": 40, "t": 50, "b": 40})
        tab.plotly_chart(figure, key=f"figure-{title}", config=charts.PLOTLY_CONFIG)
