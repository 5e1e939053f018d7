"""Fit a run's temperature and doubt again, without training."""

import sys
from dataclasses import asdict
from typing import Any

from digitrec.cli.parser import CommandParser
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import open_run
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.calibrate") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", metavar="RUN", help="a run directory")
    arguments = parser.parse_args(argv)
    return run_command(lambda: _calibrate(arguments.run))


def _calibrate(name: str) -> None:
    run = open_run(name)
    import_keras()
    from digitrec.learning.layers.calibrated_answer import Calibration
    from digitrec.learning.models.calibration import CALIBRATION
    from digitrec.learning.trainer import recalibrate

    before: dict[str, Any] = run.read_json(CALIBRATION)
    recalibrate(run, command=f"python -m training.calibrate runs/{run.name}")
    after = asdict(Calibration(**run.read_json(CALIBRATION)))
    for name, value in after.items():
        print(f"{name}: {before.get(name, 'none')} before, {value} now")


if __name__ == "__main__":
    sys.exit(main())
