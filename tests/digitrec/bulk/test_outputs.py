"""Files of answers: what is in them, and that they are gone on with after any end."""

import csv
import json
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest

from digitrec.bulk import parquet_output
from digitrec.bulk.outputs import KeySet, open_output
from digitrec.bulk.tasks import PredictTask, ReadTask, error_row
from digitrec.errors import DatasetError

TASK = PredictTask()
NAMES = ["path", "digit", "confidence", "doubt", "is_digit", *(f"p{digit}" for digit in range(10)), "error"]
KINDS = ["csv", "jsonl", "parquet"]


def row(key, digit=7):
    return (key, digit, 0.75, 0.125, True, *[0.0625] * 10, None)


def read(path: Path):
    """The rows, as dictionaries of texts without the empty ones."""
    if path.suffix == ".csv":
        rows = list(csv.DictReader(path.read_text().splitlines()))
    elif path.suffix == ".jsonl":
        rows = list(map(json.loads, path.read_text().splitlines()))
    else:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    return [{name: str(value) for name, value in row.items() if value not in (None, "")} for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_read_as_they_were_written(tmp_path, kind):
    output = open_output(tmp_path / f"a.{kind}", TASK)
    output.write([row("a.png"), error_row('b, "c".png', "it is\nbroken", TASK)])
    output.write([row("d.png", 0)])
    output.finish()
    a, b, d = read(tmp_path / f"a.{kind}")
    assert list(a) == NAMES[:-1]
    assert (a["path"], a["digit"], a["confidence"], a["is_digit"].lower()) == ("a.png", "7", "0.75", "true")
    assert b == {"path": 'b, "c".png', "error": "it is\\nbroken"}
    assert d["digit"] == "0"
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{kind}"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_is_gone_on_with(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    for number in range(3):
        output = open_output(path, TASK)
        assert list(output.keys()) == [f"{n}.png" for n in range(number)]
        output.write([row(f"{number}.png")])
        output.close() if number == 1 else output.finish()
    assert [one["path"] for one in read(path)] == ["0.png", "1.png", "2.png"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("cut", [1, 5, 60])
def test_a_row_that_a_kill_cut_off_is_done_again(tmp_path, kind, cut):
    path = tmp_path / f"a.{kind}"
    output = open_output(path, TASK)
    output.write([row("a.png"), row("b.png")])
    output.close()
    path.write_bytes(path.read_bytes()[:-cut])
    output = open_output(path, TASK)
    assert list(output.keys()) == ["a.png"]
    output.write([row("b.png")])
    output.close()
    assert [one["path"] for one in read(path)] == ["a.png", "b.png"]


def test_a_csv_file_cut_off_in_its_header_begins_again(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"path,digit,conf")
    output = open_output(tmp_path / "a.csv", TASK)
    output.write([row("a.png")])
    output.close()
    assert [one["path"] for one in read(tmp_path / "a.csv")] == ["a.png"]


def test_parquet_is_whole_wherever_a_kill_falls(tmp_path, monkeypatch):
    """Each step of closing it leaves a state from which all rows are found once."""
    path = tmp_path / "a.parquet"
    first = open_output(path, TASK)
    first.write([row("a.png")])
    first.finish()

    class Killed(BaseException):
        pass

    steps = 0
    while True:
        steps += 1
        folder = tmp_path / f"killed-{steps}"
        folder.mkdir()
        shutil.copy(path, folder / "a.parquet")
        left = steps

        def step(function):
            def counted(*arguments, **options):
                nonlocal left
                left -= 1
                if left == 0:
                    raise Killed
                return function(*arguments, **options)

            return counted

        output = open_output(folder / "a.parquet", TASK)
        output.write([row("b.png")])
        output.close()
        output.write([row("c.png")])
        output.close()
        with monkeypatch.context() as patched:
            patched.setattr(parquet_output.os, "replace", step(parquet_output.os.replace))
            patched.setattr(parquet_output.Path, "unlink", step(parquet_output.Path.unlink))
            patched.setattr(parquet_output.Path, "rmdir", step(parquet_output.Path.rmdir))
            try:
                output.finish()
                killed = False
            except Killed:
                killed = True
        again = open_output(folder / "a.parquet", TASK)
        assert sorted(again.keys()) == ["a.png", "b.png", "c.png"], steps
        again.finish()
        assert sorted(one["path"] for one in read(folder / "a.parquet")) == ["a.png", "b.png", "c.png"], steps
        if not killed:
            break
    assert steps >= 6


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("task", [TASK, ReadTask()])
def test_a_file_is_gone_on_with_wherever_a_kill_cuts_it_off(tmp_path, kind, task):
    """Also within a character, a number or an escape."""
    path = tmp_path / f"a.{kind}"
    answer = row("é \\", 7) if task is TASK else ("é \\", 'a "4"\\n7', json.dumps([{"text": "4,7"}]), None)
    output = open_output(path, task)
    output.write([answer, error_row('b, "c\\".png', 'it is "broken", and\nso on', task)])
    output.finish()
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        output = open_output(path, task)
        rows = whole[:length].count(b"\n") - (kind == "csv")
        assert len(list(output.keys())) == max(rows, 0)
        output.close()
        assert whole.startswith(path.read_bytes())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content", [b"something else\n", b'{"a": 1}\n', b"\x00\xff\n", b"[1]\n", b'{"path": "a.png", "label": 3}\n']
)
@pytest.mark.parametrize("ended", [True, False])
def test_a_file_of_something_else_is_refused_and_kept(tmp_path, kind, content, ended):
    path = tmp_path / f"a.{kind}"
    content = content if ended else content.rstrip(b"\n")
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="no output of this command"):
        open_output(path, TASK)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_what_others_put_beside_a_parquet_file_stays(tmp_path):
    parts = tmp_path / "a.parquet.parts"
    parts.mkdir()
    (parts / "notes.txt").write_text("notes")
    (parts / "000001.unfinished").write_bytes(b"half a part")
    output = open_output(tmp_path / "a.parquet", TASK)
    output.write([row("a.png")])
    output.finish()
    assert [path.name for path in parts.iterdir()] == ["notes.txt"]
    assert list(open_output(tmp_path / "a.parquet", TASK).keys()) == ["a.png"]


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.parts/7.parquet", "a.parquet.parts/merged.parquet"])
def test_a_parquet_file_of_something_else_is_kept_whatever_lies_beside_it(tmp_path, name):
    output = open_output(tmp_path / "a.parquet", TASK)
    output.write([row("a.png")])
    output.close()
    (tmp_path / "a.parquet.parts" / "000001.parquet").rename(tmp_path / "a.parquet.parts" / "merged.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(DatasetError, match="no output of this command"):
        open_output(tmp_path / "a.parquet", TASK)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "line",
    [
        b'{"my": "data"}',
        b'{"path": 5',
        b'{"path": "b.png"}',
        b'{"path": "b.png", "label',
        b"notes, to 7, b.png",
        b"\xff,x y",
    ],
)
def test_a_line_of_something_else_at_the_end_is_refused_and_kept(tmp_path, kind, line):
    path = tmp_path / f"a.{kind}"
    output = open_output(path, TASK)
    output.write([row("a.png")])
    output.finish()
    line = b"x, " + line if kind == "csv" else line  # a first cell may be any name
    path.write_bytes(before := path.read_bytes() + line)
    with pytest.raises(DatasetError, match="no output of this command"):
        open_output(path, TASK)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["a.txt", "a", "a.parquet.gz"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(DatasetError, match=r"ends with \.parquet, \.csv or \.jsonl"):
        open_output(tmp_path / name, TASK)


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_not_there_is_one_sentence(tmp_path, kind):
    with pytest.raises(DatasetError, match="cannot be written: No such file"):
        open_output(tmp_path / "nowhere" / f"a.{kind}", TASK)


def test_keys_are_found_again():
    keys = KeySet(f"{number}.png" for number in range(1000))
    assert len(keys) == 1000
    assert all(f"{number}.png" in keys for number in range(1000))
    assert not any(f"{number}.jpg" in keys for number in range(1000))
    assert "a" not in KeySet([])
