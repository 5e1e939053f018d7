"""Export a run to ONNX: the model files and their card."""

import sys
from pathlib import Path

from digitrec.artifacts import models_dir
from digitrec.cli.parser import CommandParser
from digitrec.errors import DigitrecError
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.archive import is_archived
from digitrec.learning.runs.run import list_runs, open_run


def main(argv: list[str] | None = None, prog: str = "python -m training.export") -> int:
    """Run the command. Returns the exit status: 0 done, 1 refused."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run directory (default: the newest that is done)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the files go (default: models/)")
    arguments = parser.parse_args(argv)
    try:
        done = [run for run in list_runs() if run.status.state == "done" and not is_archived(run)]
        if arguments.run is None and not done:
            raise DigitrecError("no run in runs/ is done; train one first: python -m training.train")
        run = open_run(arguments.run) if arguments.run else done[0]
        import_keras()
        from digitrec.learning.models.export import export_run

        folder = arguments.out or models_dir()
        agreement = export_run(run, folder, command=f"python -m training.export runs/{run.name}")
    except DigitrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {arguments.out or models_dir()} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"exported {run.path} to {folder}/")
    print(f"Keras and ONNX Runtime agree to {agreement.largest_difference:.1e} on {agreement.images} pictures")
    print("next, to put its figures on the card: python -m training.evaluate --write-card")
    return 0


if __name__ == "__main__":
    sys.exit(main())
