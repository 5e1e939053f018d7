"""Fit the constants of `digitrec.detection.judgement` on validation scenes."""

import sys
from pathlib import Path

import numpy as np

from digitrec.artifacts import reader_path
from digitrec.cli.parser import CommandParser, whole_number
from digitrec.detection.detector import Detector
from digitrec.learning.backend import import_keras
from digitrec.learning.reader.calibration import fit_doubt, fit_powers, sight
from digitrec.learning.reader.config import ReaderConfig
from digitrec.recognizer import shared_recognizer
from training.command import run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.calibrate_reader") -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("--detector", type=Path, default=reader_path(), help="an ONNX file (default: the shipped one)")
    parser.add_argument(
        "--scenes", type=whole_number(1), default=1500, metavar="N", help="scenes to look at (default: 1500)"
    )
    flags = parser.parse_args(argv)
    return run_command(lambda: _calibrate(flags.detector, flags.scenes))


def _calibrate(detector: Path, count: int) -> None:
    look_at = Detector(detector)
    import_keras()  # scenes are composed of negatives, which are framed by a layer
    from digitrec.learning.reader.stream import Composer

    composer = Composer("validation", ReaderConfig())
    scenes = [composer.scene(2_000_000_011, number) for number in range(count)]
    seen = sight(scenes, look_at, shared_recognizer())
    real = seen.labels >= 0
    powers, doubt = fit_powers(seen), fit_doubt(seen)
    print(f"{len(seen.labels)} sightings, {int(real.sum())} of them digits")
    print(f"WEIGHT_OF_DETECTOR, WEIGHT_OF_NETWORK = {powers[0]:.1f}, {powers[1]:.1f}  # log loss {powers[2]:.4f}")
    print(f"DOUBT_OF_SCORE, DOUBT_OF_NETWORK, DOUBT_BIAS = {doubt[0]:.2f}, {doubt[1]:.2f}, {doubt[2]:.2f}")
    against = doubt[2] + doubt[1] * seen.doubts - doubt[0] * seen.scores
    print(f"digits doubted {np.mean(against[real] > 0):.1%}, others not doubted {np.mean(against[~real] <= 0):.1%}")
    for name, logs in (
        ("detector", seen.detector),
        ("network", seen.network),
        ("both", powers[0] * seen.detector + powers[1] * seen.network),
    ):
        print(f"{name}: {np.mean(logs[real].argmax(1) == seen.labels[real]):.2%} named right")


if __name__ == "__main__":
    sys.exit(main())
