"""Make a network between the one that runs started from and the one they ended at, so that it forgets less."""

import sys
from collections.abc import Sequence

from digitrec.cli.parser import CommandParser
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import open_run
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.interpolate") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument(
        "runs",
        metavar="RUN",
        nargs="+",
        help="a run directory of a training with --start-from; of several by other seeds, the mean is the end",
    )
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
    return run_command(lambda: _interpolate(arguments.runs, arguments.share, arguments.start))


def _interpolate(names: Sequence[str], share: float, start: str) -> None:
    runs = [open_run(name) for name in names]
    import_keras()
    from digitrec.learning.models.interpolation import interpolate_run

    command = " ".join(["python -m training.interpolate", *(f"runs/{run.name}" for run in runs), f"--share {share}"])
    made = interpolate_run(runs[0], share, others=runs[1:], start=start, command=command)
    print(f"done: {made.path}")
    print(f"next: python -m training.evaluate {made.path}")


if __name__ == "__main__":
    sys.exit(main())
