"""Commands in processes of their own."""

import os

import pytest
import streamlit as st

from demos.dashboard import jobs
from tests.support.dashboard import opened, run_again, said


def done(*commands):
    job = jobs.Job(commands)
    job.wait(60)
    return job


def test_commands_run_in_their_order_and_their_words_are_kept():
    job = done(("this",), ("calendar", "2024", "2"))
    assert (job.running, job.status, job.failure) == (False, 0, "")
    assert job.log.index("The Zen of Python") < job.log.index("February 2024")


def test_the_first_failure_ends_the_job_with_the_commands_own_message(tmp_path, monkeypatch):
    (tmp_path / "refusing.py").write_text(
        "import sys\nprint('error: refused: they differ')\nprint('bye')\nsys.exit(1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    job = done(("this",), ("refusing",), ("calendar",))
    assert (job.status, job.step, job.failure) == (1, 1, "refused: they differ")


def test_a_failure_without_words_of_its_own_names_the_command():
    job = done(("json.tool", "no such file"))
    assert job.failure.startswith("python -m json.tool ended with status ")
    assert "no such file" in job.failure
    assert "No module named" in done(("no_such_module",)).failure


def watched():
    if jobs.follow("a job", "Doing it") is None:
        st.write("nothing to wait for")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a job is made to wait with a named pipe")
def test_a_page_follows_a_job_until_it_ends(tmp_path):
    st.cache_resource.clear()
    app = opened(watched)
    assert "nothing to wait for" in said(app)
    os.mkfifo(tmp_path / "pipe")
    job = jobs.start("a job", ("json.tool", str(tmp_path / "pipe")))
    try:
        assert jobs.start("a job", ("this",)) is job  # one at a time
        run_again(app)
        assert app.info[0].value.startswith("Doing it · ")
    finally:
        (tmp_path / "pipe").write_text("no JSON")
    job.wait(60)
    run_again(app)
    assert "python -m json.tool ended with status 1" in app.error[0].value
    assert "Expecting value" in app.code[0].value
    assert jobs.start("a job", ("this",)) is not job
    st.cache_resource.clear()
