"""The command `digitrec`: what it prints, its exit status, and the commands that other packages add."""

import io
import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from digitrec import ReadDigit, Reading, ReadNumber, predict
from digitrec.bulk import tasks
from digitrec.bulk.items import Item
from digitrec.cli import dispatch, main, read
from digitrec.cli.parser import CommandParser
from tests.support.drawings import HEART, drawing, encoded

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    """A working directory with four.png, heart.png and broken.png in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "four.png").write_bytes(encoded(255 - drawing(4)))
    (tmp_path / "heart.png").write_bytes(encoded(255 - drawing(HEART)))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    return tmp_path


def test_predict_prints_a_line_a_picture(capsys):
    assert main(["predict", "four.png", "heart.png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"four\.png: 4, \d\d\.\d% sure", lines[0])
    assert re.fullmatch(r"heart\.png: not a digit \(best guess \d\)", lines[1])


def test_a_picture_that_fails_leaves_the_others_answered_and_the_exit_status_1(capsys):
    assert main(["predict", "broken.png", "missing.png", "four.png"]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("four.png: 4, ")
    assert len(printed.out.splitlines()) == 1
    errors = printed.err.splitlines()
    assert [line.split(":")[1].strip() for line in errors] == ["broken.png", "missing.png"]


def test_predict_prints_json_lines_with_errors_in_their_place(capsys):
    assert main(["predict", "--json", "broken.png", "four.png"]) == 1
    broken, four = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(broken) == {"path", "error"}
    assert four["path"] == "four.png"
    assert four["digit"] == 4
    assert len(four["probabilities"]) == 10


def test_predict_reads_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(Path("four.png").read_bytes())))
    assert main(["predict", "-"]) == 0
    assert capsys.readouterr().out.startswith("-: 4, ")


@pytest.mark.skipif(os.name != "posix", reason="such names exist on POSIX alone")
def test_a_name_cannot_break_the_line_nor_steer_the_terminal(capfd):
    names = [b"a\nb.png", b"\x1b[2Jc.png", b"\xff.png"]
    for name in names:
        Path(os.fsdecode(name)).write_bytes(Path("four.png").read_bytes())
    # In a process of its own: pytest's capture takes any character.
    done = subprocess.run([sys.executable, "-m", "digitrec", "predict", *names], env=environ(), capture_output=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 3
    assert all(": 4, " in line and line.isprintable() for line in lines)


def environ() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_predict_loads_no_front_end_and_looks_at_no_metadata():
    code = (
        "import sys; from digitrec.cli import main; main(['predict', 'four.png']);"
        " print([n for n in ('flask_app', 'demos', 'training', 'importlib.metadata') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ(), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "[]"


def test_a_reader_that_closes_early_gets_no_traceback():
    many = ["four.png"] * 2000
    code = "import sys; from digitrec.cli import main; sys.exit(main(['predict', '--json', *sys.argv[1:]]))"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *many], env=environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


FRAME = np.zeros((28, 28), np.float32)


class FakeReader:
    """Reads "12 -3.5" above "4" in every picture that is one."""

    def __init__(self, path=None):
        pass

    def read(self, image):
        predict(image)
        digits = tuple(
            ReadDigit(d, 0.9, np.full(10, 0.1, np.float32), 0.1, (0, 0, 1, 1), FRAME) for d in (1, 2, 3, 5, 4)
        )
        first = ReadNumber("12", digits[:2], (0, 0, 1, 1), 0.81)
        second = ReadNumber("-3.5", digits[2:4], (0, 0, 1, 1), 0.81)
        return Reading(((first, second), (ReadNumber("4", digits[4:], (0, 0, 1, 1), 0.9),)))


def test_read_prints_a_line_a_picture(monkeypatch, capsys):
    monkeypatch.setattr(read, "Reader", FakeReader)
    assert main(["read", "broken.png", "four.png"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "four.png: 12 -3.5 / 4\n"
    assert printed.err.startswith("error: broken.png: ")
    assert main(["read", "four.png", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["path"] == "four.png"
    assert [number["text"] for number in answer["numbers"]] == ["12", "-3.5", "4"]


def test_a_reading_without_digits_says_so():
    assert read.describe_reading(Reading()) == "no digit found"


def test_read_writes_a_row_a_picture(monkeypatch):
    monkeypatch.setattr(tasks, "Reader", FakeReader)
    rows = tasks.ReadTask().load()([Item("a.png", "four.png"), Item("b.png", "broken.png")])
    assert rows[0][:2] == ("a.png", r"12 -3.5\n4")
    assert [number["text"] for number in json.loads(rows[0][2])] == ["12", "-3.5", "4"]
    assert rows[0][-1] is None
    assert rows[1][:3] == ("b.png", None, None)
    assert "not a readable picture" in rows[1][-1]


def test_model_prints_the_card(capsys):
    assert main(["model"]) == 0
    text = capsys.readouterr().out
    card = json.loads((ROOT / "models" / "card.json").read_text())
    assert card["artifacts"]["digitrec.onnx"]["sha256"][:12] in text
    assert f"{card['figures']['mnist_test']['accuracy']:.2%}" in text
    assert main(["model", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == card


def test_model_names_what_is_wrong_with_a_card(tmp_path, capsys):
    assert main(["model", "--models", "nowhere"]) == 1
    assert "no model card at nowhere" in capsys.readouterr().err
    (tmp_path / "card.json").write_text('{"artifacts": {}}')
    assert main(["model", "--models", "."]) == 1
    assert "lacks what is shown (KeyError('name'))" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predikt", "four.png"], "did you mean predict?"),
        (["four.png"], "to recognize a picture: digitrec predict four.png"),
        (["x" * 500], "there is no command 'xxx"),
        ([""], "there is no command ''"),
    ],
)
def test_an_unknown_command_is_one_line(words, said, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert len(error) < 200


def test_help_lists_every_command_with_what_it_does(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for name in (*dispatch.CORE, *(entry.name for entry in entry_points(group=dispatch.GROUP))):
        assert re.search(rf"^  {name} +[A-Z].+[^.]$", text, re.MULTILINE), name


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Install a distribution that adds the commands `twice`, `lacking` and `broken`."""
    site = tmp_path / "site"
    (site / "plugin-1.dist-info").mkdir(parents=True)
    (site / "plugin-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1\n")
    (site / "plugin-1.dist-info" / "entry_points.txt").write_text(
        f"[{dispatch.GROUP}]\ntwice = plugin_of_a_test.twice:main\n"
        "lacking = plugin_of_a_test.lacking:main [spam,eggs]\n"
        "broken = plugin_of_a_test.broken:main [spam]\npredict = plugin_of_a_test.twice:main\n"
    )
    package = site / "plugin_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("raise_if_imported = 1\n")
    (package / "twice.py").write_text(
        '"""Say it twice. And no more."""\ndef main(argv, prog):\n    print(prog, *argv, *argv)\n    return len(argv)\n'
    )
    (package / "lacking.py").write_text("import no_such_package_at_all.part\n")
    (package / "broken.py").write_text("import plugin_of_a_test.missing\n")
    monkeypatch.syspath_prepend(str(site))
    yield
    for name in [name for name in sys.modules if name.startswith("plugin_of_a_test")]:
        del sys.modules[name]


@pytest.mark.usefixtures("added")
def test_an_entry_point_adds_a_command(capsys):
    assert main(["twice", "a", "--b"]) == 2
    assert capsys.readouterr().out == "digitrec twice a --b a --b\n"


@pytest.mark.usefixtures("added")
def test_no_entry_point_replaces_a_command_of_the_core(capsys):
    assert main(["predict", "four.png"]) == 0
    assert capsys.readouterr().out.startswith("four.png: 4, ")


@pytest.mark.usefixtures("added")
def test_a_missing_extra_is_named_in_a_sentence(capsys):
    assert main(["lacking"]) == 1
    error = capsys.readouterr().err
    assert error == (
        "digitrec lacking: the package no_such_package_at_all is not installed; get it with:"
        ' python -m pip install "digitrec[spam,eggs]"\n'
    )


@pytest.mark.usefixtures("added")
def test_a_module_that_a_command_forgot_to_ship_is_no_missing_extra():
    with pytest.raises(ModuleNotFoundError, match=r"plugin_of_a_test\.missing"):
        main(["broken"])


@pytest.mark.usefixtures("added")
def test_a_summary_is_read_without_importing():
    assert dispatch.summary("plugin_of_a_test.twice") == "Say it twice"
    assert dispatch.summary("plugin_of_a_test.lacking") == ""
    assert dispatch.summary("plugin_of_a_test.not_there") == ""
    assert "plugin_of_a_test" not in sys.modules


@pytest.mark.parametrize("name", [*dispatch.CORE, *sorted(e.name for e in entry_points(group=dispatch.GROUP))])
def test_a_wrong_argument_is_one_line(name, capsys):
    wrong = ["--port", "99999"] if name == "dashboard" else ["--no-such-flag"]  # the dashboard hands on unknown flags
    with pytest.raises(SystemExit) as ended:
        main([name, *wrong])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"digitrec {name}: ")
    assert error.endswith(f"; see digitrec {name} --help\n")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("text", ["99999", "0", "-1", "x", "1.5", "", "9" * 5000])
def test_a_port_out_of_range_is_an_argument_error(text, capsys):
    parser = CommandParser(prog="it")
    parser.add_argument("--port", type=dispatch.resolve_name("digitrec.cli.parser:port_number"))
    with pytest.raises(SystemExit):
        parser.parse_args(["--port", text])
    assert "is not a whole number from 1 to 65535" in capsys.readouterr().err
