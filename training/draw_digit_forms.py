"""Draw forms of digits that recordings lack, as recordings for `training.render_strokes`."""

import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.files import check_output
from digitrec.learning.strokes.digit_forms import draw_digit_forms
from digitrec.learning.strokes.recordings import is_recordings, write_strokes
from training.command import add_seed, run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.draw_digit_forms") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("out", type=Path, metavar="STROKES", help="the file to write, JSON lines, .gz or not")
    parser.add_argument(
        "--count", type=whole_number(1), default=2_000, metavar="N", help="recordings to draw (default: 2,000)"
    )
    add_seed(parser)
    arguments = parser.parse_args(argv)
    return run_command(lambda: _draw(arguments.out, arguments.count, arguments.seed))


def _draw(out: Path, count: int, seed: int) -> None:
    check_output(out, [], is_recordings)
    write_strokes(draw_digit_forms(count, seed), out)
    print(f"wrote {count:,} recordings to {out}")


if __name__ == "__main__":
    sys.exit(main())
