"""Draw pictures of non-digits, and write them as CSV rows for training."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.files import check_output
from digitrec.learning.backend import import_keras
from digitrec.training_rows import is_training_csv
from training.command import add_seed, run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.render_negatives") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("csv", type=Path, metavar="CSV", help="the file to write, in Kaggle's layout, label 10")
    parser.add_argument(
        "--part",
        choices=("train", "validation", "test"),
        default="train",
        help="what they are for: each has fonts, writers, words and some signs of its own (default: train)",
    )
    parser.add_argument(
        "--count", type=whole_number(1), default=30_000, metavar="N", help="pictures to draw (default: 30,000)"
    )
    add_seed(parser)
    parser.add_argument(
        "--strokes",
        type=Path,
        metavar="STROKES",
        help="pen digits to alter beside MNIST's, JSON lines as for training.render_strokes",
    )
    parser.add_argument(
        "--characters",
        type=Path,
        action="append",
        default=[],
        metavar="CHARACTERS",
        help="characters of other alphabets, JSON lines: alphabet, character, strokes; those that look like a digit are"
        " left out; may be given several times",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="KIND",
        help='draw this kind alone, such as "traced character"; may be given several times (default: all)',
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _render(arguments))


def _render(arguments: argparse.Namespace) -> None:
    inputs = [*arguments.characters, *([arguments.strokes] if arguments.strokes else [])]
    check_output(arguments.csv, inputs, is_training_csv)
    import_keras()
    from digitrec.learning.data.kaggle_csv import save_csv
    from digitrec.learning.data.mnist import load_mnist
    from digitrec.learning.negatives.alphabets import read_characters, without_look_alikes
    from digitrec.learning.negatives.generator import render_negatives
    from digitrec.learning.negatives.source_digits import source_digits
    from digitrec.learning.strokes.recordings import read_strokes

    recordings = read_strokes(arguments.strokes) if arguments.strokes else None
    characters = [one for file in arguments.characters for one in read_characters(file)]
    characters = without_look_alikes([one for one in characters if one.part == arguments.part])
    source = source_digits(arguments.part, load_mnist(), recordings, characters)
    negatives = render_negatives(source, arguments.count, arguments.seed, arguments.only)
    save_csv(negatives.examples(), arguments.csv)
    print(f"wrote {len(negatives.kinds):,} pictures of non-digits to {arguments.csv}")
    for kind, count in Counter(negatives.kinds).most_common():
        print(f"{count:8,}  {kind}")


if __name__ == "__main__":
    sys.exit(main())
