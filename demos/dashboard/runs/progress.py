"""A run as it trains: its progress, curves and log, and the buttons to stop and resume it."""

import math

import streamlit as st

from demos.dashboard import charts
from demos.dashboard.runs import curves, launch, settings_form
from demos.dashboard.runs.axes import get_timeline
from demos.dashboard.runs.records import Record, RunCache
from demos.dashboard.runs.status import describe_progress, explain
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.stop_request import is_stop_requested, request_stop

EVERY = 1.0
"""Seconds between two readings of a run; it writes its progress as often."""

LOG_LINES = 15


@st.cache_resource(show_spinner=False)
def run_cache() -> RunCache:
    """The run records of this server, shared by all pages and sessions."""
    return RunCache()


def show_run(run: Run) -> None:
    """Show a run, again every second while it trains."""
    running = run_cache().record(run).status.state == "running"
    st.fragment(_panel, run_every=EVERY if running else None)(run, running)


def _panel(run: Run, was_running: bool) -> None:
    record = run_cache().record(run)
    if (record.status.state == "running") != was_running:
        st.rerun()  # the whole page, which shows its state elsewhere too
    state = explain(record)
    if not was_running:
        {"info": st.info, "success": st.success, "warning": st.warning, "error": st.error}[state.kind](state.text)
    if record.flaws:
        return
    share, text = describe_progress(record)
    st.progress(share, text=text)
    _buttons(record, state.can_resume)
    if record.history or was_running:
        _figures(record)
        _charts(record)
        _machine(record)
    else:
        st.caption("No epoch was finished, so there are no figures and no curves.")
    _log(run)


def _figures(record: Record) -> None:
    latest = record.history[-1] if record.history else {}
    now = record.progress if record.status.state == "running" else latest
    shown = {
        "Training loss": (now.get("loss", latest.get("loss")), "{:.4f}"),
        "Training accuracy": (now.get("accuracy", latest.get("accuracy")), "{:.2%}"),
        "Validation accuracy": (latest.get("val_accuracy"), "{:.2%}"),
        "Best so far": (record.best.get("val_accuracy"), "{:.2%}"),
    }
    with st.container(horizontal=True, gap="small"):
        for name, (value, form) in shown.items():
            known = isinstance(value, int | float) and math.isfinite(value)
            st.metric(name, form.format(value) if known else "-", width=140)


def _charts(record: Record) -> None:
    now = record.progress if record.status.state == "running" else {}
    for column, title in zip(st.columns(3), (*curves.PAIRS, "Learning rate"), strict=True):
        if title in curves.PAIRS:
            figure = curves.plot_training_and_validation(title, record.history, now, record.epochs)
        else:
            figure = curves.plot_learning_rate(record.history, record.epochs)
        with column:
            st.plotly_chart(figure, key=f"curve-{title}-{record.name}", config=charts.PLOTLY_CONFIG)


def _machine(record: Record) -> None:
    timeline = get_timeline(record.run)
    if timeline:
        with st.expander("Processor and memory", key="machine"):
            st.plotly_chart(curves.plot_resources(timeline), key=f"machine-{record.name}", config=charts.PLOTLY_CONFIG)


def _buttons(record: Record, can_resume: bool) -> None:
    with st.container(horizontal=True):
        if record.status.state == "running":
            asked = is_stop_requested(record.run)
            st.button(
                "Stopping …" if asked else "Stop",
                key="stop",
                icon=":material/stop_circle:",
                disabled=asked,
                on_click=request_stop,
                args=(record.run,),
                help="As Ctrl-C does: finished epochs are kept, and the run can be resumed",
            )
        elif can_resume and st.button("Resume", key="resume", icon=":material/play_circle:", type="primary"):
            resume_run(record.run)
        if st.button(
            "Use its settings",
            key="reuse",
            icon=":material/content_copy:",
            help="Fill in the form of a new run with these settings",
        ):
            settings_form.set_settings(record.config)
            st.session_state["next-view"] = "New run"
            st.rerun()


def resume_run(run: Run) -> None:
    """Resume a run, and run the page again."""
    with st.spinner("Starting"):
        try:
            launch.resume(run)
        except launch.LaunchError as error:
            st.error(str(error))
            return
    st.rerun()


def _log(run: Run) -> None:
    tail = launch.log_tail(run, LOG_LINES)
    with st.expander("Log", expanded=bool(tail)):
        if tail:
            st.code(tail, language=None, wrap_lines=True)
        else:
            st.caption("No log here: the run was started in a terminal, which shows it.")
