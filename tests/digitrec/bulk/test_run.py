"""Answering many pictures in processes: in order, whole, resumable, whatever happens to a process."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from digitrec import predict
from digitrec.bulk.items import Item
from digitrec.bulk.pool import Pool, PoolError
from digitrec.bulk.run import answer_into
from digitrec.bulk.sources import open_source
from digitrec.bulk.tasks import PredictTask, error_row
from digitrec.cli import main
from digitrec.errors import DatasetError
from digitrec.training_rows import CSV_COLUMNS
from tests.support.drawings import drawing, encoded

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    """A working directory with ten digits of two sizes in the folder `pictures`, and something else among them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    for digit in range(10):
        canvas = (280, 280) if digit % 2 else (320, 280)
        (tmp_path / "pictures" / f"{digit}.png").write_bytes(encoded(255 - drawing(digit, canvas=canvas)))
    (tmp_path / "pictures" / "broken.png").write_bytes(b"no picture")
    return tmp_path


def test_the_answers_are_those_of_predict(pictures, capsys):
    assert main(["predict", "pictures", "--out", "a.jsonl", "--processes", "2"]) == 1
    rows = list(map(json.loads, Path("a.jsonl").read_text().splitlines()))
    assert [Path(row["path"]).name for row in rows] == [*(f"{digit}.png" for digit in range(10)), "broken.png"]
    for row in rows[:-1]:
        answer = predict(row["path"])
        assert row["digit"] == answer.digit
        assert row["is_digit"] == answer.is_digit
        found = [row["confidence"], row["doubt"], *(row[f"p{digit}"] for digit in range(10))]
        np.testing.assert_allclose(found, [answer.confidence, answer.doubt, *answer.probabilities], atol=1e-5)
    assert "not a readable picture" in rows[-1]["error"]
    assert "11 pictures" in capsys.readouterr().err


def test_pictures_already_in_the_output_are_skipped(pictures, capsys):
    assert main(["predict", "pictures", "--out", "a.csv", "--processes", "1"]) == 1
    before = Path("a.csv").read_bytes()
    (pictures / "pictures" / "new.png").write_bytes(encoded(drawing(3)))
    assert main(["predict", "pictures", "--out", "a.csv", "--processes", "1"]) == 1
    assert "1 picture in" in capsys.readouterr().err.splitlines()[-1]
    after = Path("a.csv").read_bytes()
    assert after.startswith(before)
    assert [row["path"] for row in csv.DictReader(after[len(before) :].decode().splitlines(), ["path", "digit"])] == [
        os.path.join("pictures", "new.png")
    ]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_errors_that_are_in_the_output_already_count_too(kind, capsys):
    command = ["predict", "pictures", "--out", f"a.{kind}", "--processes", "1"]
    assert main(command) == 1
    assert main(command) == 1
    done = capsys.readouterr().err.splitlines()[-1]
    assert "0 pictures in" in done
    assert done.endswith("; 11 were there already, 1 of them with an error")
    Path(f"a.{kind}").unlink()
    Path("pictures", "broken.png").unlink()
    assert [main(command), main(command)] == [0, 0]
    assert capsys.readouterr().err.endswith("; 10 were there already\n")


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX'")
@pytest.mark.parametrize("name", ["predict", "read"])
def test_a_killed_command_loses_nothing_and_doubles_nothing(name, pictures):
    for number in range(40):
        folder = pictures / "pictures" / f"{number:02}"
        folder.mkdir()
        for digit in range(10):
            os.link(pictures / "pictures" / f"{digit}.png", folder / f"{digit}.png")
    command = [sys.executable, "-m", "digitrec", name, "pictures", "--out", "a.csv", "--processes", "2"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    out, end = Path("a.csv"), time.monotonic() + 120
    while not (out.exists() and out.read_bytes().count(b"\n") > 1):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    workers = [
        int(pid) for path in Path(f"/proc/{process.pid}/task").glob("*/children") for pid in path.read_text().split()
    ]
    process.kill()
    process.wait()
    while any(Path(f"/proc/{pid}").exists() for pid in workers):  # they end with the command that started them
        assert time.monotonic() < end
        time.sleep(0.01)
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "were there already" in done.stderr
    paths = [row["path"] for row in csv.DictReader(out.read_text().splitlines())]
    assert len(paths) == len(set(paths)) == 411


@dataclass(frozen=True)
class Fragile:
    """A task whose process ends by a signal over a picture called `deadly`."""

    columns = (("length", "int"),)

    def load(self):
        def answer(items):
            for item in items:
                if item.key == "deadly":
                    os.kill(os.getpid(), signal.SIGKILL)
            return [(item.key, len(item.content), None) for item in items]

        return answer


class Stillborn(Fragile):
    """A task that no process survives."""

    def load(self):
        os._exit(3)


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX'")
def test_a_picture_that_kills_its_process_is_an_error_row_and_the_others_are_answered_in_order():
    names = [f"{number}" for number in range(30)]
    names[17] = "deadly"
    chunks = [[Item(name, name.encode()) for name in names[start : start + 5]] for start in range(0, 30, 5)]
    with Pool(Fragile(), 2) as pool:
        rows = [row for rows in pool.answer(iter(chunks)) for row in rows]
    assert [row[0] for row in rows] == names
    assert rows[17] == error_row("deadly", "the process that read it ended with status -9", Fragile())
    assert [row[1] for row in rows if row[0] != "deadly"] == [len(name) for name in names if name != "deadly"]


def test_processes_that_cannot_live_are_given_up():
    with (
        Pool(Stillborn(), 1) as pool,
        pytest.raises(PoolError, match="without an answer, the last with status 3"),
    ):
        list(pool.answer(iter([[Item("a", b"a")]])))


def test_the_processes_need_no_main_module(monkeypatch):
    program = ModuleType("__main__")
    program.__file__ = "/gone/program.py"
    monkeypatch.setitem(sys.modules, "__main__", program)
    with Pool(Fragile(), 1) as pool:
        ((row,),) = pool.answer(iter([[Item("0", b"x")]]))
    assert row[0] == "0"
    assert sys.modules["__main__"] is program


def test_chunks_are_taken_only_as_they_are_needed():
    taken = 0

    def chunks():
        nonlocal taken
        for number in range(100):
            taken += 1
            yield [Item(str(number), b"x")]

    with Pool(Fragile(), 1) as pool:
        answers = pool.answer(chunks())
        assert next(answers)[0][0] == "0"
        assert taken <= 10
        assert sum(1 for _ in answers) == 99


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    def full(self, rows):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("digitrec.bulk.outputs.CsvOutput.write", full)
    with pytest.raises(DatasetError, match=r"a\.csv cannot be written: No space left on device; the same command"):
        answer_into(Path("a.csv"), [open_source("pictures")], PredictTask(), processes=1)


def test_without_out_a_folder_is_answered_line_by_line(capsys):
    assert main(["predict", "pictures"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 10


def write_test_csv(path, images):
    lines = [",".join(CSV_COLUMNS[1:]), *(",".join(map(str, image.ravel())) for image in images)]
    path.write_text("\n".join(lines) + "\n")


def test_a_submission_has_a_row_for_each_image(tmp_path, capsys):
    images = [drawing(digit, size=20, canvas=(28, 28), thickness=2) for digit in (3, 1, 4)]
    write_test_csv(tmp_path / "test.csv", images)
    assert main(["predict", "test.csv", "--submission", "s.csv", "--processes", "1"]) == 0
    assert Path("s.csv").read_text() == "ImageId,Label\n1,3\n2,1\n3,4\n"
    assert "3 rows" in capsys.readouterr().err


def test_a_submission_has_a_row_for_a_blank_image_too_and_says_so(tmp_path, capsys):
    write_test_csv(tmp_path / "test.csv", [drawing(4, size=20, canvas=(28, 28), thickness=2), np.zeros((28, 28), int)])
    assert main(["predict", "test.csv", "--submission", "s.csv", "--processes", "1"]) == 1
    assert Path("s.csv").read_text() == "ImageId,Label\n1,4\n2,0\n"
    assert "test.csv#2: " in capsys.readouterr().err


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_a_submission_is_never_written_over_its_table(link, tmp_path, capsys):
    write_test_csv(tmp_path / "test.csv", [drawing(4, size=20, canvas=(28, 28), thickness=2)])
    before = Path("test.csv").read_bytes()
    if link:
        link(tmp_path / "test.csv", tmp_path / "s.csv")
    out = "s.csv" if link else "../" + tmp_path.name + "/test.csv"
    assert main(["predict", "test.csv", "--submission", out, "--processes", "1"]) == 1
    assert f"error: {out} is an input, and would be written over; name another file" in capsys.readouterr().err
    assert Path("test.csv").read_bytes() == before


def test_a_submission_replaces_a_submission_and_nothing_else(tmp_path, capsys):
    write_test_csv(tmp_path / "test.csv", [drawing(4, size=20, canvas=(28, 28), thickness=2)])
    command = ["predict", "test.csv", "--submission", "s.csv", "--processes", "1"]
    for content in ("", "ImageId,Label\n", "ImageId,Label\n1,9\n2,3\n"):
        Path("s.csv").write_text(content)
        assert main(command) == 0
        assert Path("s.csv").read_text() == "ImageId,Label\n1,4\n"
    for content in ("notes\n", "ImageId,Label", "ImageId,Label\n1,4\nmy notes\n", "ImageId,Label\n1,4\n2,", "\0\xff"):
        Path("s.csv").write_text(content, encoding="latin-1")
        capsys.readouterr()
        assert main(command) == 1
        assert "s.csv is there, and is no output of this command; name another file" in capsys.readouterr().err
        assert Path("s.csv").read_text(encoding="latin-1") == content


@pytest.mark.parametrize("name", ["a.jsonl", "none.jsonl"])
def test_the_output_is_no_input(name, capsys):
    assert main(["predict", "pictures/4.png", "--out", "a.jsonl", "--processes", "1"]) == 0
    before = Path("a.jsonl").read_bytes()
    assert main(["predict", name, "--out", f"./{name}", "--processes", "1"]) == 1
    assert f"error: {name} is an input, and would be written to; name another file" in capsys.readouterr().err
    assert Path("a.jsonl").read_bytes() == before
    assert not Path("none.jsonl").exists()


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_pattern_that_matches_the_output_leaves_it_out(kind):
    Path("pictures", "broken.png").unlink()
    for _ in range(2):
        assert main(["predict", "*", "--out", f"a.{kind}", "--processes", "1"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pictures", "--submission", "s.csv"], "answers one CSV file"),
        (["nothing.csv", "--submission", "s.csv"], "nothing.csv: not a CSV file"),
        (["pictures", "--out", "nowhere/a.csv"], "cannot be written"),
        (["nothing.csv", "--submission", "pictures"], "pictures is a folder"),
        (["pictures", "--out", "a.txt"], "ends with .parquet, .csv or .jsonl"),
        (["pictures", "--out", "a.csv", "--model", "nothing.onnx"], "no model at nothing.onnx"),
    ],
)
def test_what_cannot_be_done_is_one_line(words, said, capsys):
    assert main(["predict", *words, "--processes", "1"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert not Path("s.csv").exists()


def test_parquet_without_pyarrow_names_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert main(["predict", "pictures", "--out", "a.parquet"]) == 1
    assert 'python -m pip install "digitrec[many]"' in capsys.readouterr().err
