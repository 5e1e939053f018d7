"""Make a network between the one that a run started from and the one it ended at, so that it forgets less."""

import sys

from digitrec.cli.parser import CommandParser
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import open_run
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.interpolate") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", metavar="RUN", help="a run directory of a training with --start-from")
    parser.add_argument(
        "--share",
        type=float,
        default=0.8,
        metavar="FLOAT",
        help="how much of the way from the start the network lies, 0 to 1 (default: 0.8)",
    )
    parser.add_argument(
        "--start", default="", metavar="MODEL", help="the model it started from, where that lies elsewhere now"
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _interpolate(arguments.run, arguments.share, arguments.start))


def _interpolate(name: str, share: float, start: str) -> None:
    run = open_run(name)
    import_keras()
    from digitrec.learning.models.interpolation import interpolate_run

    made = interpolate_run(
        run, share, start=start, command=f"python -m training.interpolate runs/{run.name} --share {share}"
    )
    print(f"done: {made.path}")
    print(f"next: python -m training.evaluate {made.path}")


if __name__ == "__main__":
    sys.exit(main())
