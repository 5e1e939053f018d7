"""Fit a run's temperature and doubt again, without training."""

import sys
from collections.abc import Sequence
from typing import Any

from digitrec.cli.parser import CommandParser
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import open_run
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.calibrate") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", metavar="RUN", help="a run directory")
    parser.add_argument(
        "--folds",
        nargs="+",
        default=[],
        metavar="RUN",
        help="runs whose --validation-csv has other writers; each classifies its own, and all count",
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _calibrate(arguments.run, arguments.folds))


def _calibrate(name: str, others: Sequence[str]) -> None:
    run, folds = open_run(name), [open_run(other) for other in others]
    import_keras()
    from digitrec.learning.models.calibration import CALIBRATION
    from digitrec.learning.recalibration import measure_out_of_fold, out_of_fold_logits, recalibrate

    before: dict[str, Any] = run.read_json(CALIBRATION)
    logits = out_of_fold_logits(folds)
    command = f"python -m training.calibrate runs/{run.name}"
    if folds:
        command += f" --folds {' '.join(f'runs/{fold.name}' for fold in folds)}"
    fitted = recalibrate(run, logits, command=command)
    for name, value in fitted.to_dict().items():
        print(f"{name}: {before.get(name, 'none')} before, {value} now")
    if logits:
        measured = measure_out_of_fold(logits, fitted)
        print(
            f"{measured.count:,} drawings by writers of other folds: {measured.accuracy:.2%} right,"
            f" calibration error {measured.calibration_error:.2%}, {measured.doubted:.2%} doubted"
        )


if __name__ == "__main__":
    sys.exit(main())
