"""The page Runs: all runs in a table, compared, renamed, archived, exported as a report."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from demos.dashboard import charts
from demos.dashboard.paths import runs_root
from demos.dashboard.runs import curves, table
from demos.dashboard.runs.progress import run_cache
from demos.dashboard.runs.records import Record
from demos.dashboard.runs.report import report
from demos.dashboard.runs.settings_form import FIELDS, field_label
from demos.dashboard.runs.status import explain
from digitrec.learning.runs.archive import archive, rename, unarchive

AT_ONCE = 8  # columns of settings that are shown unasked


def page() -> None:
    """Show the page."""
    st.title("Runs")
    if told := st.session_state.pop("told", ""):
        st.toast(told)
    records = run_cache().read(runs_root())
    if not records:
        st.info(f"There are no runs in {runs_root()} yet. Start one on the page Train, or with: make train")
        return
    shown = _filtered(records)
    if not shown:
        st.info("No run passes this filter.")
        return
    chosen = _table(shown)
    if not chosen:
        st.caption("Tick runs on the left to compare, rename, archive or export them. A click on a title sorts.")
        return
    show(chosen)


def show(chosen: list[Record]) -> None:
    """Show what there is to say of some runs, and what can be done with them.

    Args:
        chosen: One run, or those to compare.
    """
    for record in chosen:
        if record.flaws or len(chosen) == 1:
            said = explain(record)
            prefix = f"**{record.name}**: " if len(chosen) > 1 else ""
            (st.warning if record.flaws else st.caption)(prefix + said.text)
    _actions(chosen)
    _compare(chosen)


def _filtered(records: Sequence[Record]) -> list[Record]:
    there = [state for state in table.ALL_STATES if any(record.state == state for record in records)]
    left, middle, right = st.columns([3, 4, 2], vertical_alignment="bottom")
    with left:
        text = st.text_input(
            "Filter",
            key="filter",
            placeholder="name, or width>32, csv=mine",
            help="Words of the name, and settings such as `epochs>=20` or `augment=layers`; all must fit",
        )
    with middle:
        states = st.pills("State", there, selection_mode="multi", key="states")
    with right:
        count = sum(record.archived for record in records)
        archived = st.toggle(f"Archived ({count})", key="archived", disabled=not count)
    return table.filter_records(records, text, states, archived)


def _table(records: list[Record]) -> list[Record]:
    """The table. Returns the ticked runs, in its order."""
    differing = [name for name in table.differing_settings(records) if name in FIELDS]
    with st.popover("Columns", icon=":material/view_column:"):
        settings = st.pills(
            "Settings to show",
            [name for name in FIELDS if name not in table.NOT_COMPARED],
            selection_mode="multi",
            default=differing[:AT_ONCE],
            format_func=field_label,
            help="At first those in which the runs differ",
        )
    chosen = st.dataframe(
        table.runs_table(records, settings),
        hide_index=True,
        placeholder="",
        height=min(38 + 35 * len(records), 460),
        on_select="rerun",
        selection_mode="multi-row",
        # Other runs in the rows make another table: ticks would stay at their places and mean other runs.
        key="runs-" + str(hash(tuple(record.name for record in records))),
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
            **{
                name: st.column_config.Column(field_label(name), help=FIELDS[name].metadata["help"])
                for name in settings
            },
        },
    )
    return [records[row] for row in chosen.selection.rows if row < len(records)]


def _actions(chosen: list[Record]) -> None:
    with st.container(horizontal=True):
        if len(chosen) == 1:
            _rename(chosen[0])
        out = [record for record in chosen if not record.archived]
        if out and st.button("Archive", icon=":material/archive:", key="archive"):
            for record in out:
                archive(record.run)
            _tell(f"Archived {_named(out)}. Nothing is deleted; the switch above the table shows them.")
        back = [record for record in chosen if record.archived]
        if back and st.button("Unarchive", icon=":material/unarchive:", key="unarchive"):
            for record in back:
                unarchive(record.run)
            _tell(f"{_named(back)} back in the table.")
        for record in chosen[:4]:
            st.download_button(
                "Report" if len(chosen) == 1 else f"Report of {record.title}",
                partial(report, record),
                file_name=f"{record.name}.html",
                mime="text/html",
                icon=":material/download:",
                key=f"report-{record.name}",
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
                _tell(f"{record.title} is now {renamed.name}.")


def _tell(sentence: str) -> None:
    """Show the page anew, with a word on what was done."""
    st.session_state["told"] = sentence
    st.rerun()


def _named(records: list[Record]) -> str:
    return records[0].title if len(records) == 1 else f"{len(records)} runs"


def _compare(chosen: list[Record]) -> None:
    trained = {called: record.history for called, record in table.key_by_title(chosen).items() if record.history}
    names = curves.list_series(list(trained.values()))
    if names:
        series = st.selectbox("Curve", names, format_func=lambda name: curves.SERIES[name].capitalize(), key="series")
        st.plotly_chart(curves.plot_comparison(trained, series), key="compared", config=charts.PLOTLY_CONFIG)
    st.subheader("Results")
    _written_out(table.results_table(chosen), "outcomes")
    if len(chosen) == 1:
        st.subheader("Settings")
        _written_out(table.settings_table(chosen[0]), "settings-of")
        return
    st.subheader("What differs in their settings")
    differences = table.differences_table(chosen)
    if differences.empty:
        st.caption("Nothing: they were configured alike.")
    else:
        _written_out(differences, "differences")


def _written_out(frame: pd.DataFrame, key: str) -> None:
    """A table of texts, all of its rows in sight and its first column wide enough for names."""
    st.dataframe(frame, height="content", key=key, column_config={"_index": st.column_config.TextColumn(width=160)})
