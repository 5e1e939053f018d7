import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import Timeout

from digitrec.errors import DatasetError
from digitrec.files import atomic_path
from digitrec.learning.runs.run import RUNS_DIR, STATES, Run, Status, list_runs, open_run, runs_dir

ROOT = Path(__file__).parents[4]


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path, "a", {"epochs": 3})


def test_runs_are_kept_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITREC_RUNS_DIR", str(tmp_path))
    run = Run.create(tmp_path, "there", {"epochs": 1})
    assert runs_dir() == tmp_path
    assert list_runs() == [run]
    assert open_run(run.name) == run
    monkeypatch.setenv("DIGITREC_RUNS_DIR", "")
    assert runs_dir() == RUNS_DIR


def test_a_new_run_has_time_name_config_and_status(run):
    assert run.name.endswith("Z-a")
    assert run.config == {"epochs": 3}
    assert (run.path / "status").read_text() == "running\n"


def test_two_runs_in_one_second_do_not_collide(tmp_path):
    names = {Run.create(tmp_path, "a", {}).name for _ in range(5)}
    assert len(names) == 5


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", ".hidden", "x" * 80])
def test_names_that_are_no_file_names_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="run name"):
        Run.create(tmp_path, name, {})
    assert list(tmp_path.iterdir()) == []


def test_status_keeps_its_reason(run):
    run.set_status("failed", "the loss became nan at step 3 of epoch 1")
    assert run.status == Status("failed", "the loss became nan at step 3 of epoch 1")
    with pytest.raises(ValueError, match="running, done, stopped, failed"):
        run.set_status("finished")


HOLD = """
import sys, time
from pathlib import Path
from digitrec.learning.runs.run import Run
with Run(Path(sys.argv[1])).hold():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_run_is_running_as_long_as_its_process_lives(run):
    assert run.status.state == "stopped"  # it says running, but nobody holds it
    assert "kill -9" in run.status.reason
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout.readline().strip() == b"held"
        assert run.status == Status("running")
        with pytest.raises(Timeout), run.hold():
            pass  # a second process must not train it
    finally:
        process.kill()
        process.communicate()
    assert run.status.state == "stopped"


def test_a_run_held_by_this_process_is_running(run):
    with run.hold():
        assert run.status == Status("running")
    run.set_status("done")
    assert run.status == Status("done")


def test_broken_files_are_named_and_break_nothing(run):
    (run.path / "status").write_text("dreaming\n")
    assert run.status.state == "failed"
    assert "dreaming" in run.status.reason
    (run.path / "progress.json").write_text('{"epoch": 1, "st')
    assert run.progress == {}
    (run.path / "config.json").write_text("[1]")
    assert run.config == {}
    assert Run(run.path / "nothing").status.state == "failed"
    assert Run(run.path / "nothing").history() == []


@pytest.mark.parametrize("name", ["status", "history.csv", "config.json", "progress.json"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\xd8",
        b"\x00" * 50,
        b"a" * 200_000 + b"\n",
        b"[" * 100_000,
        b'{"epochs": 1' + b"0" * 400 + b"}",
    ],
    ids=["nothing", "no text", "zeros", "one long line", "too deep", "too large a number"],
)
def test_whatever_a_file_holds_the_run_can_be_looked_at(run, name, content):
    (run.path / name).write_bytes(content)
    assert run.status.state in STATES
    assert run.history() == []
    for value in (run.config, run.progress):
        assert float(value.get("epochs", 0)) >= 0


def test_a_line_that_is_no_csv_ends_the_history(run):
    (run.path / "history.csv").write_text("epoch,loss\n0,0.5\n" + "1" * 200_000 + ",0.2\n2,0.1\n")
    assert run.history() == [{"epoch": 0, "loss": 0.5}]


def test_history_without_its_half_written_last_row(run):
    (run.path / "history.csv").write_text("epoch,loss\n0,0.5\n1,0.25\n2,0.1")
    assert run.history() == [{"epoch": 0, "loss": 0.5}, {"epoch": 1, "loss": 0.25}]


def test_history_before_an_epoch(run):
    (run.path / "history.csv").write_text("epoch,loss\r\n0,0.5\r\n1,0.12345678901234567\r\n2,0.1\r\n")
    run.drop_history_from(2)
    assert run.history() == [{"epoch": 0, "loss": 0.5}, {"epoch": 1, "loss": 0.12345678901234567}]
    assert (run.path / "history.csv").read_text().splitlines()[1] == "0,0.5"
    run.drop_history_from(0)
    assert not (run.path / "history.csv").exists()


def test_a_failed_writing_leaves_the_old_file(run):
    run.write_json("evaluation.json", {"accuracy": 0.5})

    def write_half():
        with atomic_path(run.path / "evaluation.json") as temporary:
            temporary.write_text('{"accu')
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert run.read_json("evaluation.json") == {"accuracy": 0.5}
    assert sorted(p.name for p in run.path.iterdir()) == ["config.json", "evaluation.json", "status"]


def test_readers_never_see_half_a_file(run):
    """A thread rewrites a large file all the time; every reading of it is whole."""
    values = [{"n": n, "filling": [n] * 20_000} for n in range(2)]
    stop = threading.Event()

    def write():
        while not stop.is_set():
            for value in values:
                run.write_json("progress.json", value)

    run.write_json("progress.json", values[0])
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(100):
            assert json.loads((run.path / "progress.json").read_text()) in values
    finally:
        stop.set()
        writer.join()


def test_list_and_open(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert list_runs() == []
    run = Run.create(tmp_path / "runs", "a", {})
    assert [r.name for r in list_runs()] == [run.name]
    assert open_run(run.name).path.resolve() == run.path
    assert open_run(run.path) == run
    with pytest.raises(DatasetError, match=run.name):
        open_run("nothing")


def test_the_thread_that_holds_a_run_may_hold_it_again(run):
    with run.hold():
        with run.hold():
            assert run.status == Status("running")
        assert run.status == Status("running")
    assert run.status.state == "stopped"


def test_hidden_folders_are_no_runs(tmp_path, run):
    (tmp_path / ".uploads").mkdir()
    assert list_runs(tmp_path) == [run]
