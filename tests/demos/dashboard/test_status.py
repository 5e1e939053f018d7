import math

import pytest

from demos.dashboard.runs.records import RunCache
from demos.dashboard.runs.status import describe_progress, explain, format_duration
from tests.support.run_directories import broken_run, made_run

KILLED = "its process ended without a word, as kill -9 or a power cut does"
NAN = "the loss became nan at step 3 of epoch 2; the best checkpoint until then is kept. Try a lower learning rate"


def record_of(run):
    return RunCache().record(run)


@pytest.mark.parametrize(
    ("state", "reason", "kind", "text", "can_resume"),
    [
        ("done", "", "success", "Done: 90.20% right on validation, in epoch 3.", False),
        ("stopped", "by hand, with 3 of 9 epochs done", "warning", "Stopped by hand, with 3 of 9 epochs done.", True),
        ("stopped", KILLED, "warning", "memory ran out. Resume continues after epoch 3", True),
        ("failed", NAN, "error", "Training failed: the loss became nan at step 3 of epoch 2", False),
        ("failed", "ResourceExhaustedError: OOM when allocating", "error", "ran out of memory. Try a smaller", True),
        ("failed", "MemoryError: ", "error", "ran out of memory", True),
        (
            "failed",
            "mine.csv, row 5, column pixel99: 300 is out of range; expected a whole number from 0 to 255",
            "error",
            "The data cannot be used: mine.csv, row 5, column pixel99: 300 is out of range",
            True,
        ),
        ("failed", "mine.csv: no such file", "error", "The data cannot be used: mine.csv: no such file.", True),
        ("failed", "KeyError: 'x'", "error", "Training failed: KeyError: 'x'.", True),
        ("failed", "", "error", "Training failed: no reason was given.", True),
    ],
)
def test_the_state_of_a_run_is_explained_in_a_sentence(tmp_path, state, reason, kind, text, can_resume):
    said = explain(record_of(made_run(tmp_path, state=state, reason=reason)))
    assert said.kind == kind
    assert text in said.text
    assert said.can_resume is can_resume


def test_a_run_that_stopped_early_says_so(tmp_path):
    assert "stopped early, after 3 epochs" in explain(record_of(made_run(tmp_path, epochs=9))).text


def test_a_run_without_a_whole_epoch_starts_over(tmp_path):
    run = made_run(tmp_path, state="stopped", reason="by hand, with 0 epochs done", done=0)
    assert "Resume starts it again" in explain(record_of(run)).text


def test_a_broken_directory_is_named_as_such(tmp_path):
    said = explain(record_of(broken_run(tmp_path)))
    assert (said.kind, said.can_resume) == ("warning", False)
    assert "broken: config.json is not JSON; status is missing." in said.text


def test_a_long_error_is_cut(tmp_path):
    said = explain(record_of(made_run(tmp_path, state="failed", reason="ValueError: " + "word " * 500)))
    assert len(said.text) < 450
    assert said.text.endswith("….")


def test_progress_of_a_run_in_the_middle_of_an_epoch(tmp_path):
    run = made_run(tmp_path, state="running", epochs=4, done=1)
    run.write_json("progress.json", {"epoch": 1, "step": 50, "steps": 100, "eta": 130.0})
    with run.hold():
        share, text = describe_progress(record_of(run))
    assert share == pytest.approx(0.375)
    assert text == "Epoch 2 of 4, step 50 of 100 · 2 min left"


def test_progress_before_the_first_step_and_after_the_last(tmp_path):
    run = made_run(tmp_path, state="running", epochs=4, done=0)
    with run.hold():
        assert describe_progress(record_of(run)) == (0.0, "Loading the data and building the network")
    run = made_run(tmp_path, "early", epochs=4, done=2)
    assert describe_progress(record_of(run)) == (1.0, "2 of 4 epochs, stopped early")
    run = made_run(tmp_path, "stopped", state="stopped", epochs=4, done=2)
    assert describe_progress(record_of(run)) == (0.5, "2 of 4 epochs")


@pytest.mark.parametrize(
    "progress",
    [
        {"epoch": "one", "step": 3, "steps": 0, "eta": "soon"},
        {"epoch": math.inf, "step": math.nan, "steps": 1, "eta": math.inf},
        {"epoch": -1, "step": 10**30, "steps": 3, "eta": math.nan},
    ],
)
def test_progress_that_makes_no_sense_breaks_nothing(tmp_path, progress):
    run = made_run(tmp_path, state="running", epochs=4, done=0)
    run.write_json("progress.json", progress)
    with run.hold():
        share, _ = describe_progress(record_of(run))
    assert 0 <= share <= 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "1 h 0 min"), (7800, "2 h 10 min")]
)
def test_durations(seconds, text):
    assert format_duration(seconds) == text
