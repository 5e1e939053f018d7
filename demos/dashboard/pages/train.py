"""The page Train: start, watch, stop and resume runs."""

import shlex

import streamlit as st

from demos.dashboard.models.next_steps import show_next_steps
from demos.dashboard.navigation import choose_view
from demos.dashboard.paths import runs_root
from demos.dashboard.runs import csv_form, launch, settings_form
from demos.dashboard.runs.csv_form import CsvCheck
from demos.dashboard.runs.progress import run_cache, show_run
from demos.dashboard.runs.records import Record
from demos.dashboard.widget_values import RESENT
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import check_name

WATCH, NEW = "Watch", "New run"

USELESS = "Images that would teach nothing are named above. Mend the data, or train on them as they are."


def page() -> None:
    """Show the page. The watched run is in the address, so that a reload shows it again."""
    st.title("Train")
    records = [record for record in run_cache().read(runs_root()) if not record.archived]
    running = [record for record in records if record.state == "running"]
    if not records:
        st.caption("There is no run yet. A run trains in a process of its own, so you may close this page meanwhile.")
    elif choose_view("view", (WATCH, NEW), NEW if not running and "run" not in st.query_params else WATCH) == WATCH:
        rank = {"running": 0, "broken": 2}
        chosen = _choose_run(sorted(records, key=lambda record: rank.get(record.state, 1)))
        if chosen is not None:
            if chosen.state == "done":
                show_next_steps(chosen.run)
            show_run(chosen.run)
        return
    _new_run(running)


def _choose_run(records: list[Record]) -> Record | None:
    """Choose the run: the one in the address, else the newest that is running, else the newest.

    None where the address names a run that is not there: another one would be taken for it.
    """
    by_name, state = {record.name: record for record in records}, st.session_state
    asked = state.pop("next-run", st.query_params.get("run"))
    if state.get("watched") not in by_name or "run" not in st.query_params:
        state["watched"] = asked if asked in by_name else records[0].name if asked is None else None
    name = st.selectbox(
        "Run",
        list(by_name),
        index=None,
        placeholder="Choose a run",
        key="watched",
        label_visibility="collapsed",
        persist_state=RESENT,
    )
    if name is None:
        if asked not in by_name:
            st.warning(f"There is no run {asked} in {runs_root()}; it may have been renamed, archived or deleted.")
        return None
    st.query_params["run"] = name
    return by_name[name]


def _new_run(running: list[Record]) -> None:
    settings_form.show_usual_widgets()
    findings = csv_form.show_file_widgets()
    # The title stays as it is: another one would be another expander, which would close.
    with st.expander("More settings", key="more-settings"):
        settings_form.show_rare_widgets()
    if changed := settings_form.changed_settings():
        st.caption(f"Changed under More settings: {', '.join(map(settings_form.field_label, changed))}.")
    config, problem = check_settings(findings)
    if problem:
        st.error(problem)
    if problem == USELESS and st.button("Train on them as they are", key="allow-flawed"):
        settings_form.set_settings({"allow_flawed_data": True})
        st.rerun()
    if running:
        names = ", ".join(record.title for record in running)
        st.info(f"{names} is training. Runs that train at the same time share the machine, and each takes longer.")
    with st.container(horizontal=True):
        if st.button("Start", key="start", type="primary", icon=":material/play_arrow:", disabled=bool(problem)):
            assert config is not None
            _start(config)
        if st.button("Back to the defaults", key="defaults"):
            settings_form.set_settings({name: option.default for name, option in settings_form.FIELDS.items()})
            st.rerun()
    if config is not None:
        st.caption("The same on the command line:")
        st.code(shlex.join(["python", "-m", "training.train", *config.to_flags()]), language="bash", wrap_lines=True)


def check_settings(findings: list[CsvCheck]) -> tuple[TrainConfig | None, str]:
    """Build the configuration from the widgets, or say why it is invalid; the other is None or empty.

    Args:
        findings: The checks of the CSV files.
    """
    values = settings_form.current_settings()
    try:
        check_name(values["name"])
        config = TrainConfig(**values)
    except ValueError as error:
        text = str(error)
        for name in values:
            text = text.replace(f"{name} is ", f"{settings_form.field_label(name)} is ")
        return None, f"{text[0].upper()}{text[1:]}."
    flaws = sum(bool(finding.flaw) for finding in findings)
    if flaws:
        return None, f"{'A CSV file' if flaws == 1 else f'{flaws} CSV files'} cannot be used; the reason is above."
    if any(finding.useless for finding in findings) and not config.allow_flawed_data:
        return None, USELESS
    return config, ""


def _start(config: TrainConfig) -> None:
    with st.spinner("Starting"):
        try:
            run = launch.start(config, runs_root())
        except (launch.LaunchError, OSError) as error:
            st.error(str(error))
            return
    st.session_state["next-view"], st.session_state["next-run"] = WATCH, run.name
    st.query_params.pop("run", None)
    st.rerun()
