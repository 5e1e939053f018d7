"""Files that commands write: never over an input, nor over a file of something else. None gets as far as Keras."""

import importlib
import json
from pathlib import Path

import pytest

from digitrec.training_rows import CSV_HEADER

SUSPECTS = {"sha256": "", "suspects": [], "rule": {}}

COMMANDS = {
    "draw_digit_forms": (["OUT", "--count", "1"], '{"label": 1, "writer": "ann", "strokes": [[[0, 0]]]}\n'),
    "fetch_strokes": (["--out", "OUT"], '{"label": 1, "writer": "ann", "strokes": [[[0, 0]]]}\n'),
    "trace_characters": (["OUT", "--fonts", "."], '{"alphabet": "Latin", "character": "a", "strokes": [[[0, 0]]]}\n'),
    "find_suspects": (["INPUT", "OUT"], json.dumps(SUSPECTS)),
    "find_label_errors": (["INPUT", "OUT"], '{"sha256": "", "errors": []}'),
    "render_strokes": (["INPUT", "OUT", "--suspects", "INPUT2"], CSV_HEADER),
    "render_negatives": (["OUT", "--strokes", "INPUT", "--characters", "INPUT2"], CSV_HEADER),
    "render_printed": (["OUT", "--fonts", "nowhere"], CSV_HEADER),
    "import_pictures": (["nowhere", "OUT"], CSV_HEADER),
}
"""The arguments of each command that writes a file of a name that is given, and the beginning of such a file."""

FOREIGN = [b"notes", b'{"my": "data"}', b"[1]", b"\x1f\x8b broken", b"label,pixel0\n1,0\n", b"\x89PNG\r\n"]


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    """A working directory."""
    monkeypatch.chdir(tmp_path)


def run(name, **names):
    module = importlib.import_module(f"training.{name}")
    return module.main([names.get(word, word) for word in COMMANDS[name][0]])


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("ending", ["csv", "gz"])
def test_a_file_of_something_else_is_refused_and_kept(name, content, ending, capsys):
    out = Path(f"a.{ending}")
    out.write_bytes(content)
    assert run(name, OUT=str(out)) == 1
    assert f"error: {out} is there, and is no output of this command; name another file" in capsys.readouterr().err
    assert out.read_bytes() == content


@pytest.mark.parametrize("place", ["INPUT", "INPUT2"])
@pytest.mark.parametrize("name", COMMANDS)
def test_an_input_is_no_output(name, place, capsys):
    if place not in COMMANDS[name][0]:
        return
    Path("a").write_text(COMMANDS[name][1])
    assert run(name, **{"INPUT": "b", place: "a", "OUT": "./a"}) == 1
    assert "error: a is an input, and would be written over; name another file" in capsys.readouterr().err
    assert Path("a").read_text() == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_of_the_same_command_and_an_empty_one_are_not_refused(name, monkeypatch):
    """They are replaced when all is done, which these commands never are."""

    class ReachedError(Exception):
        pass

    module = importlib.import_module(f"training.{name}")
    check = module.check_output

    def check_and_stop(*arguments):
        check(*arguments)
        raise ReachedError

    monkeypatch.setattr(module, "check_output", check_and_stop)
    for content in (COMMANDS[name][1], ""):
        Path("a.out").write_text(content)
        with pytest.raises(ReachedError):
            run(name, OUT="a.out")


def test_the_second_file_of_an_import_is_kept_too(capsys):
    Path("a-negatives.csv").write_text("notes")
    assert run("import_pictures", OUT="a.csv") == 1
    assert "error: a-negatives.csv is there, and is no output of this command" in capsys.readouterr().err
