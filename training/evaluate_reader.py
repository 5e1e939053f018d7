"""Read scenes that the reader did not train on, and keep what was read right, misread, missed or made up."""

import argparse
import sys
from pathlib import Path

from digitrec.artifacts import reader_path, sha256
from digitrec.cli.parser import CommandParser, whole_number
from digitrec.errors import ModelNotFoundError
from digitrec.learning.backend import import_keras
from training.command import run_command

STREAM = 3_000_000_019
"""A stream of the seed that neither training nor another command draws from."""


def main(argv: list[str] | None = None, prog: str = "python -m training.evaluate_reader") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument(
        "--detector", type=Path, default=reader_path(), metavar="FILE", help="an ONNX file (default: the shipped one)"
    )
    parser.add_argument(
        "--scenes", type=whole_number(1), default=300, metavar="N", help="scenes of validation to read (default: 300)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("evaluation"), metavar="DIR", help="where the file goes (default: evaluation/)"
    )
    arguments = parser.parse_args(argv)
    return run_command(lambda: _evaluate(arguments))


def _evaluate(arguments: argparse.Namespace) -> None:
    detector: Path = arguments.detector
    if not detector.is_file():
        raise ModelNotFoundError(f"there is no detector at {detector}; name an ONNX file with --detector")
    arguments.out.mkdir(parents=True, exist_ok=True)
    import_keras()  # scenes are composed of negatives, which are framed by a layer
    from digitrec.learning.evaluation.scene_readings import FALSE, MISREAD, MISSED, RIGHT, SceneReadings
    from digitrec.learning.reader.config import ReaderConfig
    from digitrec.learning.reader.evaluation import read_scenes
    from digitrec.learning.reader.stream import Composer
    from digitrec.reader import Reader

    composer = Composer("validation", ReaderConfig())
    scenes = [composer.scene(STREAM, number) for number in range(arguments.scenes)]
    readings = SceneReadings(read_scenes(scenes, Reader(detector)), sha256(detector.read_bytes()))
    path = readings.save(arguments.out)
    exact = sum(scene.is_right for scene in readings.scenes)
    print(f"{exact} of {len(scenes)} scenes read without a mistake")
    counts = ", ".join(f"{readings.count(outcome)} {outcome}" for outcome in (RIGHT, MISREAD, MISSED))
    print(f"{readings.wanted} digits: {counts}; {readings.count(FALSE)} read where there is none")
    print(f"wrote {path}")


if __name__ == "__main__":
    sys.exit(main())
