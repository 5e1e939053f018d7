"""Cold start: a new process reads one PNG file and answers; wall time and peak memory, beside the same with Keras.

Imports nothing but the standard library: on Linux the peak memory of a child counts from what its parent held when
it was started, so a parent that had loaded Keras would see every child as large as itself.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Goal, Row, Table

ROOT = Path(__file__).parents[1]

PREPARE = """
import importlib.util, json, sys
from pathlib import Path
from benchmarks.canvas import png_canvas
from digitrec.artifacts import models_dir
Path(sys.argv[1]).write_bytes(png_canvas())
layers = Path(importlib.util.find_spec("digitrec").origin).parent / "learning" / "layers"
files = [models_dir() / "digitrec.keras", layers / "frame_ink.py", layers / "calibrated_answer.py"]
print(json.dumps([str(file) for file in files]))
"""

NUMPY = "import numpy"

DIGITREC = """
import sys
import digitrec
print(digitrec.predict(sys.argv[1]).probabilities.tolist())
"""

COMMAND = """
import sys
from digitrec.cli import main
sys.exit(main(["predict", "--json", sys.argv[1]]))
"""

# As a demo does it, and no more: the two layers that Keras does not know are run from their files, because importing
# them from digitrec.learning would load ONNX Runtime too.
KERAS = """
import runpy, sys
import keras
import numpy as np
from PIL import Image
png, model_file, *layers = sys.argv[1:]
for layer in layers:
    runpy.run_path(layer)
model = keras.models.load_model(model_file, compile=False)
ink = 1 - np.asarray(Image.open(png).convert("L"), np.float32)[np.newaxis] / 255
print(keras.ops.convert_to_numpy({call}["probabilities"])[0].tolist())
"""

REFERENCE = "Keras, model(ink)"
CHILDREN = {
    REFERENCE: KERAS.format(call="model(ink)"),
    "Keras, model.predict(ink)": KERAS.format(call="model.predict(ink, verbose=0)"),
    "digitrec.predict(file)": DIGITREC,
    "digitrec predict FILE": COMMAND,
    "nothing but import numpy": NUMPY,
}
TIME_GOALS = {
    "digitrec.predict(file)": (Goal(0.1),),
    "digitrec predict FILE": (Goal(1.1, than="digitrec.predict(file)"),),
}
MEMORY_GOALS = {"digitrec.predict(file)": (Goal(0.2),)}

AGREEMENT = 1e-4


@dataclass(frozen=True)
class Life:
    """What a child process took and said.

    Attributes:
        seconds: From its start to its end, seen from outside.
        megabytes: Its largest resident memory, in MB of 1,000,000 bytes.
        output: What it printed.
    """

    seconds: float
    megabytes: float
    output: str


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status: 0 done, 1 impossible."""
    flags = parse_flags("cold_start", __doc__, argv, rounds=7, quick_rounds=1)
    if not hasattr(os, "wait4"):
        print("error: this system does not tell the peak memory of one child; use Linux or macOS", file=sys.stderr)
        return 1
    report(measure(flags.rounds, warm_up=not flags.quick), flags)
    return 0


def measure(rounds: int, *, warm_up: bool = True) -> list[Table]:
    """Run all children, in turns: a table of wall times and one of peak memories.

    Args:
        rounds: How often each has its turn.
        warm_up: Whether each has a turn before that is not counted: it compiles Python's files and reads all from disk.
    """
    with tempfile.TemporaryDirectory() as folder:
        png = str(Path(folder) / "drawing.png")
        arguments = [png, *json.loads(run(PREPARE, png).output)]

        def turn(code: str) -> Callable[[], Life]:
            return lambda: run(code, *arguments)

        turns = {what: turn(code) for what, code in CHILDREN.items()}
        if warm_up:
            measure_in_rounds(turns, 1)
        lives = measure_in_rounds(turns, rounds)
        check_agreement({what: all_[0] for what, all_ in lives.items()})
    return [
        Table(
            "A new process up to its end, wall time",
            "s",
            [Row(what, [life.seconds for life in all_], TIME_GOALS.get(what, ())) for what, all_ in lives.items()],
        ),
        Table(
            "The same, peak memory",
            "MB",
            [Row(what, [life.megabytes for life in all_], MEMORY_GOALS.get(what, ())) for what, all_ in lives.items()],
        ),
    ]


def run(code: str, *arguments: str) -> Life:
    """Run `python -c code arguments` and wait for its end.

    Raises:
        RuntimeError: It failed; the message ends with what it wrote to stderr.
    """
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ}
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert child.stdout is not None
        with child.stdout:
            output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)  # unlike Popen.wait, it tells what this one child used
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            raise RuntimeError(f"a child process failed with status {child.returncode}:\n{errors.read()[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes on macOS, KiB elsewhere
    return Life(seconds, usage.ru_maxrss * unit / 1e6, output)


def check_agreement(lives: dict[str, Life]) -> None:
    """Refuse to compare different answers.

    Raises:
        AssertionError: Two differ by more than `AGREEMENT`.
    """
    expected = json.loads(lives[REFERENCE].output)
    for what, life in lives.items():
        if not life.output:  # import numpy answers nothing
            continue
        answer = json.loads(life.output)
        probabilities = answer["probabilities"] if isinstance(answer, dict) else answer
        difference = max(abs(a - b) for a, b in zip(probabilities, expected, strict=True))
        if not difference <= AGREEMENT:
            raise AssertionError(f"{what} and {REFERENCE} differ by {difference:.2g}; there is nothing to compare")


if __name__ == "__main__":
    sys.exit(main())
