"""Export a trained detector to ONNX: `python -m training.export_reader RUN`. Writes its file and its card's entry."""

import sys
from pathlib import Path

from digitrec.artifacts import models_dir
from digitrec.cli.parser import CommandParser
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import open_run
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.export_reader") -> int:
    """Run the command. Returns the exit status: 0 done, 1 refused."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", metavar="RUN", help="a run directory of training.train_reader")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the file goes (default: models/)")
    arguments = parser.parse_args(argv)
    return run_command(lambda: _export(arguments.run, arguments.out or models_dir()))


def _export(name: str, folder: Path) -> None:
    run = open_run(name)
    import_keras()
    from digitrec.learning.reader.export import export_reader

    agreement = export_reader(run, folder, command=f"python -m training.export_reader runs/{run.name}")
    print(f"exported {run.path} to {folder}/")
    print(f"Keras and ONNX Runtime agree to {agreement.largest_difference:.1e} on {agreement.images_compared} pictures")
    print("next: python -m training.calibrate_reader, and python -m benchmarks.reading --write-card")


if __name__ == "__main__":
    sys.exit(main())
