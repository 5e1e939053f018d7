"""Recognize the digit in each picture: a line a picture, or a file of answers to any number of them."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.display import describe
from digitrec.errors import DatasetError, DigitrecError
from digitrec.recognizer import Prediction, Recognizer

if TYPE_CHECKING:
    from digitrec.bulk.items import Item

EPILOG = (
    "FILE is a picture, - for standard input, a folder, a pattern in quotes, an archive (tar, zip) or a table (Parquet,"
    " CSV with a pixel a column). docs/many-pictures.md tells more."
)


def main(argv: list[str] | None = None, prog: str = "python -m digitrec predict") -> int:
    """Run the command. Returns the exit status: 0 all answered, 1 at least one picture could not be.

    Raises:
        DigitrecError: The model, a table or the output cannot be used.
    """
    parser = CommandParser(prog=prog, description=__doc__, epilog=EPILOG)
    parser.add_argument("files", nargs="+", metavar="FILE", help="a picture, or something that holds pictures")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--json", action="store_true", help="print a JSON object a line, with all ten probabilities")
    where.add_argument(
        "--out", type=Path, metavar="OUT", help="write answers to OUT.parquet, .csv or .jsonl; goes on with one there"
    )
    where.add_argument(
        "--submission", type=Path, metavar="CSV", help="answer Kaggle's test.csv in the layout that Kaggle takes"
    )
    parser.add_argument("--model", metavar="ONNX", help="the model (default: the shipped one)")
    parser.add_argument(
        "--processes", type=whole_number(1, 1024), metavar="N", help="with --out: processes (default: one a core)"
    )
    parser.add_argument("--column", metavar="NAME", help="column of a Parquet file that holds the pictures, or paths")
    arguments = parser.parse_args(argv)
    if arguments.out or arguments.submission:
        return _in_processes(arguments, prog)
    return _line_by_line(arguments)


def _line_by_line(arguments: Namespace) -> int:
    recognizer = Recognizer(arguments.model)
    failed = 0
    for key, content in _items(arguments.files, arguments.column):
        try:
            if isinstance(content, DigitrecError):
                raise content
            answer = recognizer.predict(content)
        except DigitrecError as error:
            failed += 1
            _print_error(key, error, arguments.json)
        else:
            print(json.dumps({"path": key, **answer.to_dict()}) if arguments.json else answer_line(key, answer))
    return 1 if failed else 0


def _items(names: list[str], column: str | None) -> Iterator["Item"]:
    from digitrec.bulk.sources import open_source

    for name in names:
        yield from open_source(name, column).items(lambda key: True)


def _in_processes(arguments: Namespace, prog: str) -> int:
    from digitrec.bulk.pool import usable_cores
    from digitrec.bulk.run import answer_into
    from digitrec.bulk.sources import open_source
    from digitrec.bulk.tasks import PredictTask

    processes = arguments.processes or usable_cores()
    sources = [open_source(name, arguments.column) for name in arguments.files]
    task = PredictTask(Path(arguments.model) if arguments.model else None)
    if arguments.submission:
        return _submit(arguments.submission, sources, task, processes)
    try:
        outcome = answer_into(arguments.out, sources, task, processes=processes)
    except KeyboardInterrupt:
        print(f"stopped; the same command goes on with {printable(str(arguments.out))}", file=sys.stderr)
        raise
    failed = f", {outcome.errors:,} of them with an error" if outcome.errors else ""
    rate = outcome.answered / outcome.seconds if outcome.seconds else 0
    earlier = f"; {outcome.before:,} were there already" if outcome.before else ""
    print(
        f"{printable(str(arguments.out))}: {outcome.answered:,} pictures in {outcome.seconds:,.1f} s"
        f" ({rate:,.0f} a second){failed}{earlier}",
        file=sys.stderr,
    )
    return 1 if outcome.errors else 0


def _submit(path: Path, sources: list[Any], task: Any, processes: int) -> int:
    from digitrec.bulk.submission import write_submission
    from digitrec.bulk.tables import PixelTable

    if len(sources) != 1 or not isinstance(sources[0], PixelTable):
        raise DatasetError("--submission answers one CSV file, such as Kaggle's test.csv; for others there is --out")
    rows, failures = write_submission(path, sources[0], task, processes=processes)
    for failure in failures:
        print(f"error: {printable(failure)}; it has a 0", file=sys.stderr)
    print(f"{printable(str(path))}: {rows:,} rows", file=sys.stderr)
    return 1 if failures else 0


def answer_line(name: str, answer: Prediction) -> str:
    """A picture's name and what it shows, on one line whatever the name holds."""
    return f"{printable(name)}: {describe(answer)}"


def printable(name: str) -> str:
    """A file's name without what would break the line or steer a terminal."""
    return name if name.isprintable() else ascii(name)


def _print_error(name: str, error: DigitrecError, as_json: bool) -> None:
    if as_json:
        failure: dict[str, Any] = {"path": name, "error": str(error)}
        print(json.dumps(failure))
    print(f"error: {printable(name)}: {error}", file=sys.stderr)
