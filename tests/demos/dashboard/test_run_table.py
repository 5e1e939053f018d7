import pytest

from demos.dashboard.runs.filter import filter_records, unknown_names
from demos.dashboard.runs.records import RunCache
from demos.dashboard.runs.table import (
    differences_table,
    differing_settings,
    format_setting,
    key_by_title,
    results_table,
    runs_table,
    settings_table,
)
from digitrec.learning.runs.archive import archive
from digitrec.learning.runs.notes import Notes, write_notes
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.timeline import append_row
from tests.support.run_directories import broken_run, made_run


@pytest.fixture
def records(tmp_path):
    wide = made_run(tmp_path, "wide", width=64, csv=("mine.csv",))
    wide.write_json("evaluation.json", {"accuracy": 0.9912, "ece": 0.004})
    write_notes(wide, Notes("The wide one, of Monday", ("Baseline", "keep")))
    append_row(wide, {"time": 1.0, "seconds": 900, "epoch": 3, "step": 0})
    made_run(tmp_path, "narrow", width=16, state="failed", reason="KeyError: 'x'", done=1)
    archive(made_run(tmp_path, "old", width=16))
    broken_run(tmp_path)
    return {record.title: record for record in RunCache().read(tmp_path)}


def titles(found):
    return {record.title for record in found}


def test_the_table_has_a_row_for_each_run_and_figures_that_sort_as_such(records):
    frame = runs_table(list(records.values()), ["width", "csv"]).set_index("run")
    assert frame.loc["wide", "val_accuracy"] == pytest.approx(0.902)
    assert frame.loc["wide", "best_epoch"] == 3
    assert frame.loc["wide", "test_accuracy"] == 0.9912
    assert frame.loc["narrow", "epochs_done"] == 1
    assert frame.loc["wide", "csv"] == "mine.csv"
    assert frame["width"].dtype == "float64"
    assert frame.loc["broken"][["val_accuracy", "width", "test_accuracy"]].isna().all()
    assert frame.loc["broken", "state"] == "! broken"
    assert "old (archived)" in frame.index


def test_a_setting_of_several_types_becomes_text(tmp_path):
    Run.create(tmp_path, "odd", {"epochs": 3, "width": "wide"}).set_status("done")
    made_run(tmp_path, "usual", width=4)
    assert set(runs_table(RunCache().read(tmp_path), ["width"])["width"]) == {"wide", "4"}


def test_only_what_differs_is_compared(records):
    chosen = [records["wide"], records["narrow"], records["broken"]]
    assert differing_settings(chosen) == ["width", "csv"]
    frame = differences_table(chosen)
    assert frame.loc["width"].to_dict() == {"wide": "64", "narrow": "16", "broken": "-"}
    assert frame.loc["csv"].to_dict() == {"wide": "mine.csv", "narrow": "none", "broken": "-"}
    assert differences_table([records["narrow"], records["old"]]).empty


def test_results_as_text(records):
    frame = results_table([records["wide"], records["broken"]])
    assert frame["wide"].to_dict() == {
        "Validation": "90.20%",
        "Best epoch": "3",
        "Validation loss": "0.0667",
        "MNIST test": "99.12%",
        "Calibration error": "0.0040",
        "Minutes": "15.0",
    }
    assert set(frame["broken"]) == {"-"}


def test_all_settings_of_one_run(records):
    frame = settings_table(records["wide"])
    assert frame.loc["limit", "wide"] == "all"
    assert "name" not in frame.index


def test_two_runs_of_one_name_have_distinct_labels(tmp_path):
    made_run(tmp_path, "same").path.rename(tmp_path / "20260101T000000Z-same")
    made_run(tmp_path, "same").path.rename(tmp_path / "20260102T000000Z-same")
    made_run(tmp_path, "other")
    names = set(key_by_title(RunCache().read(tmp_path)))
    assert names == {"other", "20260101T000000Z-same", "20260102T000000Z-same"}


@pytest.mark.parametrize(
    ("text", "states", "archived", "found"),
    [
        ("", [], False, {"wide", "narrow", "broken"}),
        ("", [], True, {"wide", "narrow", "broken", "old"}),
        ("", ["failed", "broken"], False, {"narrow", "broken"}),
        ("WID", [], False, {"wide"}),
        ("width=16", [], True, {"narrow", "old"}),
        ("width>16 Z-", [], True, {"wide"}),
        ("width<=64 narrow", [], False, {"narrow"}),
        ("csv=mine", [], False, {"wide"}),
        ("augment=layers width>=64", [], False, {"wide"}),
        ("augment>layers", [], False, set()),
        ("flux=3", [], False, set()),
        ("state=failed", [], False, {"narrow"}),
        ("state=done", [], True, {"wide", "old"}),
        ("name=wid", [], False, {"wide"}),
        ("val_accuracy>0.9 state=done", [], False, {"wide"}),
        ("val_accuracy>90%", [], False, {"wide"}),
        ("val_accuracy>95%", [], False, set()),
        ("test_accuracy>=0.99", [], False, {"wide"}),
        ("best_epoch=3", [], False, {"wide"}),
        ("ECE<0.01", [], False, {"wide"}),
        ("tag=baseline", [], False, {"wide"}),
        ("tag=base", [], False, set()),
        ("note=monday", [], False, {"wide"}),
        ("minutes=15", [], False, {"wide"}),
        ("minutes<15", [], False, set()),
    ],
)
def test_filters(records, text, states, archived, found):
    assert titles(filter_records(list(records.values()), text, states, archived)) == found


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("width=16 val_accuracy>0.9 state=done wide", {}),
        ("widht=16", {"widht": "width"}),
        ("val_acuracy>0.9", {"val_acuracy": "val_accuracy"}),
        ("qqq=1 seed=1", {"qqq": ""}),
    ],
)
def test_names_in_a_filter_that_do_not_exist_are_found(records, text, unknown):
    assert unknown_names(list(records.values()), text) == unknown


@pytest.mark.parametrize(
    ("value", "text"), [(None, "all"), ([], "none"), (["a", "b"], "a, b"), (0.001, "0.001"), ("x", "x"), (True, "true")]
)
def test_values_as_text(value, text):
    assert format_setting(value) == text
