"""Download UCI's pen digits, check them, and write their strokes for `training.render_strokes`."""

import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser
from digitrec.learning.strokes.pendigits import CITATION, LICENCE, PENDIGITS, fetch
from digitrec.learning.strokes.recordings import write_strokes
from training.command import run_command

OUT = Path("pendigits_train_strokes.jsonl.gz")


def main(argv: list[str] | None = None, prog: str = "python -m training.fetch_strokes") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="FILE", help=f"the file to write, .gz or not (default: {OUT})"
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _fetch(arguments.out))


def _fetch(out: Path) -> None:
    digits = fetch(PENDIGITS)
    write_strokes(digits, out)
    writers = len({digit.writer for digit in digits})
    print(f"wrote {len(digits):,} digits by {writers} writers to {out}")
    print(f"{CITATION}; {LICENCE}")


if __name__ == "__main__":
    sys.exit(main())
