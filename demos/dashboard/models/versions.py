"""The versions of the model that were published, and the way back to an earlier one."""

from pathlib import Path

import streamlit as st

from digitrec.artifacts import read_card, version_of
from digitrec.cli.models import SHOWN, accuracy_of, run_of
from digitrec.errors import DigitrecError
from digitrec.publication.replace import roll_back
from digitrec.publication.versions import ModelVersion, list_versions


def show_versions(folder: Path) -> None:
    """Show the versions that a folder keeps, and offer to let an earlier one serve.

    Args:
        folder: The folder of models.
    """
    if done := st.session_state.pop("rolled-back", ""):
        st.success(done)
    versions = list_versions(folder)
    if len(versions) < 2:
        return
    st.subheader("Versions")
    st.caption("What was published is kept. A running web app takes the change with its next request.")
    st.dataframe([_describe(one) for one in versions], hide_index=True, height="content")
    earlier = {f"{one.id[:SHOWN]}, {run_of(one) or 'unknown run'}": one for one in versions if not one.serves}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Version", list(earlier), key="roll-back-to")
        if st.button("Let it serve", icon=":material/undo:", key="roll-back") and chosen:
            _roll_back(folder, earlier[chosen])


def _describe(version: ModelVersion) -> dict[str, str]:
    accuracy = accuracy_of(version)
    return {
        "serves": "yes" if version.serves else "",
        "version": version.id[:SHOWN],
        "network": version.network[:SHOWN],
        "run": run_of(version),
        "MNIST test": "unknown" if accuracy is None else f"{accuracy:.2%}",
        "published": version.published or "unknown",
    }


def _roll_back(folder: Path, version: ModelVersion) -> None:
    before = version_of(read_card(folder))
    try:
        roll_back(folder, version.id)
    except (DigitrecError, OSError) as error:
        st.error(f"{before[:SHOWN]} still serves. {error}")
        return
    st.session_state["rolled-back"] = f"{folder} serves {version.id[:SHOWN]} now, in place of {before[:SHOWN]}."
    st.rerun()
