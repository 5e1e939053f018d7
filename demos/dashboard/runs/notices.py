"""Notices when a run ends: on the page, and by the browser where the user allows it."""

from pathlib import Path
from typing import Any

import streamlit as st

from demos.dashboard.paths import runs_root
from demos.dashboard.runs.progress import run_cache
from demos.dashboard.runs.records import Record
from demos.dashboard.runs.status import explain

EVERY = 5.0
"""Seconds between two looks at the runs."""

RUNNING = "runs-that-ran"
"""Key of the names of the runs that were training at the last look."""

SCRIPT = Path(__file__).with_name("notices.js")


@st.fragment(run_every=EVERY)
def show_notices() -> None:
    """Look every few seconds which runs have ended, and say so, on whatever page."""
    records = run_cache().read(runs_root())
    ended = find_ended(records)
    for record in ended:
        st.toast(f"**{record.title}**: {explain(record).text}", icon=":material/notifications:")
    running = sum(record.state == "running" for record in records)
    if running or ended:
        _browser_notices()(
            data={
                "waiting": running,
                "ended": [{"id": one.name, "title": one.title, "text": explain(one).text} for one in ended],
            },
            key="notices",
        )


def find_ended(records: list[Record]) -> list[Record]:
    """The runs that were training at the last look of this session, and no longer are.

    Args:
        records: All runs, as they are now.
    """
    before: set[str] = st.session_state.get(RUNNING, set())
    st.session_state[RUNNING] = {record.name for record in records if record.state == "running"}
    return [record for record in records if record.name in before - st.session_state[RUNNING]]


@st.cache_resource(show_spinner=False)
def _browser_notices() -> Any:
    """The component that asks the browser for leave and shows its notices."""
    return st.components.v2.component(
        "digitrec-notices",
        html='<button type="button" hidden>Notify me when a run ends</button>',
        css=STYLE,
        js=SCRIPT.read_text(encoding="utf-8"),
    )


STYLE = """
button { padding: 0.25rem 0.75rem; cursor: pointer; border-radius: 0.5rem; font: inherit; font-size: 0.875rem;
  color: var(--st-text-color); background: transparent; border: 1px solid var(--st-border-color); }
"""
