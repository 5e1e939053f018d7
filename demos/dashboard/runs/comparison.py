"""Runs side by side: their curves, results, settings, packages and code."""

import pandas as pd
import streamlit as st

from demos.dashboard import charts
from demos.dashboard.runs import curves, origin, table
from demos.dashboard.runs.axes import AXES, EPOCHS, list_points
from demos.dashboard.runs.records import Record


def show_comparison(chosen: list[Record]) -> None:
    """Show the curves and results of some runs, and what differs between them.

    Args:
        chosen: One run, or those to compare.
    """
    _show_curves(chosen)
    st.subheader("Results")
    _show_full_table(table.results_table(chosen), "outcomes")
    if len(chosen) == 1:
        st.subheader("Settings")
        _show_full_table(table.settings_table(chosen[0]), "settings-of")
        return
    st.subheader("What differs in their settings")
    differences = table.differences_table(chosen)
    if differences.empty:
        st.caption("Nothing: their settings are the same.")
    else:
        _show_full_table(differences, "differences")
    origin.show_origins(chosen)


def _show_curves(chosen: list[Record]) -> None:
    trained = {called: record for called, record in table.key_by_title(chosen).items() if record.history}
    names = curves.list_series([record.history for record in trained.values()])
    if not names:
        return
    left, middle, right = st.columns([3, 1.4, 1.4], vertical_alignment="bottom")
    with left:
        shown = st.multiselect(
            "Curves", names, names[:2], format_func=lambda name: curves.SERIES[name].capitalize(), key="series"
        )
    with middle:
        axis = st.segmented_control("Over", AXES, default=EPOCHS, required=True, key="axis")
    with right:
        smoothing = st.slider("Smoothing", 0.0, 0.99, 0.0, 0.01, key="smoothing")
    places = st.columns(2 if len(shown) > 1 else 1)
    missing: dict[str, None] = {}
    for number, name in enumerate(shown):
        points = {called: list_points(record, name, axis) for called, record in trained.items()}
        missing |= dict.fromkeys(called for called, found in points.items() if found is None)
        known = {called: found for called, found in points.items() if found is not None}
        figure = curves.plot_comparison(known, name, axis, smoothing)
        with places[number % len(places)]:
            st.plotly_chart(figure, key=f"compared-{name}", config=charts.PLOTLY_CONFIG)
    if missing:
        st.caption(f"Without a record of {axis}, by an earlier version: {', '.join(missing)}.")


def _show_full_table(frame: pd.DataFrame, key: str) -> None:
    """Show a table of texts with all its rows, and a first column wide enough for names."""
    st.dataframe(frame, height="content", key=key, column_config={"_index": st.column_config.TextColumn(width=160)})
