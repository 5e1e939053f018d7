"""Files a second: `digitrec predict FOLDER --out` beside bare sessions of ONNX Runtime in as many processes.

The bare sessions do what cannot be left out: they read the file, decode it by Pillow, take its pixels for ink, and run
the model on 256 at a time with one thread. They know MNIST's colours, check nothing, and write nothing but the digits.

Files a second of processor time, that of all processes together, say the same of a machine that has other work to do.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Goal, Row, Table
from digitrec.artifacts import model_path
from digitrec.bulk.outputs import ERROR, KEY
from digitrec.bulk.pool import usable_cores
from digitrec.learning.data.mnist import load_mnist

ROOT = Path(__file__).parents[1]

BARE = """
import sys
import numpy as np, onnxruntime as ort
from PIL import Image
model, files, out = sys.argv[1:]
options = ort.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
options.log_severity_level = 3
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
paths = open(files).read().splitlines()
digits = []
for start in range(0, len(paths), 256):
    inks = []
    for path in paths[start : start + 256]:
        with Image.open(path) as picture:
            inks.append(np.asarray(picture, np.float32) / 255)
    digits.append(session.run(["probabilities", "doubt"], {"ink": np.stack(inks)})[0].argmax(1))
np.save(out, np.concatenate(digits))
"""

REFERENCE = "bare sessions"
COMMAND = "digitrec predict FOLDER --out"


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status: 0 done."""
    flags = parse_flags("many_pictures", __doc__, argv, rounds=3, quick_rounds=1)
    report(measure(500 if flags.quick else 100_000, usable_cores(), flags.rounds), flags)
    return 0


def measure(count: int, processes: int, rounds: int) -> list[Table]:
    """Answer the same files both ways, in turns: files a second, from the command's start to its end.

    Returns:
        Files a second, and files a second of processor time.

    Raises:
        AssertionError: They answer differently.
    """
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        paths = write_pictures(work / "pictures", count)
        digits: dict[str, list[int]] = {}

        def turn(answer: Callable[[Path, list[Path], int], list[int]], what: str) -> Callable[[], tuple[float, float]]:
            def run() -> tuple[float, float]:
                start, busy = time.perf_counter(), _processor_time()
                digits[what] = answer(work, paths, processes)
                return count / (time.perf_counter() - start), count / (_processor_time() - busy)

            return run

        turns = {REFERENCE: turn(_bare, REFERENCE), COMMAND: turn(_command, COMMAND)}
        rates = measure_in_rounds(turns, rounds)
    different = sum(a != b for a, b in zip(digits[REFERENCE], digits[COMMAND], strict=True))
    if different > count / 1000:  # noise is cut off by the one and not by the other
        raise AssertionError(f"{different} of {count} answers differ; there is nothing to compare")
    goals = {COMMAND: (Goal(0.9, at_least=True),)}
    title = f"{count:,} PNG files of 28x28, {processes} processes"
    return [
        Table(
            f"{title}{of}",
            unit,
            [Row(what, [pair[kind] for pair in rates[what]], goals.get(what, ())) for what in rates],
        )
        for kind, (of, unit) in enumerate((("", "files/s"), (", by processor time", "files/s of a core")))
    ]


def _processor_time() -> float:
    """Seconds that the child processes which have ended took of the processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Write MNIST's test images as PNG files, again and again until there are enough. Returns their paths."""
    folder.mkdir(parents=True)
    images = load_mnist()[1].images
    paths = [folder / f"{number:07}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.fromarray(images[number % len(images)]).save(path)
    return paths


def _bare(work: Path, paths: list[Path], processes: int) -> list[int]:
    children = []
    for number, part in enumerate(np.array_split(np.array(paths, str), processes)):
        (work / f"bare-{number}.txt").write_text("\n".join(part))
        arguments = [str(model_path()), str(work / f"bare-{number}.txt"), str(work / f"bare-{number}.npy")]
        children.append(subprocess.Popen([sys.executable, "-c", BARE, *arguments]))
    for child in children:
        if child.wait():
            raise RuntimeError(f"a child process failed with status {child.returncode}")
    return [int(digit) for number in range(processes) for digit in np.load(work / f"bare-{number}.npy")]


def _command(work: Path, paths: list[Path], processes: int) -> list[int]:
    out = work / "answers.parquet"
    out.unlink(missing_ok=True)
    arguments = [str(paths[0].parent), "--out", str(out), "--processes", str(processes)]
    subprocess.run(
        [sys.executable, "-m", "digitrec", "predict", *arguments], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
    )
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(out, columns=[KEY, "digit", ERROR])
    assert table[KEY].to_pylist() == list(map(str, paths))
    return [-1 if digit is None else digit for digit in table["digit"].to_pylist()]


if __name__ == "__main__":
    sys.exit(main())
