"""Draw printed digits in many fonts, and write them as CSV rows for `training.train --csv`."""

import argparse
import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.files import check_output
from digitrec.learning.backend import import_keras
from digitrec.training_rows import is_training_csv
from training.command import add_seed, run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.render_printed") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("csv", type=Path, metavar="CSV", help="the file to write, in Kaggle's layout")
    parser.add_argument(
        "--fonts",
        type=Path,
        action="append",
        metavar="DIR",
        help="a folder of fonts, searched through; may be given several times (default: Matplotlib's)",
    )
    parser.add_argument(
        "--part",
        choices=("train", "validation", "test"),
        default="train",
        help="what they are for: each has font families of its own (default: train)",
    )
    parser.add_argument(
        "--count", type=whole_number(1), default=10_000, metavar="N", help="pictures to draw (default: 10,000)"
    )
    add_seed(parser)
    arguments = parser.parse_args(argv)
    return run_command(lambda: _render(arguments))


def _render(arguments: argparse.Namespace) -> None:
    check_output(arguments.csv, [], is_training_csv)
    import_keras()
    import matplotlib

    from digitrec.learning.data.kaggle_csv import save_csv
    from digitrec.learning.strokes.printed_digits import find_fonts
    from digitrec.learning.strokes.rendering import render_printed

    folders = arguments.fonts or [Path(matplotlib.get_data_path()) / "fonts" / "ttf"]
    fonts = find_fonts(folders, arguments.part)
    save_csv(render_printed(fonts, arguments.count, arguments.seed), arguments.csv)
    families = {font.family for font in fonts}
    print(f"wrote {arguments.count:,} digits in {len(fonts)} fonts of {len(families)} families to {arguments.csv}")


if __name__ == "__main__":
    sys.exit(main())
