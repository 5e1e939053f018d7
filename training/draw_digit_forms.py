"""Draw forms of digits that recordings lack, as recordings for `training.render_strokes`."""

import argparse
import sys
from pathlib import Path

from digitrec.learning.strokes.digit_forms import draw_digit_forms
from digitrec.learning.strokes.recordings import write_strokes


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    parser = argparse.ArgumentParser(prog="python -m training.draw_digit_forms", description=__doc__)
    parser.add_argument("out", type=Path, metavar="STROKES", help="the file to write, JSON lines, .gz or not")
    parser.add_argument("--count", type=int, default=2_000, metavar="N", help="recordings to draw (default: 2,000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is drawn (default: 0)")
    arguments = parser.parse_args(argv)
    if arguments.count < 1 or arguments.seed < 0:
        parser.error("--count must be at least 1, and --seed at least 0")
    try:
        write_strokes(draw_digit_forms(arguments.count, arguments.seed), arguments.out)
    except OSError as error:
        print(f"error: {arguments.out} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"wrote {arguments.count:,} recordings to {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
