import os
import subprocess
import sys
from pathlib import Path

import pytest

from demos.dashboard.runs import records
from demos.dashboard.runs.records import RunCache
from digitrec.learning.runs.archive import archive
from digitrec.learning.runs.run import Run
from tests.digitrec.learning.runs.test_run import HOLD
from tests.support.run_directories import HEADER, broken_run, history, made_run

ROOT = Path(__file__).parents[3]


@pytest.fixture
def book():
    return RunCache()


def test_a_record_holds_what_is_in_the_directory(tmp_path, book):
    run = made_run(tmp_path, epochs=5, done=3, state="stopped", reason="by hand, with 3 of 5 epochs done")
    run.write_json("evaluation.json", {"accuracy": 0.99, "ece": 0.01})
    archive(run)
    (record,) = book.read(tmp_path)
    assert (record.name, record.title, record.state) == (run.name, "first", "stopped")
    assert (record.epochs, len(record.history), record.best["epoch"]) == (5, 3, 2)
    assert (record.figure("accuracy"), record.figure("loss")) == (0.99, None)
    assert record.archived
    assert record.began.strftime("%Y%m%dT%H%M%SZ") == run.name.split("-")[0]
    assert record.flaws == ()


def test_the_best_epoch_is_not_the_last_one(tmp_path, book):
    run = made_run(tmp_path)
    (run.path / "history.csv").write_text(history(6, best=2))
    assert book.record(run).best["epoch"] == 2


def append_to_history(text):
    def spoil(run):
        with (run.path / "history.csv").open("a") as file:
            file.write(text)

    return spoil


def spoil_history(run):
    (run.path / "history.csv").write_text(HEADER + "\n0,what,is,this,now,then\n")


@pytest.mark.parametrize(
    ("spoil", "flaw"),
    [
        (lambda run: (run.path / "config.json").write_text('{"na'), "config.json is not JSON"),
        (lambda run: (run.path / "config.json").unlink(), "config.json is missing"),
        (lambda run: run.write_json("config.json", {"epochs": "many"}), "config.json is no configuration of a run"),
        (lambda run: run.write_json("config.json", {"epochs": True}), "epochs is True, and not a number of epochs"),
        (lambda run: (run.path / "status").write_text("dreaming\n"), "status is unreadable: 'dreaming'"),
        (lambda run: (run.path / "status").write_bytes(b"\xff\xfe"), "status is unreadable"),
        (lambda run: (run.path / "history.csv").write_bytes(b"\xff\xfe\n\xff\n"), "history.csv has no row"),
        (append_to_history("3,0.9,x\nrubbish\n"), "history.csv has 2 of 5 rows that cannot be read"),
        (
            lambda run: (run.path / "history.csv").write_text("epoch,val_accuracy\n0,37.0\n1,-2\n"),
            "history.csv has no validation accuracy between 0 and 1",
        ),
        (
            lambda run: (run.path / "history.csv").write_text("epoch,loss\n0,0.5\n"),
            "history.csv has no validation accuracy between 0 and 1",
        ),
        (lambda run: (run.path / "status").unlink(), "status is missing"),
        (spoil_history, "history.csv has no row that can be read"),
        (lambda run: (run.path / "evaluation.json").write_text("[1, 2]"), "evaluation.json is not JSON"),
    ],
)
def test_broken_runs_are_named_and_the_others_listed(tmp_path, book, spoil, flaw):
    good, bad = made_run(tmp_path, "good"), made_run(tmp_path, "bad")
    spoil(bad)
    by_title = {record.title: record for record in book.read(tmp_path)}
    assert by_title["good"].state == "done"
    assert by_title["good"].run == good
    assert by_title["bad"].state == "broken"
    assert any(flaw in found for found in by_title["bad"].flaws), by_title["bad"].flaws


def test_a_young_run_is_not_broken(tmp_path, book):
    run = made_run(tmp_path, state="running", done=0)
    with run.hold():
        assert book.record(run).state == "running"


def test_a_configuration_of_another_version_is_looked_at_all_the_same(tmp_path, book):
    run = Run.create(tmp_path, "old", {"epochs": 7, "flux": 3})
    run.set_status("done")
    assert book.record(run).flaws == ()
    assert book.record(run).epochs == 7


def test_only_what_has_changed_is_read_again(tmp_path, book, monkeypatch):
    first, second = made_run(tmp_path, "a"), made_run(tmp_path, "b")
    book.read(tmp_path)
    read = []
    monkeypatch.setattr(records, "read_record", lambda run, real=records.read_record: read.append(run) or real(run))
    book.read(tmp_path)
    assert read == []
    second.write_json("evaluation.json", {"accuracy": 0.5})
    (found, _) = book.read(tmp_path)
    assert read == [second]
    assert found.figure("accuracy") == 0.5
    first.set_status("failed", "why not")
    assert [record.status.reason for record in book.read(tmp_path)] == ["", "why not"]


def test_files_of_the_same_size_and_time_are_distinguished(tmp_path, book):
    run = made_run(tmp_path)
    run.write_json("evaluation.json", {"accuracy": 0.25})
    book.read(tmp_path)
    before = (run.path / "evaluation.json").stat()
    run.write_json("evaluation.json", {"accuracy": 0.75})
    os.utime(run.path / "evaluation.json", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert book.record(run).figure("accuracy") == 0.75


def test_a_run_that_is_gone_is_forgotten(tmp_path, book):
    run = made_run(tmp_path)
    book.read(tmp_path)
    run.path.rename(tmp_path / "20260101T000000Z-moved")
    assert [record.title for record in book.read(tmp_path)] == ["moved"]
    assert len(book._known) == 1


def test_a_kill_is_noticed_although_it_changes_no_file(tmp_path, book):
    run = made_run(tmp_path, state="running", done=1)
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout.readline().strip() == b"held"
        assert book.record(run).state == "running"
    finally:
        process.kill()
        process.communicate()
    assert book.record(run).state == "stopped"


def test_no_folder_means_no_runs(tmp_path, book):
    assert book.read(tmp_path / "nowhere") == []
    broken_run(tmp_path)
    assert [record.state for record in book.read(tmp_path)] == ["broken"]
