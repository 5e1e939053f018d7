"""The page Runs: a table of all runs; compare, rename, archive and report them."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from demos.dashboard.models.next_steps import show_next_steps
from demos.dashboard.paths import runs_root
from demos.dashboard.runs import table
from demos.dashboard.runs.comparison import show_comparison
from demos.dashboard.runs.filter import filter_records, unknown_names
from demos.dashboard.runs.group_report import group_report
from demos.dashboard.runs.noting import show_notes
from demos.dashboard.runs.progress import run_cache
from demos.dashboard.runs.records import Record
from demos.dashboard.runs.report import report
from demos.dashboard.runs.settings_form import FIELDS, field_label
from demos.dashboard.runs.status import explain
from digitrec.learning.runs.archive import archive, rename, unarchive
from digitrec.learning.runs.run import Run

MOST_SETTINGS = 8
"""Columns of settings that are shown by default."""

REFRESH = 2.0
"""Seconds between two readings of the table while a run trains."""

SELECTED = "selected-runs"


def page() -> None:
    """Show the page."""
    st.title("Runs")
    if message := st.session_state.pop("message", ""):
        st.toast(message)
    records = run_cache().read(runs_root())
    if not records:
        st.info(f"There are no runs in {runs_root()} yet. Start one on the page Train, or with: make train")
        return
    shown = _filtered(records)
    if not shown:
        st.info("No run matches this filter.")
        return
    settings = _choose_columns(shown)
    is_training = any(record.state == "running" for record in shown)
    # Other runs are another table: ticks would keep their places and mean other runs.
    key = "runs-" + str(hash(tuple(record.name for record in shown)))
    st.fragment(_show_table, run_every=REFRESH if is_training else None)(
        [record.run for record in shown], settings, is_training, key
    )
    chosen = [record for record in shown if record.name in st.session_state.get(SELECTED, ())]
    if not chosen:
        st.caption("Tick runs on the left to compare, rename, archive or export them. A click on a title sorts.")
        return
    show(chosen)


def show(chosen: list[Record]) -> None:
    """Show the state, the actions and the comparison of some runs.

    Args:
        chosen: One run, or those to compare.
    """
    for record in chosen:
        if record.flaws or len(chosen) == 1:
            state = explain(record)
            prefix = f"**{record.name}**: " if len(chosen) > 1 else ""
            (st.warning if record.flaws else st.caption)(prefix + state.text)
    if len(chosen) == 1 and chosen[0].state == "done":
        show_next_steps(chosen[0].run)
    _show_actions(chosen)
    if len(chosen) == 1:
        show_notes(chosen[0], _known_tags())
    show_comparison(chosen)


def _known_tags() -> list[str]:
    return sorted({tag for record in run_cache().read(runs_root()) for tag in record.notes.tags})


def _filtered(records: Sequence[Record]) -> list[Record]:
    there = [state for state in table.ALL_STATES if any(record.state == state for record in records)]
    left, middle, right = st.columns([3, 4, 2], vertical_alignment="bottom")
    with left:
        text = st.text_input(
            "Filter",
            key="filter",
            placeholder="name, or width>32, csv=mine",
            help="Words of the name, and conditions on settings, results and states, such as `epochs>=20`,"
            " `val_accuracy>0.99`, `minutes<10`, `tag=baseline` or `state=done`; all must hold",
        )
    with middle:
        states = st.pills("State", there, selection_mode="multi", key="states")
    with right:
        count = sum(record.archived for record in records)
        archived = st.toggle(f"Archived ({count})", key="archived", disabled=not count)
    for name, close in unknown_names(records, text).items():
        hint = f" Did you mean {close}?" if close else ""
        st.warning(f"{name} is neither a setting nor a result of a run.{hint}")
    return filter_records(records, text, states, archived)


def _choose_columns(records: list[Record]) -> list[str]:
    """Let the user choose the settings to show."""
    differing = [name for name in table.differing_settings(records) if name in FIELDS]
    with st.popover("Columns", icon=":material/view_column:"):
        return st.pills(
            "Settings to show",
            [name for name in FIELDS if name not in table.NOT_COMPARED],
            selection_mode="multi",
            default=differing[:MOST_SETTINGS],
            format_func=field_label,
            help="By default those in which the runs differ",
        )


def _show_table(runs: list[Run], settings: list[str], was_training: bool, key: str) -> None:
    """Show the table, again every few seconds while a run trains; keep which runs are ticked."""
    records = [run_cache().record(run) for run in runs]
    if was_training and not any(record.state == "running" for record in records):
        st.rerun()  # the whole page, which then shows no table that refreshes
    event = st.dataframe(
        table.runs_table(records, settings),
        hide_index=True,
        placeholder="",
        height=min(38 + 35 * len(records), 460),
        on_select="rerun",
        selection_mode="multi-row",
        key=key,
        column_config={
            **table.RESULTS,
            "run": st.column_config.TextColumn("Run", pinned=True),
            "began": st.column_config.DatetimeColumn("Began (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC"),
            "val_accuracy": st.column_config.NumberColumn(
                "Validation", format="%.4f", help="Best accuracy on validation"
            ),
            "best_epoch": st.column_config.NumberColumn("Best epoch", format="%d"),
            "val_loss": st.column_config.NumberColumn("Validation loss", format="%.4f"),
            "test_accuracy": st.column_config.NumberColumn("MNIST test", format="%.4f"),
            "ece": st.column_config.NumberColumn("Calibration error", format="%.4f"),
            "minutes": st.column_config.NumberColumn("Minutes", format="%.1f", help="Of training, without pauses"),
            "tags": st.column_config.ListColumn("Tags"),
            **{
                name: st.column_config.Column(field_label(name), help=FIELDS[name].metadata["help"])
                for name in settings
            },
        },
    )
    selected = tuple(records[row].name for row in event.selection.rows if row < len(records))
    if selected != st.session_state.get(SELECTED, ()):
        st.session_state[SELECTED] = selected
        st.rerun()  # the parts of the page below the table


def _show_actions(chosen: list[Record]) -> None:
    with st.container(horizontal=True):
        if len(chosen) == 1:
            _rename(chosen[0])
        out = [record for record in chosen if not record.archived]
        if out and st.button("Archive", icon=":material/archive:", key="archive"):
            for record in out:
                archive(record.run)
            _rerun_with(f"Archived {_names(out)}. Nothing is deleted; the switch above the table shows them.")
        back = [record for record in chosen if record.archived]
        if back and st.button("Unarchive", icon=":material/unarchive:", key="unarchive"):
            for record in back:
                unarchive(record.run)
            _rerun_with(f"{_names(back)} back in the table.")
        several = len(chosen) > 1
        st.download_button(
            "One report" if several else "Report",
            partial(group_report, chosen) if several else partial(report, chosen[0]),
            file_name=f"{len(chosen)}-runs.html" if several else f"{chosen[0].name}.html",
            mime="text/html",
            icon=":material/download:",
            key="report",
            on_click="ignore",
            help="One HTML file with curves, settings and results, which opens without a network",
        )


def _rename(record: Record) -> None:
    with st.popover("Rename", icon=":material/edit:"), st.form("rename", border=False):
        name = st.text_input("New name", value=record.title, key=f"name-{record.name}")
        if st.form_submit_button("Rename", type="primary"):
            try:
                renamed = rename(record.run, name.strip())
            except (ValueError, OSError) as error:
                st.error(f"{error}")
            else:
                _rerun_with(f"{record.title} is now {renamed.name}.")


def _rerun_with(sentence: str) -> None:
    """Run the page again with a message about what was done."""
    st.session_state["message"] = sentence
    st.rerun()


def _names(records: list[Record]) -> str:
    return records[0].title if len(records) == 1 else f"{len(records)} runs"
