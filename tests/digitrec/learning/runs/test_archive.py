import subprocess
import sys
from pathlib import Path

import pytest

from digitrec.learning.runs.archive import archive, is_archived, rename, split_name, unarchive
from digitrec.learning.runs.run import Run, list_runs
from tests.digitrec.learning.runs.test_run import HOLD

ROOT = Path(__file__).parents[4]


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path, "a", {"epochs": 3})


def test_a_renamed_run_keeps_its_time_and_all_in_it(tmp_path, run):
    stamp, _ = split_name(run)
    renamed = rename(run, "better-name")
    assert renamed.path == tmp_path / f"{stamp}-better-name"
    assert renamed.config == {"epochs": 3}
    assert list_runs(tmp_path) == [renamed]
    assert split_name(renamed) == (stamp, "better-name")
    assert rename(renamed, "better-name") == renamed


def test_a_run_without_a_time_in_its_name_gets_none(tmp_path):
    (tmp_path / "by-hand").mkdir()
    assert rename(Run(tmp_path / "by-hand"), "other").path == tmp_path / "other"


def test_names_that_are_taken_or_no_file_names_are_refused(tmp_path, run):
    stamp, _ = split_name(run)
    (tmp_path / f"{stamp}-b").mkdir()
    with pytest.raises(ValueError, match="already a run"):
        rename(run, "b")
    with pytest.raises(ValueError, match="use 1 to 64 letters"):
        rename(run, "../b")
    assert run.path.is_dir()


def test_a_run_that_trains_is_not_renamed(run):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout.readline().strip() == b"held"
        with pytest.raises(ValueError, match="is being trained; stop it first"):
            rename(run, "b")
    finally:
        process.kill()
        process.communicate()
    assert run.path.is_dir()


def test_an_archived_run_stays_where_it_is(tmp_path, run):
    assert not is_archived(run)
    archive(run)
    assert is_archived(run)
    assert list_runs(tmp_path) == [run]
    unarchive(run)
    unarchive(run)
    assert not is_archived(run)
