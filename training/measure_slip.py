"""Measure how often strangers' drawings are another digit than they clearly seem to be, for `training.calibrate`."""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from digitrec.errors import DatasetError
from digitrec.learning.strokes import PenDigit, choose_writers, read_strokes
from digitrec.learning.suspects import PENDIGITS_SUSPECTS, Rule, read_suspects, without_suspects
from training.find_suspects import add_rule, rule_from


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    parser = argparse.ArgumentParser(prog="python -m training.measure_slip", description=__doc__)
    parser.add_argument("strokes", type=Path, metavar="STROKES", help="JSON lines: label, writer, strokes; .gz or not")
    parser.add_argument("--without-writers", default="", metavar="A,B", help="leave out what these wrote")
    parser.add_argument(
        "--drop-suspects",
        action="store_true",
        help="leave out the recordings of UCI's pen digits whose label is doubtful; see digitrec/learning/suspects.py",
    )
    add_rule(parser, "folds", "drawings", "mnist", "epochs", "width", "seed")
    arguments = parser.parse_args(argv)
    rule = rule_from(parser, arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        _measure(_recordings(arguments), rule)
    except DatasetError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _recordings(arguments: argparse.Namespace) -> list[PenDigit]:
    digits = read_strokes(arguments.strokes)
    chosen = choose_writers(digits, without=[name.strip() for name in arguments.without_writers.split(",") if name])
    if not arguments.drop_suspects:
        return chosen
    undoubted = set(without_suspects(digits, read_suspects(PENDIGITS_SUSPECTS)))
    return [digit for digit in chosen if digit in undoubted]


def _measure(digits: list[PenDigit], rule: Rule) -> None:
    from digitrec.learning.calibration import fit_slip
    from digitrec.learning.cross_validation import answers_of_others
    from digitrec.learning.datasets import load_mnist

    mnist, _ = load_mnist()
    answers, rows = answers_of_others(digits, mnist, rule, report=lambda line: print(line, flush=True))
    labels = np.array([digit.label for digit in digits], np.uint8)[rows]
    right = answers.argmax(1) == labels
    print(f"{right.mean():.2%} of {len(rows):,} drawings read as labelled, with {answers.max(1).mean():.2%} confidence")
    print(f"slip: {fit_slip(answers, labels):.4f}")


if __name__ == "__main__":
    sys.exit(main())
