"""Export a run to ONNX: the model files and their card."""

import shlex
import sys
from pathlib import Path

from digitrec.artifacts import models_dir
from digitrec.cli.parser import CommandParser
from digitrec.errors import DigitrecError
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.archive import is_archived
from digitrec.learning.runs.run import Run, list_runs, open_run, runs_dir
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.export") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run directory (default: the newest that is done)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the files go (default: models/)")
    arguments = parser.parse_args(argv)
    return run_command(lambda: _export(arguments.run, arguments.out or models_dir()))


def _export(name: str | None, folder: Path) -> None:
    run = open_run(name) if name else _newest_done()
    import_keras()
    from digitrec.learning.models.export import export_run

    agreement = export_run(run, folder, command=f"python -m training.export runs/{run.name}")
    print(f"exported {run.path} to {folder}/")
    print(f"Keras and ONNX Runtime agree to {agreement.largest_difference:.1e} on {agreement.images} pictures")
    print(f"next, to put its figures on the card: {next_command(folder)}")


def next_command(folder: Path) -> str:
    """Write the command that evaluates an exported model; it names any folder but the usual one."""
    command = ["python", "-m", "training.evaluate"]
    if folder != models_dir():
        command += ["--models", str(folder), "--out", str(folder)]
    return shlex.join([*command, "--write-card"])


def _newest_done() -> Run:
    runs = (run for run in list_runs() if "architecture" in run.config and not is_archived(run))  # no detectors
    done = [run for run in runs if run.status.state == "done"]
    if not done:
        raise DigitrecError(f"no run in {runs_dir()}/ is done; train one first: python -m training.train")
    return done[0]


if __name__ == "__main__":
    sys.exit(main())
