"""Look inside a run's network: histograms of weights and activations, and a map of images before the last layer."""

import argparse
import sys
from pathlib import Path

from digitrec.artifacts import sha256
from digitrec.cli.parser import CommandParser, whole_number
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import open_run
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.inspect_network") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", metavar="RUN", help="a run directory")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the file goes (default: the run's directory)")
    parser.add_argument(
        "--images", type=whole_number(3, 10_000), default=2_000, metavar="N",
        help="MNIST test images on the map, chosen at random (default: 2,000)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=whole_number(0, 2**32 - 1), default=0, metavar="N", help="seed of choice and map (default: 0)"
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _inspect(arguments))


def _inspect(arguments: argparse.Namespace) -> None:
    import numpy as np

    from digitrec.learning.data.mnist import load_mnist

    run = open_run(arguments.run)
    folder: Path = arguments.out or run.path
    folder.mkdir(parents=True, exist_ok=True)
    _, test = load_mnist()
    import_keras()
    from digitrec.learning.models.checkpoints import load_cnn
    from digitrec.learning.models.inspection import look_inside

    cnn = load_cnn(run)
    chosen = np.sort(np.random.default_rng(arguments.seed).permutation(len(test))[: arguments.images])
    digest = sha256(run.checkpoint.read_bytes())
    look = look_inside(cnn, test.images[chosen], chosen.astype(np.int64), digest, arguments.seed)
    path = look.save(folder)
    maps = " and ".join(look.maps)
    print(f"{len(look.weights)} weights, {len(look.activations)} layers, {len(chosen):,} images on a map by {maps}")
    if "UMAP" not in look.maps:
        print("for a map by UMAP too: pip install 'digitrec[maps]'")
    print(f"wrote {path}")


if __name__ == "__main__":
    sys.exit(main())
