"""Turn a folder of pictures into training data, as CSV rows for `training.train --csv`."""

import argparse
import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser
from digitrec.errors import DatasetError
from digitrec.files import check_output
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import save_csv
from digitrec.learning.data.picture_folder import find_pictures, frame_pictures
from digitrec.recognizer import Recognizer
from digitrec.training_rows import NOT_A_DIGIT, is_training_csv, negatives_path
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.import_pictures") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, or at least one picture could not be read."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="pictures of one digit each, in folders named 0 to 9, or with names that begin with the digit (7_ann.png);"
        " a folder named none holds non-digits",
    )
    parser.add_argument(
        "csv", type=Path, metavar="CSV", help="the file to write; non-digits go to the same name with -negatives"
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _import(arguments))


def _import(arguments: argparse.Namespace) -> None:
    check_output(arguments.csv, [], is_training_csv)
    check_output(negatives_path(arguments.csv), [], is_training_csv)
    pictures = find_pictures(arguments.folder)
    examples, failures = frame_pictures(pictures, Recognizer())
    for picture, error in failures:
        print(f"left out {picture.path}: {error}", file=sys.stderr)
    is_digit = examples.labels != NOT_A_DIGIT
    _write(examples.take(is_digit), arguments.csv, "--csv")
    _write(examples.take(~is_digit), negatives_path(arguments.csv), "--negatives")
    if failures:
        raise DatasetError(f"{len(failures):,} of {len(pictures):,} pictures could not be used; see above")


def _write(examples: Examples, path: Path, flag: str) -> None:
    if len(examples):
        save_csv(examples, path)
        count = f"{len(examples):,} {'picture' if len(examples) == 1 else 'pictures'}"
        print(f"wrote {count} to {path}; train on it with: digitrec train {flag} {path}")


if __name__ == "__main__":
    sys.exit(main())
