"""What cannot train together is refused in words, before Keras is imported."""

import pytest

import training.train
from digitrec.learning.devices import Devices, DevicesError
from digitrec.learning.runs.run import list_runs
from tests.support.run_directories import made_run


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"process": 1}, "for several processes; say how many by --processes"),
        ({"coordinator": "host:1"}, "for several processes"),
        ({"processes": 2, "process": 2, "coordinator": "host:1"}, "--process is 2; 2 processes are 0 to 1"),
        ({"processes": 2}, "--coordinator is ''; give HOST:PORT"),
        ({"processes": 2, "coordinator": "host"}, "--coordinator is 'host'; give HOST:PORT"),
        ({"processes": 2, "coordinator": "host:1", "devices": 2}, "leave out --devices"),
    ],
)
def test_numbers_that_do_not_go_together(numbers, message):
    with pytest.raises(DevicesError, match=message):
        Devices(**numbers)


def test_a_batch_that_does_not_divide_names_the_nearest_that_do(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(DevicesError, match=r"a batch of 100 images does not divide among 3 devices.* 99 or 102"):
        Devices(3).check(100)
    with pytest.raises(DevicesError, match=r"set --batch-size to 4$"):
        Devices(4).check(3)
    Devices(4).check(128)


def test_other_backends_are_refused_before_there_is_a_run(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert training.train.main(["--devices", "2", "--runs", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "several devices train together on JAX alone, and KERAS_BACKEND is 'tensorflow'" in error
    assert len(error.splitlines()) == 1
    assert list_runs(tmp_path) == []


def test_each_process_but_the_first_has_a_directory_of_its_own(tmp_path):
    run = made_run(tmp_path, state="stopped", done=2)
    run.backup.write_bytes(b"backup")
    with Devices().own_directory(tmp_path, run) as same:
        assert same == (tmp_path, run)
    with Devices(processes=2, process=1, coordinator="host:1").own_directory(tmp_path, run) as (root, copy):
        assert root != tmp_path
        assert copy.path.parent == root
        assert copy.history() == run.history()
        assert copy.backup.read_bytes() == b"backup"
        copy.set_status("done")
    assert run.status.state == "stopped"
    assert not root.exists()
