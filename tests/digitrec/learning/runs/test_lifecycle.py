import contextlib
import os

import pytest
from filelock import FileLock

from digitrec.errors import DatasetError
from digitrec.learning.runs import run as run_module
from digitrec.learning.runs.lifecycle import StoppedError, take_up
from digitrec.learning.runs.run import Run, Status
from tests.support.run_directories import made_run


@pytest.fixture
def run(tmp_path) -> Run:
    return made_run(tmp_path, state="stopped", epochs=5, done=2)


def test_a_run_reads_as_running_within_the_block_and_as_done_after_it(run):
    with take_up(run):
        assert run.status == Status("running")
        assert run.progress["pid"] == os.getpid()
    assert run.status == Status("done")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyboardInterrupt(), Status("stopped", "by hand, with 2 of 5 epochs done")),
        (StoppedError("pruned after epoch 2"), Status("stopped", "pruned after epoch 2")),
        (DatasetError("a.csv, row 3: wrong"), Status("failed", "a.csv, row 3: wrong")),
        (MemoryError("no room"), Status("failed", "MemoryError: no room")),
        (SystemExit(3), Status("failed", "SystemExit: 3")),
    ],
)
def test_an_exception_ends_the_run_with_its_reason_as_the_status(run, error, status):
    with pytest.raises(type(error)), take_up(run):
        raise error
    assert run.status == status


def test_the_lock_is_released_after_a_failure(run):
    with contextlib.suppress(DatasetError), take_up(run):
        raise DatasetError("wrong")
    with take_up(run):
        assert run.status.state == "running"


def test_a_run_that_is_done_is_not_taken_up(run):
    run.set_status("done")
    with pytest.raises(DatasetError, match="is done; there is nothing to resume"), take_up(run):
        pass


def test_a_run_that_another_process_trains_is_not_taken_up(run, monkeypatch):
    monkeypatch.setattr(run_module, "PATIENCE", 0.01)
    run.set_status("running")
    with FileLock(run.path / ".lock"):
        with pytest.raises(DatasetError, match="another process trains it"), take_up(run):
            pass
        assert run.status == Status("running")
