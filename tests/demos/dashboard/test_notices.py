"""Which runs have ended since the last look."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.run_directories import made_run

LOOK = """
import streamlit as st
from demos.dashboard.paths import runs_root
from demos.dashboard.runs.notices import find_ended
from demos.dashboard.runs.records import RunCache
st.write(", ".join(record.title for record in find_ended(RunCache().read(runs_root()))) or "nothing")
"""


@pytest.fixture
def look(tmp_path, monkeypatch):
    """Look at the runs, in one session; returns what is said."""
    monkeypatch.setenv("DIGITREC_RUNS_DIR", str(tmp_path))
    app = AppTest.from_string(LOOK, default_timeout=180)

    def once():
        app.run()
        assert not app.exception
        return app.markdown[0].value

    return once


def test_a_run_is_noticed_once_when_it_ends(look, tmp_path):
    made_run(tmp_path, "long_done")
    running = made_run(tmp_path, "mine", state="running")
    with running.hold():
        assert look() == look() == "nothing"
        running.set_status("done")
    assert look() == "mine"
    assert look() == "nothing"


def test_a_run_that_is_killed_is_noticed_too(look, tmp_path):
    running = made_run(tmp_path, "mine", state="running")
    with running.hold():
        assert look() == "nothing"
    assert look() == "mine"
