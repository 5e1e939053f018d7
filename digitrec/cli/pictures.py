"""What the commands share that answer pictures: their inputs, a line a picture, and files of answers."""

import json
import sys
from argparse import ArgumentParser, Namespace, _MutuallyExclusiveGroup
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from digitrec.cli.parser import whole_number
from digitrec.decoding import ImageLike
from digitrec.errors import DigitrecError

if TYPE_CHECKING:
    from digitrec.bulk.tasks import Task

EPILOG = (
    "FILE is a picture, - for standard input, a folder, a pattern in quotes, an archive (tar, zip) or a table (Parquet,"
    " CSV with a pixel a column). docs/many-pictures.md tells more."
)


class Answer(Protocol):
    """What is said of one picture."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        ...


def add_picture_arguments(parser: ArgumentParser) -> _MutuallyExclusiveGroup:
    """Add the inputs, and where the answers go. Returns the group of the latter, of which one may be given."""
    parser.epilog = EPILOG
    parser.add_argument("files", nargs="+", metavar="FILE", help="a picture, or something that holds pictures")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--json", action="store_true", help="print a JSON object a line, with all that is known")
    where.add_argument(
        "--out", type=Path, metavar="OUT", help="write answers to OUT.parquet, .csv or .jsonl; goes on with one there"
    )
    parser.add_argument(
        "--processes", type=whole_number(1, 1024), metavar="N", help="with --out: processes (default: one a core)"
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="with --out: what runs the processes, this machine or a Ray cluster (default: %(default)s)",
    )
    parser.add_argument("--column", metavar="NAME", help="column of a Parquet file that holds the pictures, or paths")
    return where


def print_answers(arguments: Namespace, answer: Callable[[ImageLike], Answer], describe: Callable[[Any], str]) -> int:
    """Print a line for each picture. Returns the exit status: 0 all answered, 1 at least one could not be.

    Args:
        arguments: With what `add_picture_arguments` added.
        answer: Answers one picture.
        describe: Puts its answer into words, on one line.
    """
    from digitrec.bulk.remote import fetch_all
    from digitrec.bulk.sources import open_source

    failed = 0
    for name in arguments.files:
        for item in open_source(name, arguments.column).items(lambda key: True):
            ((key, content),) = fetch_all([item])
            try:
                if isinstance(content, DigitrecError):
                    raise content
                found = answer(content)
            except DigitrecError as error:
                failed += 1
                print_error(key, error, arguments.json)
            else:
                in_words = f"{printable(key)}: {describe(found)}"
                print(json.dumps({"path": key, **found.to_dict()}) if arguments.json else in_words)
    return 1 if failed else 0


def write_answers(arguments: Namespace, task: "Task") -> int:
    """Answer all pictures into the file that `--out` names.

    Returns the exit status, as `print_answers` does: 1 as well where an error was in the file before.

    Raises:
        DigitrecError: The task, a table or the output cannot be used.
    """
    from digitrec.bulk.run import answer_here, answer_into
    from digitrec.bulk.sources import open_source

    out = printable(str(arguments.out))
    sources = [open_source(name, arguments.column, arguments.out) for name in arguments.files]
    engine, count = answer_here, processes(arguments)
    if arguments.engine == "ray":
        from digitrec.bulk.ray_cluster import answer_on_cluster, connect

        cores = connect()
        engine, count = answer_on_cluster, arguments.processes or cores
    try:
        outcome = answer_into(arguments.out, sources, task, processes=count, engine=engine)
    except KeyboardInterrupt:
        print(f"stopped; the same command goes on with {out}", file=sys.stderr)
        raise
    rate = outcome.answered / outcome.seconds if outcome.seconds else 0
    failed, failed_before = _count_errors(outcome.errors), _count_errors(outcome.errors_before)
    earlier = f"; {outcome.before:,} were there already{failed_before}" if outcome.before else ""
    counted = f"{outcome.answered:,} picture{'' if outcome.answered == 1 else 's'}"
    print(f"{out}: {counted} in {outcome.seconds:,.1f} s ({rate:,.0f} a second){failed}{earlier}", file=sys.stderr)
    return 1 if outcome.errors or outcome.errors_before else 0


def _count_errors(number: int) -> str:
    return f", {number:,} of them with an error" if number else ""


def processes(arguments: Namespace) -> int:
    """How many processes are to answer."""
    from digitrec.bulk.pool import usable_cores

    return arguments.processes or usable_cores()


def printable(name: str) -> str:
    """A file's name without what would break the line or steer a terminal."""
    return name if name.isprintable() else ascii(name)


def print_error(name: str, error: DigitrecError, as_json: bool) -> None:
    """Say on stderr that a picture could not be answered, and why; with `as_json`, on stdout as JSON too."""
    if as_json:
        failure: dict[str, Any] = {"path": name, "error": str(error)}
        print(json.dumps(failure))
    print(f"error: {printable(name)}: {error}", file=sys.stderr)
