"""Fit a run's temperature and doubt anew, without training: `python -m training.calibrate RUN`."""

import argparse
import os
import sys
from dataclasses import asdict
from typing import Any

from filelock import Timeout

from digitrec.errors import DigitrecError
from digitrec.learning.runs.run import open_run


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 refused."""
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__)
    parser.add_argument("run", metavar="RUN", help="a run directory")
    arguments = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        run = open_run(arguments.run)
        from digitrec.learning.layers.calibrated_answer import Calibration
        from digitrec.learning.models.calibration import CALIBRATION
        from digitrec.learning.trainer import recalibrate

        before: dict[str, Any] = run.read_json(CALIBRATION)
        recalibrate(run, command=f"python -m training.calibrate runs/{run.name}")
        after = asdict(Calibration(**run.read_json(CALIBRATION)))
    except (DigitrecError, Timeout) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name, value in after.items():
        print(f"{name}: {before.get(name, 'none')} before, {value} now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
