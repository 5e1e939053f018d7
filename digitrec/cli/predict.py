"""Recognize the digit in each picture: a line a picture, or a file of answers to any number of them."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from digitrec.cli.parser import CommandParser
from digitrec.cli.pictures import add_picture_arguments, print_answers, printable, processes, write_answers
from digitrec.display import describe
from digitrec.errors import DatasetError
from digitrec.recognizer import Recognizer

if TYPE_CHECKING:
    from digitrec.bulk.tasks import PredictTask


def main(argv: list[str] | None = None, prog: str = "python -m digitrec predict") -> int:
    """Run the command. Returns the exit status: 0 all answered, 1 at least one picture could not be.

    Raises:
        DigitrecError: The model, a table or the output cannot be used.
    """
    parser = CommandParser(prog=prog, description=__doc__)
    where = add_picture_arguments(parser)
    where.add_argument(
        "--submission", type=Path, metavar="CSV", help="answer Kaggle's test.csv in the layout that Kaggle takes"
    )
    parser.add_argument("--model", type=Path, metavar="ONNX", help="the model (default: the shipped one)")
    arguments = parser.parse_args(argv)
    if not arguments.out and not arguments.submission:
        return print_answers(arguments, Recognizer(arguments.model).predict, describe)
    from digitrec.bulk.tasks import PredictTask

    task = PredictTask(arguments.model)
    return _submit(arguments, task) if arguments.submission else write_answers(arguments, task)


def _submit(arguments: Namespace, task: "PredictTask") -> int:
    from digitrec.bulk.sources import open_source
    from digitrec.bulk.submission import write_submission
    from digitrec.bulk.tables import PixelTable

    tables = [open_source(name) for name in arguments.files]
    if len(tables) != 1 or not isinstance(tables[0], PixelTable):
        raise DatasetError("--submission answers one CSV file, such as Kaggle's test.csv; for others there is --out")
    rows, failures = write_submission(arguments.submission, tables[0], task, processes=processes(arguments))
    for failure in failures:
        print(f"error: {printable(failure)}; it has a 0", file=sys.stderr)
    print(f"{printable(str(arguments.submission))}: {rows:,} rows", file=sys.stderr)
    return 1 if failures else 0
