"""Giving a run more epochs, and when that makes no sense."""

import json
from pathlib import Path

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.runs.lengthen import check_lengthening, lengthen
from digitrec.learning.runs.run import Run


def run_with(tmp_path: Path, epochs: int, *, stopped_early: bool = False) -> Run:
    """A run that is done, with a backup of so many epochs."""
    run = Run.create(tmp_path, "first", {"epochs": 3})
    run.set_status("done")
    if epochs:
        state = {"epoch": epochs, "callbacks": [{"numbers": {"stopped_epoch": epochs - 1 if stopped_early else 0}}]}
        np.savez(run.backup, state=json.dumps(state))
    return run


def test_a_run_that_is_done_gets_more_epochs(tmp_path: Path) -> None:
    run = run_with(tmp_path, 3)
    check_lengthening(run, 4)
    lengthen(run, 4)
    assert run.config == {"epochs": 4}


@pytest.mark.parametrize(
    ("epochs", "stopped_early", "wanted", "words"),
    [
        (3, False, 3, "has 3 epochs already, and --epochs counts all of them"),
        (3, False, 2, "has 3 epochs already"),
        (3, True, 9, r"stopped early after 3 epochs.*--start-from"),
        (0, False, 9, r"has no backup\.npz to go on from.*--start-from"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, epochs: int, stopped_early: bool, wanted: int, words: str
) -> None:
    with pytest.raises(DatasetError, match=words):
        check_lengthening(run_with(tmp_path, epochs, stopped_early=stopped_early), wanted)


def test_a_run_that_is_being_trained_is_not_lengthened(tmp_path: Path) -> None:
    run = run_with(tmp_path, 2)
    run.set_status("running")
    with run.hold(), pytest.raises(DatasetError, match="is running; stop it first"):
        check_lengthening(Run(run.path), 9)
