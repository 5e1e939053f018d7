"""Export a trained detector to ONNX: `python -m training.export_reader RUN`. Writes its file and its card's entry."""

import argparse
import os
import sys
from pathlib import Path

from digitrec.artifacts import models_dir
from digitrec.errors import DigitrecError
from digitrec.learning.runs.run import open_run


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 refused."""
    parser = argparse.ArgumentParser(prog="python -m training.export_reader", description=__doc__)
    parser.add_argument("run", metavar="RUN", help="a run directory of training.train_reader")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the file goes (default: models/)")
    arguments = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        run = open_run(arguments.run)
        from digitrec.learning.reader.export import export_reader

        folder = arguments.out or models_dir()
        agreement = export_reader(run, folder, command=f"python -m training.export_reader runs/{run.name}")
    except DigitrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"exported {run.path} to {folder}/")
    print(f"Keras and ONNX Runtime agree to {agreement.largest_difference:.1e} on {agreement.images_compared} pictures")
    print("next, to put its figures on the card: python -m benchmarks.reading --write-card")
    return 0


if __name__ == "__main__":
    sys.exit(main())
