"""Draw printed digits in many fonts, and keep them as CSV rows for `training.train --csv`."""

import argparse
import os
import sys
from pathlib import Path

from digitrec.errors import DatasetError


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    parser = argparse.ArgumentParser(prog="python -m training.render_printed", description=__doc__)
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
    parser.add_argument("--count", type=int, default=10_000, metavar="N", help="pictures to draw (default: 10,000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is drawn (default: 0)")
    arguments = parser.parse_args(argv)
    if arguments.count < 1 or arguments.seed < 0:
        parser.error("--count must be at least 1, and --seed at least 0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import matplotlib

        from digitrec.learning.data.kaggle_csv import save_csv
        from digitrec.learning.strokes.printed_digits import find_fonts
        from digitrec.learning.strokes.rendering import render_printed

        folders = arguments.fonts or [Path(matplotlib.get_data_path()) / "fonts" / "ttf"]
        fonts = find_fonts(folders, arguments.part)
        save_csv(render_printed(fonts, arguments.count, arguments.seed), arguments.csv)
    except DatasetError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {arguments.csv} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    families = sorted({font.family for font in fonts})
    print(f"wrote {arguments.count:,} digits in {len(fonts)} fonts of {len(families)} families to {arguments.csv}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
