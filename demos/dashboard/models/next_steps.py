"""What to do with a finished run: links to the pages that evaluate, try and publish its model."""

import streamlit as st

from demos.dashboard.models.choice import is_finished
from demos.dashboard.navigation import link_to
from digitrec.learning.runs.run import Run

PAGES = (
    ("evaluate", "Evaluate", ":material/fact_check:", "model"),
    ("try_it", "Try it", ":material/draw:", "beside"),
    ("publish", "Publish", ":material/publish:", "publish-run"),
)
"""Module, text and icon of each page, and the parameter of its address that names the run."""


def show_next_steps(run: Run) -> None:
    """Show the links for a run that is finished; nothing for another."""
    if is_finished(run):
        with st.container(horizontal=True, gap="medium"):
            for module, text, icon, parameter in PAGES:
                link_to(module, text, icon, {parameter: run.name})
