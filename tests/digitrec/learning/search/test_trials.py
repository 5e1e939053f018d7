"""The trials of a study: each is trained once, by one process, whatever happens to processes."""

import functools

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState

from digitrec.errors import DatasetError
from digitrec.learning.callbacks import NonFiniteLossError
from digitrec.learning.callbacks.pruning import PrunedError, PruneTrial
from digitrec.learning.runs.archive import rename
from digitrec.learning.runs.run import list_runs
from digitrec.learning.search import runner
from digitrec.learning.search.space import SearchError, Space
from digitrec.learning.search.study import begin_study, open_storage, request_stop
from digitrec.learning.search.trials import RECORD, best_trial, find_run, take_trial
from tests.support import postgres
from tests.support.run_directories import history

SPACE = Space({"epochs": 2}, {"learning_rate": {"low": 0.001, "high": 0.1}, "width": [4, 8]})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def storage(request, tmp_path_factory):
    """A database of studies of each kind; each test has a study of its own in it."""
    folder = tmp_path_factory.mktemp("storage")
    url = f"sqlite:///{folder}/studies.db" if request.param == "sqlite" else postgres.server().database()
    yield (opened := open_storage(url, folder))
    opened.engine.dispose()


@pytest.fixture
def study(storage, request):
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[-40:].strip("-")
    return begin_study(storage, name, SPACE)


@pytest.fixture
def outcomes(monkeypatch):
    """What happens to the runs of trials instead of training: an exception each, None for none."""
    left: list[BaseException | None] = []

    def train(taken, is_stopped, verbose):
        outcome = left.pop(0) if left else None
        if outcome is not None:
            raise outcome
        best = 0.9 - taken.config.learning_rate
        (taken.run.path / "history.csv").write_text(history(2).replace("0.901", str(best)).replace("0.9,", "0.1,"))

    monkeypatch.setattr(runner, "_train", train)
    return left


def search(study, root, trials=3):
    lines: list[str] = []
    runner.run_trials(study, root, trials, lines.append)
    return lines


def states(study):
    return [trial.state for trial in study.get_trials()]


def test_each_trial_is_an_ordinary_run_and_validation_chooses(study, outcomes, tmp_path):
    search(study, tmp_path)
    assert states(study) == [TrialState.COMPLETE] * 3
    for trial in study.get_trials():
        run = find_run(tmp_path, trial)
        assert run.status.state == "done"
        assert run.config == {**SPACE.suggest(optuna.trial.FixedTrial(trial.params)).to_dict(), "name": run.name[17:]}
        assert trial.value == pytest.approx(0.9 - trial.params["learning_rate"])
    assert best_trial(study).params["learning_rate"] == min(t.params["learning_rate"] for t in study.get_trials())
    assert len(list_runs(tmp_path)) == 3
    assert search(study, tmp_path) == []  # there are enough


def test_a_search_that_is_interrupted_goes_on_as_one_that_is_not(study, storage, outcomes, tmp_path):
    root = tmp_path / "interrupted"
    whole = begin_study(storage, f"{study.study_name}-whole", SPACE)
    search(whole, tmp_path / "whole")
    outcomes[:] = [None, KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        search(study, root)
    assert states(study) == [TrialState.COMPLETE, TrialState.RUNNING]
    interrupted = find_run(root, study.get_trials()[1])
    assert interrupted.status.state == "stopped"
    rename(interrupted, "renamed")
    assert search(study, root)[0].startswith("trial 1 goes on: ")
    assert [trial.params for trial in study.get_trials()] == [trial.params for trial in whole.get_trials()]
    assert len(list_runs(root)) == 3


def test_a_run_that_was_done_when_its_process_was_killed_is_entered_and_not_trained_again(study, outcomes, tmp_path):
    outcomes[:] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        search(study, tmp_path, 1)
    (run,) = list_runs(tmp_path)
    (run.path / "history.csv").write_text(history(2))
    run.set_status("done")
    assert search(study, tmp_path, 1) == []
    assert study.get_trials()[0].value == pytest.approx(0.901)


def test_two_machines_take_trials_from_one_study(study, outcomes, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    with take_trial(study, SPACE, here, 3) as one, take_trial(study, SPACE, there, 3) as other:
        assert (one.trial.number, other.trial.number) == (0, 1)
        assert one.run.path.parent == here
        outcomes[:] = [KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt):  # a second process of the first machine, which is stopped
            search(study, here)
        with take_trial(study, SPACE, there, 3) as none:
            assert none is None
        # What runs is not taken, and not what another machine has left: it comes back to it.
        with take_trial(study, SPACE, here, 3) as again:
            assert (again.trial.number, again.resumed) == (2, True)
    assert [run.read_json(RECORD)["trial"] for run in list_runs(there)] == [1]


def test_a_trial_without_a_result_has_a_reason_and_the_search_goes_on(study, outcomes, tmp_path):
    outcomes[:] = [NonFiniteLossError("the loss became NaN"), PrunedError("pruned after epoch 1"), MemoryError("full")]
    lines = search(study, tmp_path, 4)
    assert states(study) == [TrialState.FAIL, TrialState.PRUNED, TrialState.FAIL, TrialState.COMPLETE]
    assert [t.user_attrs.get("reason") for t in study.get_trials()] == [
        "the loss became NaN",
        None,
        "MemoryError: full",
        None,
    ]
    assert [run.status.state for run in reversed(list_runs(tmp_path))] == ["failed", "stopped", "failed", "done"]
    assert "no validation accuracy; the loss became NaN" in lines[1]


def test_what_would_befall_every_trial_ends_the_search(study, outcomes, tmp_path):
    outcomes[:] = [DatasetError("mine.csv: no such file")]
    with pytest.raises(DatasetError, match="no such file"):
        search(study, tmp_path)
    assert states(study) == [TrialState.RUNNING]
    outcomes[:] = [StorageInternalError("connection refused\nand more")]
    with pytest.raises(SearchError, match="cannot be reached: connection refused; the same command goes on"):
        search(study, tmp_path)
    assert states(study) == [TrialState.RUNNING]
    outcomes[:] = [RuntimeError("no device")] * 9
    with pytest.raises(
        SearchError, match="4 trials failed one after the other, the last with: RuntimeError: no device"
    ):
        search(study, tmp_path, 9)


def test_a_stop_is_for_those_who_search_now(study, outcomes, tmp_path, monkeypatch):
    def train(taken, is_stopped, verbose):
        assert not is_stopped()
        request_stop(study)
        assert is_stopped()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runner, "_train", train)
        with pytest.raises(KeyboardInterrupt):
            search(study, tmp_path)
    assert len(search(study, tmp_path)) == 6


def test_another_space_is_refused(study, storage):
    with pytest.raises(SearchError, match="searches another space"):
        begin_study(storage, study.study_name, Space({"epochs": 3}, SPACE.search))


@pytest.mark.parametrize("name", ["a/b", "", "x" * 57])
def test_a_study_that_cannot_name_runs_is_refused(storage, name):
    with pytest.raises(SearchError, match="study"):
        begin_study(storage, name, SPACE)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "'nonsense' is no address of a database"),
        ("sqlite://", "an SQLite file or in PostgreSQL"),
        ("mysql://root:secret@localhost/x", r"not in mysql://root:\*\*\*@localhost/x"),
        ("sqlite:////nowhere/at/all.db", "cannot be used: unable to open database file"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(url, message, tmp_path):
    with pytest.raises(SearchError, match=message):
        open_storage(url, tmp_path)


def test_a_trial_that_is_worse_than_most_is_pruned_after_its_epoch_is_reported(study):
    for number in range(6):
        trial = study.ask()
        trial.report(0.9 + number / 100, 0)
        study.tell(trial, 0.9)
    is_stopped = functools.partial(bool, False)
    worse, better = (PruneTrial(study.ask(), is_stopped) for _ in range(2))
    better.on_epoch_end(0, {"val_accuracy": 0.99})
    with pytest.raises(PrunedError, match="pruned after epoch 1: half of the other trials were better"):
        worse.on_epoch_end(0, {"val_accuracy": 0.5})
    resumed = PruneTrial(worse.trial, is_stopped)  # killed before the study knew
    with pytest.raises(PrunedError):
        resumed.on_train_begin()
    better.is_stopped = functools.partial(bool, True)
    better.on_train_begin()
    with pytest.raises(KeyboardInterrupt):
        better.on_epoch_end(0, {"val_accuracy": 0.99})


def test_epochs_that_a_killed_process_did_not_report_are_reported_once(study):
    trial = study.ask()
    trial.report(0.5, 0)
    history = [{"epoch": float(epoch), "val_accuracy": 0.5 + epoch / 10} for epoch in range(3)]
    resumed = PruneTrial(trial, functools.partial(bool, False), history)
    resumed.on_train_begin()
    resumed.on_epoch_end(2, {"val_accuracy": 0.7})  # trained again, as its backup was not written
    resumed.on_epoch_end(3, {"val_accuracy": 0.8})
    assert study.get_trials()[0].intermediate_values == {0: 0.5, 1: 0.6, 2: 0.7, 3: 0.8}
