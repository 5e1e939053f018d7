"""The command `training.search`, killed in the middle."""

import os
import subprocess
import sys
import time
from pathlib import Path

import keras
import pytest

import training.search
from digitrec.learning.config import TrainConfig
from digitrec.learning.data import mnist
from digitrec.learning.data.training_data import load_training_data
from digitrec.learning.runs.run import Run, list_runs
from digitrec.learning.search.space import parse_space
from digitrec.learning.search.study import begin_study, open_storage, storage_url
from digitrec.learning.search.trials import find_run
from tests.support.small_data import bars
from tests.support.training import fit

ROOT = Path(__file__).parents[2]

SPACE = """
[settings]
epochs = 4
batch_size = 16
width = 2
depth = 1

[search]
learning_rate = { low = 0.001, high = 0.01, log = true }
dropout = [0.1, 0.3]
"""

SMALL = """
import sys
from digitrec.learning.data import mnist
from tests.support.small_data import bars
mnist.load_mnist = lambda: (bars(300, seed=1), bars(50, seed=2))
from training.search import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(autouse=True)
def small_mnist_in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "load_mnist", lambda: (bars(300, seed=1), bars(50, seed=2)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGITREC_SEARCH_DATABASE_URL", raising=False)
    keras.utils.disable_interactive_logging()
    (tmp_path / "space.toml").write_text(SPACE)
    yield
    keras.utils.enable_interactive_logging()


COMMAND = ["space.toml", "--trials", "2"]


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX'")
def test_a_trial_whose_process_is_killed_is_taken_up_again(tmp_path, capsys):
    process = subprocess.Popen([sys.executable, "-c", SMALL, *COMMAND], env={**os.environ, "PYTHONPATH": str(ROOT)})
    end = time.monotonic() + 300
    while not (runs := list_runs()) or not runs[0].history():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    process.kill()
    process.wait()
    (killed,) = runs
    assert killed.status.state == "stopped"
    assert len(killed.history()) < 4

    assert training.search.main(COMMAND) == 0
    said = capsys.readouterr().out
    assert said.startswith("trial 0 goes on: learning_rate ")
    root = Path("runs")
    study = begin_study(open_storage(storage_url(root), root), "space", parse_space(SPACE))
    assert [find_run(root, trial) for trial in study.get_trials()] == list(reversed(list_runs()))
    assert [trial.state.name for trial in study.get_trials()] == ["COMPLETE", "COMPLETE"]
    config = TrainConfig.from_dict(killed.config)
    whole: Run = fit(tmp_path / "whole", config, data=load_training_data(config))
    assert killed.history() == whole.history()
    assert study.get_trials()[0].value == max(row["val_accuracy"] for row in whole.history())
    assert list(study.get_trials()[0].intermediate_values) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "space.toml cannot be read: No such file"),
        ("[search]\nwidt = [3]", "space.toml: there is no setting 'widt'; the nearest is width"),
    ],
)
def test_what_cannot_be_searched_is_one_line(text, message, tmp_path, capsys):
    (tmp_path / "space.toml").unlink()
    if text is not None:
        (tmp_path / "space.toml").write_text(text)
    assert training.search.main(COMMAND) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert list_runs() == []


def test_without_optuna_the_message_names_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "digitrec.learning.search.study", None)
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "digitrec.learning.search.study")
    assert training.search.main(COMMAND) == 1
    assert 'python -m pip install "digitrec[search]"' in capsys.readouterr().err
