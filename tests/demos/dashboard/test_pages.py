"""The pages Train and Runs, run without a browser; no run is really started here."""

import pytest
import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from demos.dashboard.runs import csv_form, launch
from demos.dashboard.runs.records import RunCache
from demos.dashboard.runs.settings_form import TIMES_SET
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.examples import Examples
from digitrec.learning.runs.archive import archive
from digitrec.learning.runs.notes import Notes, read_notes
from digitrec.learning.runs.run import list_runs
from digitrec.learning.runs.timeline import append_row
from tests.support.run_directories import broken_run, made_run
from tests.support.small_data import bars, rows_of, write_csv


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty folder for runs, and a dashboard that knows nothing yet."""
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DIGITREC_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setattr(csv_form, "find_mnist_images", lambda: (bars(200, seed=1), bars(60, seed=2)))
    return tmp_path / "runs"


@pytest.fixture
def started(monkeypatch):
    """The configurations of the runs that were started, and the runs that were resumed; none of them is trained."""
    done = []

    def start(config, root):
        done.append(config)
        return made_run(root, config.name, state="stopped", reason="by hand, with 0 epochs done", done=0)

    monkeypatch.setattr(launch, "start", start)
    monkeypatch.setattr(launch, "resume", done.append)
    return done


def opened(page, **query):
    app = AppTest.from_string(f"from demos.dashboard.pages import {page}\n{page}.page()\n", default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return run(app)


def run(app):
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def said(app):
    return "\n".join(e.value for kind in (app.error, app.warning, app.success, app.info, app.caption) for e in kind)


def setting(app, name):
    key = f"setting-{name}-{app.session_state.get(TIMES_SET, 0)}"
    (widget,) = [
        widget
        for kind in (app.text_input, app.number_input, app.selectbox, app.text_area, app.multiselect, app.checkbox)
        for widget in kind
        if widget.key == key
    ]
    return widget


def button(app, key):
    (found,) = [one for one in app.button if one.key == key]
    return found


def test_the_untouched_form_starts_a_run_with_the_trainers_defaults(root, started):
    app = opened("train")
    button(app, "start").click()
    run(app)
    assert started == [TrainConfig()]


def test_every_setting_has_a_widget_with_the_trainers_help(root):
    app = opened("train")
    for name, option in TrainConfig.__dataclass_fields__.items():
        assert setting(app, name).proto.help.startswith(option.metadata["help"]), name


def test_settings_reach_a_browser_that_missed_the_first_run(root):
    """A run that gives way to the next one loses its messages: the browser has seen no widget, and reports none."""
    app = AppTest.from_string("from demos.dashboard.pages import train\ntrain.page()\n", default_timeout=30)
    app.session_state["settings"] = {"learning_rate": 0.01, "limit": 500, "name": "mine"}  # set on another page
    run(app)
    app._run(WidgetStates())
    assert not app.exception
    expected = TrainConfig(learning_rate=0.01, limit=500, name="mine")
    for name in ("name", "epochs", "learning_rate", "seed", "limit", "weight_decay", "width", "patience", "split_seed"):
        sent = setting(app, name).proto
        assert (sent.value if sent.set_value else sent.default or None) == (getattr(expected, name) or None), name
    for name in ("schedule", "augment", "optimizer"):
        sent = setting(app, name).proto
        assert (sent.raw_value if sent.set_value else sent.options[sent.default]) == getattr(expected, name), name


def test_defaults_need_no_second_message(root):
    """A value that is sent beside a widget's own may arrive after the user has begun to type."""
    app = opened("train")
    for name, option in TrainConfig.__dataclass_fields__.items():
        sent = setting(app, name).proto
        assert not sent.set_value, name
        if isinstance(option.default, (int, float)):
            assert sent.default == option.default, name


def test_settings_of_the_form_reach_the_run(root, started):
    app = opened("train")
    for name, value in {"name": "mine", "epochs": 3, "learning_rate": 0.01, "limit": 500, "width": 8}.items():
        setting(app, name).set_value(value)
    setting(app, "schedule").set_value("plateau")
    run(app)
    assert not setting(app, "plateau_factor").disabled
    assert setting(app, "warmup_epochs").disabled
    assert "--name mine --epochs 3 --learning-rate 0.01 --schedule plateau --width 8 --limit 500" in app.code[0].value
    button(app, "start").click()
    run(app)
    expected = {"name": "mine", "epochs": 3, "learning_rate": 0.01, "limit": 500, "width": 8, "schedule": "plateau"}
    assert started == [TrainConfig(**expected)]
    assert app.segmented_control[0].value == "Watch"
    assert app.query_params["run"] == list_runs(root)[0].name


def test_a_setting_that_is_refused_is_named_before_the_start(root):
    app = opened("train")
    setting(app, "name").set_value("a/b")
    run(app)
    assert "Run name 'a/b': use 1 to 64 letters" in said(app)
    assert button(app, "start").disabled


def test_csv_files_are_checked_before_the_start(root, started, tmp_path):
    rows = rows_of(bars(20))
    good = write_csv(tmp_path / "good.csv", rows)
    rows[3][100] = 300
    bad = write_csv(tmp_path / "bad.csv", rows)
    app = opened("train")
    setting(app, "csv").set_value(f"{good}\n{bad}")
    run(app)
    assert "good.csv: 20 images, 20 new, of all ten" in said(app)
    assert "bad.csv, row 5, column pixel99: 300 is out of range" in said(app)
    assert button(app, "start").disabled
    setting(app, "csv").set_value(str(good))
    run(app)
    button(app, "start").click()
    run(app)
    assert started == [TrainConfig(csv=(str(good),))]


def test_useless_images_are_trained_on_only_where_the_user_says_so(root, started, tmp_path):
    inverted = bars(20)
    path = str(write_csv(tmp_path / "mine.csv", rows_of(Examples(255 - inverted.images, inverted.labels))))
    app = opened("train")
    setting(app, "csv").set_value(path)
    run(app)
    assert "mine.csv: 20 of 20 images are inverted, dark on bright" in said(app)
    assert button(app, "start").disabled
    button(app, "allow-flawed").click()
    run(app)
    assert setting(app, "allow_flawed_data").value is True
    button(app, "start").click()
    run(app)
    assert started == [TrainConfig(csv=(path,), allow_flawed_data=True)]


def test_uploaded_files_join_the_paths(root, tmp_path):
    app = opened("train")
    (uploader,) = [one for one in app.get("file_uploader") if one.proto.id.endswith("upload-csv")]
    uploader.set_value([("mine.csv", write_csv(tmp_path / "x.csv", rows_of(bars(20))).read_bytes(), "text/csv")])
    run(app)
    (path,) = setting(app, "csv").value.splitlines()
    assert path.startswith(str(root / ".uploads" / "mine-"))
    assert "20 images, 20 new, of all ten" in said(app)
    assert list_runs(root) == []


def test_a_failed_start_shows_its_error(root, monkeypatch):
    def start(config, root):
        raise launch.LaunchError("The process did not start: no such luck")

    monkeypatch.setattr(launch, "start", start)
    app = opened("train")
    button(app, "start").click()
    assert "no such luck" in said(run(app))


def test_the_newest_run_is_watched_or_the_one_in_the_address(root):
    first = made_run(root, "a").path.rename(root / "20260101T000000Z-a")
    made_run(root, "b", state="failed", reason="the loss became nan at step 3 of epoch 1; try less")
    app = opened("train")
    assert app.segmented_control[0].value == "New run"  # nothing runs
    app.segmented_control[0].set_value("Watch")
    run(app)
    assert "Training failed: the loss became nan at step 3" in said(app)
    assert [metric.value for metric in app.metric] == ["0.1000", "89.20%", "90.20%", "90.20%"]
    app = opened("train", run=first.name)
    assert app.segmented_control[0].value == "Watch"
    assert "Done: 90.20% right" in said(app)


def test_an_address_of_a_run_that_is_gone_shows_no_other_run(root):
    made_run(root, "here")
    app = opened("train", run="20260101T000000Z-gone")
    assert app.selectbox(key="watched").value is None
    assert f"There is no run 20260101T000000Z-gone in {root}; it may have been renamed" in said(app)
    assert "Done: " not in said(app)
    app.selectbox(key="watched").select_index(0)
    run(app)
    assert "Done: " in said(app)
    assert "There is no run" not in said(app)


def test_the_titles_of_the_settings_stay_when_a_setting_changes(root):
    app = opened("train")
    before = [expander.label for expander in app.expander]
    assert "Changed under" not in said(app)
    setting(app, "width").set_value(64)
    run(app)
    assert [expander.label for expander in app.expander] == before
    assert "Changed under More settings: Width." in said(app)


def test_a_filter_names_a_setting_that_does_not_exist(root):
    made_run(root, "first")
    app = opened("runs")
    app.text_input(key="filter").set_value("widht=3")
    run(app)
    assert "widht is neither a setting nor a result of a run. Did you mean width?" in said(app)
    app.text_input(key="filter").set_value("state=done val_accuracy>50%")
    run(app)
    assert app.dataframe[0].value["run"].tolist() == ["first"]


def test_a_running_run_is_found_by_who_opens_the_page_anew_and_stops_on_request(root):
    running = made_run(root, "a", state="running", epochs=4, done=1)
    running.path.rename(root / "20260101T000000Z-a")
    running = list_runs(root)[0]
    made_run(root, "b")
    running.write_json("progress.json", {"epoch": 1, "step": 5, "steps": 10, "eta": 9.0, "loss": 0.5})
    (running.path / "train.log").write_text("Epoch 2/4\n")
    with running.hold():
        app = opened("train")
        assert app.selectbox[0].value == running.name
        assert "Epoch 2/4" in app.code[0].value
        button(app, "stop").click()
        run(app)
        assert (running.path / "stop-requested").exists()
        assert button(app, "stop").disabled


def test_a_stopped_run_is_resumed(root, started):
    stopped = made_run(root, state="stopped", reason="by hand, with 3 of 9 epochs done", epochs=9)
    app = opened("train", run=stopped.name)
    button(app, "resume").click()
    run(app)
    assert started == [stopped]


@pytest.mark.parametrize("state", ["done", "failed"])
def test_resuming_is_offered_only_where_it_can_help(root, state):
    made = made_run(root, state=state, reason="the loss became nan at step 3 of epoch 1")
    assert not [one for one in opened("train", run=made.name).button if one.key == "resume"]


def test_a_run_that_did_no_epoch_says_so_in_place_of_empty_charts(root):
    app = opened("train", run=made_run(root, state="failed", reason="mine.csv, row 3: broken", done=0).name)
    assert "No epoch was finished" in said(app)
    assert not app.metric


def test_the_settings_of_a_run_are_taken_over(root, started):
    made = made_run(root, "mine", width=8, csv=("nowhere.csv",), schedule="plateau")
    app = opened("train", run=made.name)
    button(app, "reuse").click()
    run(app)
    assert app.segmented_control[0].value == "New run"
    assert setting(app, "width").value == 8
    assert setting(app, "csv").value == "nowhere.csv"
    assert "nowhere.csv: no such file" in said(app)
    before = setting(app, "width").proto.id
    button(app, "defaults").click()
    run(app)
    assert (setting(app, "width").value, setting(app, "csv").value) == (32, "")
    assert setting(app, "width").proto.id != before  # what the browser still reports of the old widget has no say


def test_settings_that_are_none_are_not_taken_over(root, started):
    made = made_run(root, "odd")
    made.write_json(
        "config.json", {**made.config, "csv": 7, "width": None, "dropout": 0, "schedule": "lunar", "seed": 5}
    )
    app = opened("train", run=made.name)
    button(app, "reuse").click()
    run(app)
    assert [setting(app, name).value for name in ("csv", "width", "dropout", "schedule")] == ["", 32, 0.0, "cosine"]
    assert setting(app, "seed").value == 5


def test_a_broken_run_breaks_neither_page(root):
    broken = broken_run(root)
    assert "broken: config.json is not JSON" in said(opened("train", run=broken.name))
    assert opened("runs").dataframe[0].value["state"].tolist() == ["! broken"]


def test_the_page_runs_without_any(root):
    assert "no runs" in said(opened("runs"))


def test_runs_are_filtered(root):
    made_run(root, "wide", width=64)
    made_run(root, "narrow", width=16, state="failed", reason="KeyError: 'x'")
    archive(made_run(root, "old"))
    app = opened("runs")
    assert set(app.dataframe[0].value["run"]) == {"wide", "narrow"}
    assert "width" in app.dataframe[0].value.columns
    app.text_input(key="filter").set_value("width>32")
    assert set(run(app).dataframe[0].value["run"]) == {"wide"}
    app.text_input(key="filter").set_value("nobody")
    assert "No run matches" in said(run(app))
    app.text_input(key="filter").set_value("")
    app.toggle(key="archived").set_value(True)
    assert "old (archived)" in set(run(app).dataframe[0].value["run"])


CHOSEN = """
from pathlib import Path
from demos.dashboard.pages import runs
from demos.dashboard.runs.records import RunCache
chosen = [record for record in RunCache().read(Path({root!r})) if record.title in {titles!r}]
runs.show(chosen)
"""


def chosen(root, *titles):
    return run(AppTest.from_string(CHOSEN.format(root=str(root), titles=titles), default_timeout=30))


def test_chosen_runs_are_compared(root):
    made_run(root, "wide", width=64)
    made_run(root, "narrow", width=16)
    broken_run(root)
    app = chosen(root, "wide", "narrow", "broken")
    results, differences = (frame.value for frame in app.dataframe[:2])
    assert results.loc["Validation", "wide"] == "90.20%"
    assert differences.index.tolist() == ["width"]
    assert "broken: config.json is not JSON" in said(app)
    assert app.multiselect(key="series").value == ["val_accuracy", "val_loss"]
    assert "What differs in their settings" in [one.value for one in app.subheader]
    assert "Nothing: their settings are the same" in said(chosen(root, "wide", "broken"))


def test_a_chosen_run_is_renamed_archived_and_brought_back(root):
    made_run(root, "mine")
    app = chosen(root, "mine")
    name = app.text_input[0]
    name.set_value("a/b")
    next(one for one in app.button if one.label == "Rename").click()
    assert "use 1 to 64 letters" in said(run(app))
    button(app, "archive").click()
    app.run()
    assert RunCache().read(root)[0].archived
    app = chosen(root, "mine")
    button(app, "unarchive").click()
    app.run()
    assert not RunCache().read(root)[0].archived
    app = chosen(root, "mine")
    app.text_input[0].set_value("yours")
    next(one for one in app.button if one.label == "Rename").click()
    app.run()
    assert [record.title for record in RunCache().read(root)] == ["yours"]


def test_curves_are_drawn_over_steps_and_time_where_the_run_has_them(root):
    with_time = made_run(root, "new")
    with_time.write_json("progress.json", {"epoch": 2, "step": 10, "steps": 10})
    for epoch in range(1, 4):
        append_row(with_time, {"time": 1.0, "seconds": 60.0 * epoch, "epoch": epoch, "step": 0, "loss": 0.5})
    made_run(root, "old")
    app = chosen(root, "new", "old")
    app.multiselect(key="series").set_value(["val_accuracy", "loss", "learning_rate"])
    app.segmented_control(key="axis").set_value("minutes")
    app.slider(key="smoothing").set_value(0.5)
    run(app)
    assert "Without a record of minutes, by an earlier version: old." in said(app)
    assert len(app.get("plotly_chart")) == 3


def test_a_note_and_tags_are_kept_and_a_bad_tag_is_a_sentence(root):
    made = made_run(root, "mine")
    app = chosen(root, "mine")
    app.multiselect(key=f"tags-{made.name}").set_value(["baseline", "keep"])
    app.text_area[0].set_value("The first one.")
    button(app, f"save-notes-{made.name}").click()
    run(app)
    assert read_notes(made) == Notes("The first one.", ("baseline", "keep"))
    app.multiselect(key=f"tags-{made.name}").set_value(["a b"])
    button(app, f"save-notes-{made.name}").click()
    assert "use 1 to 40 characters without spaces" in said(run(app))
    assert read_notes(made).tags == ("baseline", "keep")
