"""The timeline and the notes of a run."""

import pytest

from digitrec.learning.runs.notes import Notes, read_notes, write_notes
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.timeline import TIMELINE, append_row, read_timeline, training_seconds


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path, "a", {})


def row(seconds, epoch, step, **more):
    return {"time": 1_800_000_000.25, "seconds": seconds, "epoch": epoch, "step": step, **more}


def test_rows_come_back_as_they_were(run):
    assert (read_timeline(run), training_seconds(run)) == ([], None)
    append_row(run, row(1.5, 0, 3, loss=2.25, cores=1.5, megabytes=900))
    append_row(run, row(3, 1, 0))
    first, second = read_timeline(run)
    assert first == {
        "time": 1_800_000_000.2, "seconds": 1.5, "epoch": 0, "step": 3, "loss": 2.25, "cores": 1.5, "megabytes": 900,
    }  # fmt: skip
    assert "loss" not in second
    assert training_seconds(run) == 3


def test_what_was_trained_again_is_there_once(run):
    for place in ((1, 0, 5), (2, 1, 0), (3, 1, 5)):  # killed in the second epoch, which begins again
        append_row(run, row(*place))
    for place in ((4, 1, 4), (5, 2, 0)):
        append_row(run, row(*place))
    assert [(one["epoch"], one["step"]) for one in read_timeline(run)] == [(0, 5), (1, 0), (1, 4), (2, 0)]


def test_a_row_that_was_cut_short_or_spoiled_is_left_out(run):
    append_row(run, row(1, 0, 1))
    with (run.path / TIMELINE).open("a") as file:
        file.write("rubbish\n1,2,x,4,,,,\n1800000000,7")  # killed here
    assert training_seconds(run) == 2
    append_row(run, row(3, 0, 2))
    assert [one["seconds"] for one in read_timeline(run)] == [1, 3]
    (run.path / TIMELINE).write_bytes(b"\xff\xfe\0" * 1000)
    assert (read_timeline(run), training_seconds(run)) == ([], None)


def test_notes_come_back(run):
    assert read_notes(run) == Notes()
    write_notes(run, Notes("two\nlines", ("a", "b", "a")))
    assert read_notes(run) == Notes("two\nlines", ("a", "b"))


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "a=b", "x" * 41])
def test_a_tag_that_no_filter_could_name_is_refused(run, tag):
    with pytest.raises(ValueError, match="tag"):
        write_notes(run, Notes("", (tag,)))
    assert read_notes(run) == Notes()


def test_broken_notes_are_empty(run):
    (run.path / "notes.json").write_text('{"text": 7, "tags": "abc"}')
    assert read_notes(run) == Notes()
