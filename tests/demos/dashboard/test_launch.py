import sys

import pytest

from demos.dashboard.runs import launch
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import list_runs
from tests.support.run_directories import made_run


def test_a_run_that_is_done_cannot_be_resumed_and_the_page_says_why(tmp_path):
    run = made_run(tmp_path)
    with pytest.raises(launch.LaunchError, match="is done; there is nothing to resume"):
        launch.resume(run)
    assert run.status.state == "done"
    assert "nothing to resume" in launch.log_tail(run)


def test_a_process_that_cannot_start_leaves_a_failed_run(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "COMMAND", ("-c", "raise SystemExit('no such luck')"))
    with pytest.raises(launch.LaunchError, match="no such luck"):
        launch.start(TrainConfig(name="mine"), tmp_path)
    (run,) = list_runs(tmp_path)
    assert run.status.state == "failed"
    assert run.status.reason == "its process did not start: no such luck"


def test_a_name_that_is_no_file_name_makes_no_run(tmp_path):
    with pytest.raises(ValueError, match="use 1 to 64 letters"):
        launch.start(TrainConfig(name="a/b"), tmp_path)
    assert list_runs(tmp_path) == []


TAKE_UP = """
import os, sys, time
from pathlib import Path
from digitrec.learning.runs.run import Run
run = Run(Path(sys.argv[-1]))
with run.hold():
    run.write_json("progress.json", {"pid": os.getpid(), "updated": time.time(), "session": os.getsid(0)})
    while not (run.path / "enough").exists():
        time.sleep(0.02)
run.set_status("done")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sessions are POSIX")
def test_a_run_is_a_process_in_a_session_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "COMMAND", ("-c", TAKE_UP))
    run = launch.start(TrainConfig(name="mine"), tmp_path)
    try:
        assert run.status.state == "running"  # when start returns, not some time later
        assert run.config["name"] == "mine"
        assert run.progress["session"] == run.progress["pid"]
    finally:
        (run.path / "enough").touch()


def test_the_tail_of_a_log(tmp_path):
    run = made_run(tmp_path)
    assert launch.log_tail(run) == ""
    chatter = (
        "WARNING: All log messages before absl::InitializeLog() is called\nI0000 00:00:179.1 2 port.cc:15] oneDNN\n"
    )
    text = chatter + "".join(f"line {i}\n" for i in range(50)) + "1/3 [=>]\r2/3 [==>]\r3/3 done\n\u00e9\n"
    (run.path / launch.LOG).write_text(text, encoding="utf-8")
    assert launch.log_tail(run, 3) == "line 49\n3/3 done\n\u00e9"
    assert "oneDNN" not in launch.log_tail(run, 100)
    (run.path / launch.LOG).write_bytes(b"\xff\xfe\nend")
    assert launch.log_tail(run).endswith("end")
