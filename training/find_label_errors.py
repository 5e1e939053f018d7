"""Find rows of a data set whose label is likely wrong, by networks that never saw the row."""

import argparse
import shlex
import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.errors import DatasetError
from digitrec.files import check_output, readable_by
from digitrec.learning.backend import import_keras
from digitrec.learning.data.label_errors import (
    THRESHOLD,
    LabelErrors,
    find_label_errors,
    read_any_label_errors,
    rows_digest,
)
from digitrec.learning.data.rows import load_rows
from digitrec.learning.runs.provenance import current_commit, package_versions
from training.command import run_command

SHOWN = 20
"""Rows that are printed."""


def main(argv: list[str] | None = None, prog: str = "python -m training.find_label_errors") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("csv", metavar="CSV", help="a CSV file of digits, or a folder of pictures; it is not changed")
    parser.add_argument("out", type=Path, metavar="OUT", help="the list to write, JSON")
    parser.add_argument("--folds", type=whole_number(2), default=5, metavar="N", help="networks (default: 5)")
    parser.add_argument("--epochs", type=whole_number(1), default=6, metavar="N", help="of each network (default: 6)")
    parser.add_argument(
        "--mnist",
        type=whole_number(0),
        default=20_000,
        metavar="N",
        help="MNIST training images that each network is also trained on (default: 20,000)",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        metavar="P",
        help="probability of another digit from which on a row is suspect (default: %(default)s)",
    )
    words = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(words)
    if not 0.5 <= arguments.threshold < 1:
        parser.error(f"--threshold {arguments.threshold}: it must be at least 0.5 and below 1")
    return run_command(lambda: _find(arguments, shlex.join(["python", "-m", "training.find_label_errors", *words])))


def _find(arguments: argparse.Namespace, command: str) -> None:
    check_output(arguments.out, [arguments.csv], readable_by(read_any_label_errors))
    examples = load_rows(arguments.csv)
    if len(examples) < 2 * arguments.folds:
        raise DatasetError(f"{arguments.csv}: {len(examples)} rows are too few for {arguments.folds} folds")
    import_keras()
    from digitrec.learning.cross_validation import out_of_fold_probabilities_of_images
    from digitrec.learning.data.mnist import load_mnist
    from digitrec.learning.strokes.suspects import Rule

    rule = Rule(folds=arguments.folds, epochs=arguments.epochs, mnist=arguments.mnist)
    mnist, _ = load_mnist()
    probabilities = out_of_fold_probabilities_of_images(
        examples, mnist, rule, report=lambda line: print(line, flush=True)
    )
    errors = find_label_errors(examples.labels, probabilities, arguments.threshold)
    origin = {"command": command, "commit": current_commit(), "packages": package_versions()}
    LabelErrors(rows_digest(examples), errors, origin).save(arguments.out)
    for error in errors[:SHOWN]:
        print(f"row {error.row + 1}: labelled {error.label}, read as {error.predicted} ({error.confidence:.1%})")
    print(f"{len(errors):,} of {len(examples):,} labels are likely wrong; wrote {arguments.out}")


if __name__ == "__main__":
    sys.exit(main())
