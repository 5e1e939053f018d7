"""Draw pen strokes as people draw in an app, and write the drawings as CSV rows for `training.train --csv`."""

import argparse
import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.files import check_output
from digitrec.learning.backend import import_keras
from digitrec.learning.strokes.recordings import PenDigit, choose_writers, read_strokes
from digitrec.learning.strokes.suspects import PENDIGITS_SUSPECTS, drop_suspects, read_suspects
from digitrec.training_rows import is_training_csv
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.render_strokes") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("strokes", type=Path, metavar="STROKES", help="JSON lines: label, writer, strokes; .gz or not")
    parser.add_argument("csv", type=Path, metavar="CSV", help="the file to write, in Kaggle's layout")
    parser.add_argument(
        "--per-digit", type=whole_number(1), default=8, metavar="N", help="drawings of each recorded digit (default: 8)"
    )
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help="seed of the drawings' styles (default: 0)"
    )
    parser.add_argument(
        "--other-hands", action="store_true", help="bend each drawing, as if somebody else had written the digit"
    )
    parser.add_argument(
        "--vary", action="store_true", help="vary the strokes as other hands would: hooks, gaps, feet, bars, slants"
    )
    writers = parser.add_mutually_exclusive_group()
    writers.add_argument("--only-writers", metavar="A,B", help="draw what these wrote; others are left out")
    writers.add_argument("--without-writers", metavar="A,B", help="leave out what these wrote, to validate on it")
    doubts = parser.add_mutually_exclusive_group()
    doubts.add_argument(
        "--drop-suspects",
        action="store_true",
        help="leave out the recordings of UCI's pen digits whose label is doubtful; see learning/strokes/suspects.py",
    )
    doubts.add_argument(
        "--suspects", type=Path, metavar="FILE", help="leave out those on a list that training.find_suspects made"
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _render(arguments))


def _render(arguments: argparse.Namespace) -> None:
    inputs = [arguments.strokes, *([arguments.suspects] if arguments.suspects else [])]
    check_output(arguments.csv, inputs, is_training_csv)
    digits, dropped = _recordings(arguments)
    import_keras()
    from digitrec.learning.data.kaggle_csv import save_csv
    from digitrec.learning.strokes.rendering import render

    examples = render(
        digits,
        per_digit=arguments.per_digit,
        seed=arguments.seed,
        other_hands=arguments.other_hands,
        varied=arguments.vary,
    )
    save_csv(examples, arguments.csv)
    if arguments.drop_suspects or arguments.suspects:
        print(f"left out {dropped} recordings whose label is doubtful")
    print(f"wrote {len(examples):,} drawings of {len(digits):,} digits to {arguments.csv}")


def _recordings(arguments: argparse.Namespace) -> tuple[list[PenDigit], int]:
    """The recordings to draw, and how many were left out as suspects."""
    digits = read_strokes(arguments.strokes)
    chosen = choose_writers(digits, only=_names(arguments.only_writers), without=_names(arguments.without_writers))
    if not (arguments.drop_suspects or arguments.suspects):
        return chosen, 0
    undoubted = set(drop_suspects(digits, read_suspects(arguments.suspects or PENDIGITS_SUSPECTS)))
    kept = [digit for digit in chosen if digit in undoubted]
    return kept, len(chosen) - len(kept)


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()] if text else []


if __name__ == "__main__":
    sys.exit(main())
