"""A run directory as an earlier version of the code left it, killed in its third epoch: `old_run/`.

It was made with the code of the commit in its `provenance.json`, on the data of `bars_to_train_on`.
"""

import shutil
from pathlib import Path

import pytest

from digitrec.learning.config import TrainConfig
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.models.export import load_recognizer
from digitrec.learning.runs.backup import BackupState, read_backup_state
from digitrec.learning.runs.run import Run
from tests.support.training import fit

OLD = Path(__file__).with_name("old_run")


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(Path(shutil.copytree(OLD, tmp_path / "20261127T000000Z-small")))


def test_an_old_run_is_read(run):
    assert run.status.state == "stopped"
    assert TrainConfig.from_dict(run.config).width == 2
    assert len(run.history()) == 2
    assert read_backup_state(run) == BackupState(epochs=2)
    assert load_cnn(run).output_shape == (None, 11)


def test_an_old_run_is_resumed_to_its_end(run, tmp_path):
    before = run.history()
    fit(tmp_path, TrainConfig.from_dict(run.config), run=run)
    assert run.status.state == "done"
    assert run.history()[:2] == before
    assert [row["epoch"] for row in run.history()] == [0, 1, 2]
    assert "doubt" in load_recognizer(run).output
