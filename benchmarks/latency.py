"""Latency of one prediction: predict() beside the bare ONNX Runtime session and Keras, on the same drawing."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.canvas import gray_canvas, png_canvas, rgba_canvas
from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Goal, Row, Table

PredictCall = Callable[[], NDArray[np.float32]]

BARE = "bare session.run(ink)"
GOALS = {what: (Goal(1.5),) for what in ("predict(gray array)", "predict(RGBA array)")}
"""predict() of pixels may cost so many times the bare run of the graph. A file has to be decoded first: no goal."""

AGREEMENT = 1e-4
TURN_SECONDS = 0.1
WARM_UP_CALLS = 3


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status, 0."""
    flags = parse_flags("latency", __doc__, argv, rounds=60, quick_rounds=2)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    report([measure(flags.rounds)], flags)
    return 0


def measure(rounds: int) -> Table:
    """Time all candidates, in turns."""
    answers = candidates()
    check_agreement(answers)
    times = measure_in_rounds({what: turn(answer) for what, answer in answers.items()}, rounds)
    rows = [Row(what, [1000 * seconds for seconds in figures], GOALS.get(what, ())) for what, figures in times.items()]
    return Table("One prediction, 280x280 canvas", "ms", rows)


def candidates() -> dict[str, PredictCall]:
    """Each way to an answer: a function that returns the probabilities, shape (10,)."""
    import keras
    import onnxruntime as ort

    import digitrec.learning.layers.calibrated_answer  # both make their layers known to Keras
    import digitrec.learning.layers.frame_ink  # noqa: F401
    from digitrec import predict
    from digitrec.artifacts import model_path
    from digitrec.ink import ink_from
    from digitrec.recognizer import OUTPUTS

    gray, rgba, png = gray_canvas(), rgba_canvas(), png_canvas()
    ink = ink_from(gray)[np.newaxis]  # (1, 280, 280)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # as predict() has it, so that only what it does beside running the graph counts
    session = ort.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
    model: Any = keras.models.load_model(model_path().with_suffix(".keras"), compile=False)

    def probabilities(outputs: Any) -> NDArray[np.float32]:
        answer: NDArray[np.float32] = keras.ops.convert_to_numpy(outputs["probabilities"])[0]
        return answer

    return {
        BARE: lambda: session.run(list(OUTPUTS), {"ink": ink})[0][0],
        "predict(gray array)": lambda: predict(gray).probabilities,
        "predict(RGBA array)": lambda: predict(rgba).probabilities,
        "predict(PNG bytes)": lambda: predict(png).probabilities,
        "Keras model(ink)": lambda: probabilities(model(ink)),
        "Keras model.predict(ink)": lambda: probabilities(model.predict(ink, verbose=0)),
    }


def check_agreement(answers: dict[str, PredictCall]) -> None:
    """Refuse to compare the speed of different answers.

    Raises:
        AssertionError: One differs from the first by more than `AGREEMENT`.
    """
    expected = answers[BARE]()
    for what, answer in answers.items():
        difference = float(np.abs(answer() - expected).max())
        if not difference <= AGREEMENT:
            raise AssertionError(f"{what} and {BARE} differ by {difference:.2g}; there is nothing to compare")


def turn(answer: PredictCall) -> Callable[[], float]:
    """A turn of one candidate: the median seconds of as many calls as fit in `TURN_SECONDS`.

    Calls before them, not counted, bring its code and data back into the caches after the others' turns.
    """

    def measured() -> float:
        for _ in range(WARM_UP_CALLS):
            answer()
        times: list[float] = []
        end = time.perf_counter() + TURN_SECONDS
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            answer()
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    return measured


if __name__ == "__main__":
    sys.exit(main())
