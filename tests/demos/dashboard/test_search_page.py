"""The page Search, run without a browser; no search is really started here."""

import sys
from types import SimpleNamespace

import optuna
import pytest
import streamlit as st

from demos.dashboard.pages import search
from demos.dashboard.runs import launch, searches
from digitrec.learning.runs.run import Run
from digitrec.learning.search.space import Space
from digitrec.learning.search.study import begin_study, count_stops, open_storage, storage_url
from digitrec.learning.search.trials import PLACE, RECORD, TOKEN, place
from tests.support.dashboard import opened, run_again, said
from tests.support.run_directories import made_run

SPACE = Space({"epochs": 2}, {"dropout": {"low": 0.0, "high": 0.5}, "width": [4, 8]})


@pytest.fixture
def root(tmp_path, monkeypatch):
    st.cache_resource.clear()
    monkeypatch.setenv("DIGITREC_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.delenv("DIGITREC_SEARCH_DATABASE_URL", raising=False)
    yield tmp_path / "runs"
    st.cache_resource.clear()


@pytest.fixture
def started(monkeypatch):
    """The arguments of the processes that were started, each of which ends with the status beside it."""
    done = []

    def start_process(arguments, log):
        log.write_text("error: no luck\n")
        done.append(SimpleNamespace(words=arguments, returncode=1, poll=lambda: 1))
        return done[-1]

    monkeypatch.setattr(launch, "start_process", start_process)
    return done


def press(app, key):
    next(button for button in app.button if button.key == key).click()
    return run_again(app)


def test_without_optuna_the_page_says_what_to_install(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert 'python -m pip install "digitrec[search]"' in said(opened(search.page))


def test_a_search_is_started_as_the_command_would(root, started):
    app = opened(search.page)
    text = app.text_area(key="study-space").value
    app.text_area(key="study-space").set_value(text.replace("dropout", "dropuot"))
    run_again(app)
    assert "there is no setting 'dropuot'; the nearest is dropout" in said(app)
    assert next(button for button in app.button if button.key == "start-search").disabled
    app.text_area(key="study-space").set_value(text)
    run_again(app)
    press(app, "start-search")
    file = root / ".search" / "search.toml"
    assert started[0].words[:3] == ["-m", "training.search", str(file)]
    assert started[0].words[3:7] == ["--study", "search", "--trials", "20"]
    assert file.read_text() == text
    assert "The search search did not start: no luck" in said(app)


def a_study(root):
    """A study with ten trials that are done, one that failed, one that stopped here, and one on another machine."""
    study = begin_study(open_storage(storage_url(root), root), "mine", SPACE)
    ranges = {
        "dropout": optuna.distributions.FloatDistribution(0.0, 0.5),
        "width": optuna.distributions.CategoricalDistribution([4, 8]),
    }
    for number in range(10):
        params = {"dropout": number / 20, "width": (4, 8)[number % 2]}
        value = 0.91 + number / 1000
        done = optuna.create_trial(value=value, params=params, distributions=ranges, intermediate_values={0: value})
        study.add_trial(done)
    failed = study.ask()
    failed.set_user_attr("reason", "the loss became NaN")
    study.tell(failed, state=optuna.trial.TrialState.FAIL)
    run = made_run(root, "mine-11", state="stopped", done=1)
    run.write_json(RECORD, {TOKEN: "here"})
    for attributes in ({TOKEN: "here", PLACE: place(root)}, {TOKEN: "there", PLACE: "deep-thought:/runs"}):
        study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.RUNNING, user_attrs=attributes))
    return study, run


def test_a_search_is_watched_stopped_and_gone_on_with(root, started):
    root.mkdir()
    study, _ = a_study(root)
    app = opened(search.page)
    assert {metric.label: metric.value for metric in app.metric} == {
        "Best validation": "91.90%",
        "Trials": "13",
        "Done": "10",
        "Pruned": "0",
        "Failed": "1",
    }
    table = app.dataframe[0].value
    assert table["state"].tolist() == ["running on deep-thought", "stopped", "failed"] + 10 * ["done"]
    assert table["why"].tolist()[2] == "the loss became NaN"
    assert [tab.label for tab in app.tabs] == ["History", "Parallel coordinates", "Importance of settings"]
    assert len(app.get("plotly_chart")) == 3
    press(app, "stop-search")
    assert count_stops(study) == 1

    study.tell(12, state=optuna.trial.TrialState.FAIL)
    app = opened(search.page)
    press(app, "continue-search")
    assert started[0].words[:6] == ["-m", "training.search", "--study", "mine", "--trials", "20"]
    assert "no luck" in said(app)


def test_a_running_trial_is_stopped_at_once_where_its_run_is_here(root):
    root.mkdir()
    study, run = a_study(root)
    with run.hold():
        run.set_status("running")
        searches.stop(study, {"here": Run(run.path)})
    assert (run.path / "stop-requested").exists()
