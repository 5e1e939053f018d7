"""Rubbish in every flag of every command of `training`: a sentence, never a traceback. All in this process."""

import importlib
import json
import pkgutil
import signal

import numpy as np
import pytest

import training
from digitrec.cli.parser import CommandParser
from digitrec.errors import DatasetError
from digitrec.learning.data import mnist
from digitrec.learning.models import export
from tests.support.small_data import bars

BASES = {
    "calibrate": ["run"],
    "calibrate_reader": [],
    "draw_digit_forms": ["forms.jsonl", "--count", "1"],
    "evaluate": [],
    "evaluate_reader": [],
    "export": [],
    "export_reader": ["run"],
    "fetch_strokes": [],
    "find_label_errors": ["mine.csv", "errors.json"],
    "find_suspects": ["strokes.jsonl", "suspects.json"],
    "import_pictures": ["pictures", "pictures.csv"],
    "inspect_network": ["run"],
    "render_negatives": ["negatives.csv", "--count", "1"],
    "render_printed": ["printed.csv", "--count", "1"],
    "trace_characters": ["characters.jsonl", "--fonts", "."],
    "render_strokes": ["strokes.jsonl", "drawn.csv", "--per-digit", "1"],
    "train": [],
    "train_reader": [],
}
"""Positional arguments of each command, and what makes it short."""

RUBBISH = ("", "nan", "-7", "1e400", "0x10", "/proc/nope/x", "no such thing", "\N{PILE OF POO}", "x" * 3_000)

NO_COMMANDS = {"command", "options"}


class ParsedError(Exception):
    """Raised in place of running a command, with its parser."""


def commands():
    names = {module.name for module in pkgutil.iter_modules(training.__path__)} - NO_COMMANDS
    return sorted(name for name in names if hasattr(importlib.import_module(f"training.{name}"), "main"))


def parser_of(name):
    """The parser that a command makes in its main function."""
    with pytest.MonkeyPatch.context() as patch:

        def stop(self, *_):
            raise ParsedError(self)

        patch.setattr(CommandParser, "parse_args", stop)
        patch.setattr(CommandParser, "parse_known_args", stop)
        with pytest.raises(ParsedError) as caught:
            importlib.import_module(f"training.{name}").main([])
    return caught.value.args[0]


def arguments_of(name):
    """The command with rubbish in one place, for each place and each kind of rubbish."""
    base = BASES.get(name, [])
    for action in parser_of(name)._actions:
        if action.nargs == 0:
            continue
        for rubbish in RUBBISH:
            if action.option_strings:
                yield [*base, f"{action.option_strings[-1]}={rubbish}"]
            elif rubbish[:1] != "-":
                place = [one.dest for one in parser_of(name)._actions if not one.option_strings].index(action.dest)
                yield [*base[:place], rubbish, *base[place + 1 :]]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """An empty folder with little data; no command gets as far as Keras or another host."""

    def stop(*_, **__):
        raise DatasetError("stopped here by the test")

    def small_mnist():
        return bars(60, seed=1), bars(20, seed=2)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGITREC_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setattr(mnist, "load_mnist", small_mnist)
    monkeypatch.setattr(export, "load_mnist", small_mnist)
    monkeypatch.setattr("urllib.request.urlopen", stop)
    for name in commands():
        module = importlib.import_module(f"training.{name}")
        for where in ("import_keras", "export_corrections", "_answers", "Explainer"):
            if hasattr(module, where):
                monkeypatch.setattr(module, where, stop)
    (tmp_path / "pictures").mkdir()
    strokes = [np.cumsum(np.ones((9, 2)) * place, axis=0).tolist() for place in (1, 2)]
    lines = [json.dumps({"label": digit, "writer": "ann", "strokes": strokes}) for digit in range(10)]
    (tmp_path / "strokes.jsonl").write_text("\n".join(lines) + "\n")
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.parametrize("name", commands())
def test_rubbish_in_a_flag_is_a_sentence(name, desk, capsys):
    main = importlib.import_module(f"training.{name}").main
    tried = 0
    for words in arguments_of(name):
        tried += 1
        try:
            status = main(words)
        except SystemExit as ended:
            status = ended.code
        except Exception as error:
            pytest.fail(f"training.{name} {[word[:60] for word in words]} raises {type(error).__name__}: {error}")
        said = capsys.readouterr().err.strip()
        assert status in (0, 1, 2), words
        assert "Traceback" not in said, words
        assert status == 0 or said, words
        assert len(said.splitlines()) <= 4, (words, said)
    assert tried
