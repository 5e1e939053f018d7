"""Download pen digits from UCI, check them, and write their strokes for `training.render_strokes`."""

import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser
from digitrec.files import check_output
from digitrec.learning.strokes.archives import Source, fetch
from digitrec.learning.strokes.pendigits import PENDIGITS
from digitrec.learning.strokes.recordings import is_recordings, write_strokes
from digitrec.learning.strokes.uji import UJI
from training.command import run_command

SOURCES = {source.name: source for source in (PENDIGITS, UJI)}


def main(argv: list[str] | None = None, prog: str = "python -m training.fetch_strokes") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument(
        "recordings",
        nargs="?",
        choices=SOURCES,
        default=PENDIGITS.name,
        help="pendigits: 7,494 digits by 30 writers, UCI 81; uji: 1,200 by 60, UCI 177 (default: pendigits)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=f"the file to write, .gz or not (default: {PENDIGITS.out} or {UJI.out})",
    )
    arguments = parser.parse_args(argv)
    source = SOURCES[arguments.recordings]
    return run_command(lambda: _fetch(source, arguments.out or Path(source.out)))


def _fetch(source: Source, out: Path) -> None:
    check_output(out, [], is_recordings)
    digits = fetch(source)
    write_strokes(digits, out)
    writers = len({digit.writer for digit in digits})
    print(f"wrote {len(digits):,} digits by {writers} writers to {out}")
    print(f"{source.citation}; {source.licence}")


if __name__ == "__main__":
    sys.exit(main())
