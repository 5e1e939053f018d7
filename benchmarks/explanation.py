"""How far explanations are true of the network: deletion, insertion, a sanity check, and their time.

Deletion and insertion are those of Petsiuk et al. (2018), "RISE": the ink that a map puts first is removed, or alone is
kept, and the network answers again. The sanity check is that of Adebayo et al. (2018), "Sanity checks for saliency
maps": with the weights of the last layers shuffled, the maps must change. All of it is computed on the frames.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.command import STRANGERS
from benchmarks.command import check_json, report
from benchmarks.tables import align
from digitrec.artifacts import EXPLANATION_NAME, models_dir
from digitrec.errors import DatasetError, DigitrecError
from digitrec.explanation.attribution import attribute, ink_ranks
from digitrec.explanation.graph import NO_INK, ExplanationGraph, Floats, log_odds, softmax
from digitrec.recognizer import Recognizer

REMOVED, KEPT = 0.1, 0.3
"""Shares of the ink that deletion removes and insertion keeps."""

PATCH, STRIDE = 4, 2
"""Side of the squares of plain occlusion, and the distance from one to the next, in pixels of the frame."""

LEAST_RATIO, LEAST_BACK, MOST_CORRELATED, MOST_MS = 3.0, 0.8, 0.3, 150.0
"""Goals: deletion as a multiple of chance, insertion, rank correlation after shuffling, milliseconds."""

AT_ONCE = 100

Method = Callable[[ExplanationGraph, Floats, int, np.random.Generator], Floats]
"""From a frame (28, 28) and a digit to a map (28, 28)."""


def explain_ours(graph: ExplanationGraph, frame: Floats, digit: int, rng: np.random.Generator) -> Floats:
    """The map of `digitrec.explain`."""
    return attribute(graph, frame, digit)


def occlude(graph: ExplanationGraph, frame: Floats, digit: int, rng: np.random.Generator) -> Floats:
    """Plain occlusion: how far the log odds fall when a square is blank, averaged over the squares with a pixel."""
    corners = [(y, x) for y in range(0, 29 - PATCH, STRIDE) for x in range(0, 29 - PATCH, STRIDE)]
    corners = [(y, x) for y, x in corners if frame[y : y + PATCH, x : x + PATCH].any()]  # a blank one changes nothing
    frames = np.repeat(frame[np.newaxis], len(corners) + 1, axis=0)
    for blank, (y, x) in zip(frames[1:], corners, strict=True):
        blank[y : y + PATCH, x : x + PATCH] = 0
    odds = log_odds(_logits(graph, frames), digit)
    total, count = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    for fallen, (y, x) in zip(odds[0] - odds[1:], corners, strict=True):
        total[y : y + PATCH, x : x + PATCH] += fallen
        count[y : y + PATCH, x : x + PATCH] += 1
    return np.asarray(total / np.maximum(count, 1), np.float32)


def multiply_gradient(graph: ExplanationGraph, frame: Floats, digit: int, rng: np.random.Generator) -> Floats:
    """Gradient times input."""
    return np.asarray(graph.gradient(frame[np.newaxis], digit)[1][0] * frame, np.float32)


def choose_by_chance(graph: ExplanationGraph, frame: Floats, digit: int, rng: np.random.Generator) -> Floats:
    """Any order of the pixels."""
    return rng.uniform(size=(28, 28)).astype(np.float32)


METHODS: dict[str, Method] = {
    "digitrec.explain": explain_ours,
    "occlusion": occlude,
    "gradient times input": multiply_gradient,
    "chance": choose_by_chance,
}


@dataclass(frozen=True)
class Faithfulness:
    """How true the maps of a method are.

    Attributes:
        lowered: By how much the probability of the answer falls, on average, when the first `REMOVED` of the ink goes.
        back: Share of the drawings whose right digit is the answer to the first `KEPT` of the ink alone.
    """

    lowered: float
    back: float


@dataclass(frozen=True)
class Comparison:
    """The methods on one kind of pictures.

    Attributes:
        what: The kind.
        count: Pictures.
        rows: By method.
    """

    what: str
    count: int
    rows: dict[str, Faithfulness]

    def ratio(self, method: str) -> float:
        """Deletion as a multiple of what removing ink by chance does."""
        return self.rows[method].lowered / max(self.rows["chance"].lowered, 1e-9)

    def __str__(self) -> str:
        lines = [("method", f"{REMOVED:.0%} removed", "of chance", f"{KEPT:.0%} kept")]
        for name, row in self.rows.items():
            lines.append((name, f"-{100 * row.lowered:.1f} points", f"{self.ratio(name):.1f}", f"{row.back:.1%} right"))
        ours = "digitrec.explain"
        met = [self.ratio(ours) >= LEAST_RATIO, self.rows[ours].back >= LEAST_BACK]
        goals = zip((f"{LEAST_RATIO:g} times chance", f"{LEAST_BACK:.0%} right"), met, strict=True)
        verdict = "; ".join(f"at least {goal}: {'met' if ok else 'MISSED'}" for goal, ok in goals)
        return "\n".join([f"{self.what}, {self.count}", *align(lines, right=(1, 2, 3)), verdict])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        rows = {name: {**vars(row), "of_chance": self.ratio(name)} for name, row in self.rows.items()}
        return {"what": self.what, "count": self.count, "rows": rows}

    def to_figure(self) -> tuple[str, dict[str, Any]]:
        """Its name on a model card, and its entry."""
        entry = self.to_dict()
        return entry["what"], {"count": entry["count"], **entry["rows"]}


@dataclass(frozen=True)
class Check:
    """One figure with its goal.

    Attributes:
        what: What was measured.
        value: The figure.
        at_most: The goal.
        unit: Of both; empty for none.
    """

    what: str
    value: float
    at_most: float
    unit: str = ""

    def __str__(self) -> str:
        verdict = "met" if self.value <= self.at_most else "MISSED"
        return f"{self.what}: {self.value:.3g}{self.unit}; at most {self.at_most:g}{self.unit}: {verdict}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return vars(self)

    def to_figure(self) -> tuple[str, float]:
        """Its name on a model card, and its entry."""
        return self.what, self.value


def compare(
    graph: ExplanationGraph, frames: Floats, labels: NDArray[np.uint8], what: str, methods: dict[str, Method]
) -> Comparison:
    """Measure deletion and insertion.

    Args:
        graph: The network, opened.
        frames: Shape (n, 28, 28).
        labels: Shape (n,).
        what: The kind of pictures.
        methods: What makes the maps; "chance" must be among them.
    """
    probabilities = softmax(_logits(graph, frames)[:, :10])
    answers = probabilities.argmax(1)
    rows = {}
    for name, method in methods.items():
        rng = np.random.default_rng(0)
        maps = [method(graph, frame, int(digit), rng) for frame, digit in zip(frames, answers, strict=True)]
        ranks = np.stack([ink_ranks(frame, order) for frame, order in zip(frames, maps, strict=True)])
        without = softmax(_logits(graph, np.where(ranks <= REMOVED, 0, frames))[:, :10])
        alone = _logits(graph, np.where(ranks <= KEPT, frames, 0))[:, :10]
        places = np.arange(len(frames)), answers
        lowered = float((probabilities[places] - without[places]).mean())
        rows[name] = Faithfulness(lowered, float((alone.argmax(1) == labels).mean()))
    return Comparison(what, len(frames), rows)


def rank_correlation(one: Floats, other: Floats, frame: Floats) -> float:
    """Spearman's correlation of two maps over the inked pixels of a frame."""
    first, second = (np.argsort(np.argsort(each[frame > 0])).astype(np.float64) for each in (one, other))
    return float(np.corrcoef(first, second)[0, 1])


def shuffled_graph(folder: Path) -> ExplanationGraph:
    """What explains the network in `folder` with the weights of its last convolution and last layer shuffled."""
    import keras

    from digitrec.learning import layers  # noqa: F401 - registers what the file holds
    from digitrec.learning.models.explanation import export_explanation
    from digitrec.learning.models.export import KERAS_NAME, network_of

    network = network_of(keras.models.load_model(folder / KERAS_NAME, compile=False))
    rng = np.random.default_rng(0)
    for layer in [one for one in network.layers if isinstance(one, keras.layers.Conv2D | keras.layers.Dense)][-2:]:
        layer.set_weights([rng.permutation(weight.ravel()).reshape(weight.shape) for weight in layer.get_weights()])
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / EXPLANATION_NAME
        file.write_bytes(export_explanation(network))
        return ExplanationGraph(file)


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    flags = _flags(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        recognizer = Recognizer()
        graph = ExplanationGraph(models_dir() / EXPLANATION_NAME)
        kinds = list(_pictures(recognizer, flags.count, flags.part))
        tables: list[Any] = [compare(graph, *kind, METHODS) for kind in kinds]
        tables.append(_sanity(graph, kinds[0][0], flags.part))
        tables.append(_duration(graph, kinds[0][0][:50]))
    except DigitrecError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    report(tables, flags)
    if flags.write_card:
        from digitrec.learning.models.export import record_figure

        figures = dict(table.to_figure() for table in tables)
        record_figure(models_dir(), "explanation", {"command": flags.command, **figures})
    return 0


def _flags(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanation", description=__doc__)
    parser.add_argument("--count", type=int, default=500, metavar="N", help="pictures of each kind (default: 500)")
    parser.add_argument(
        "--part", choices=("validation", "test"), default="test", help="validation, to choose by (default: test)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables to a file too")
    parser.add_argument("--write-card", action="store_true", help="put the figures on the card, models/card.json")
    flags = parser.parse_args(argv)
    check_json(parser, flags.json)
    if flags.write_card and (flags.part != "test" or flags.count < 500):
        parser.error("--write-card is for 500 pictures of the test part")
    chosen = [*([f"--count {flags.count}"] if flags.count != 500 else [])]
    chosen += [f"--part {flags.part}"] if flags.part != "test" else []
    flags.command = " ".join([parser.prog, *chosen])
    return flags


def _pictures(recognizer: Recognizer, count: int, part: str) -> Iterator[tuple[Floats, NDArray[np.uint8], str]]:
    """Frames, labels and the kind: MNIST's images, and drawings of writers who were not trained on."""
    from benchmarks.accuracy.pictures import default_strokes, drawings
    from digitrec.learning.data.examples import scale_pixels
    from digitrec.learning.data.mnist import load_mnist
    from digitrec.learning.negatives.source_digits import MNIST_VALIDATION_ROWS, WRITERS
    from digitrec.learning.strokes.recordings import choose_writers, read_strokes
    from digitrec.learning.strokes.suspects import drop_suspects

    train, test = load_mnist()
    images = test if part == "test" else train.take(slice(len(train) - MNIST_VALIDATION_ROWS, None))
    images = images.take(np.random.default_rng(0).permutation(len(images))[:count])
    yield _frames(recognizer, scale_pixels(images.images)), images.labels, f"MNIST, {part} images"
    strokes = default_strokes()
    if strokes is None:
        raise DatasetError("DIGITREC_DATA_DIR names no folder with recorded pen strokes")
    writers = STRANGERS.split(",") if part == "test" else list(WRITERS[part])
    pen = choose_writers(drop_suspects(read_strokes(strokes)), only=writers)
    chosen = [pen[place] for place in np.random.default_rng(0).permutation(len(pen))[:count]]
    usual = next(drawings(chosen))
    assert usual.labels is not None
    yield _frames(recognizer, 1 - scale_pixels(usual.images)), usual.labels, f"strangers' drawings, {part} writers"


def _frames(recognizer: Recognizer, inks: Floats) -> Floats:
    return np.concatenate([recognizer.run(inks[start : start + 20]).model_input for start in range(0, len(inks), 20)])


def _sanity(graph: ExplanationGraph, frames: Floats, part: str) -> Check:
    shuffled = shuffled_graph(models_dir())
    answers = _logits(graph, frames)[:, :10].argmax(1)
    found = [
        rank_correlation(attribute(graph, frame, int(digit)), attribute(shuffled, frame, int(digit)), frame)
        for frame, digit in zip(frames[:100], answers, strict=False)
    ]
    what = f"rank correlation with the maps of a network whose last layers are shuffled, mean of {len(found)}"
    return Check(what, float(np.mean(found)), MOST_CORRELATED)


def _duration(graph: ExplanationGraph, frames: Floats) -> Check:
    taken = []
    for frame in frames:
        started = time.process_time()
        attribute(graph, frame, 3)
        taken.append(1000 * (time.process_time() - started))
    return Check("processor time of a map on one core, median", float(np.median(taken)), MOST_MS, " ms")


def _logits(graph: ExplanationGraph, frames: Floats) -> Floats:
    chunks = [frames[start : start + AT_ONCE].astype(np.float32) for start in range(0, len(frames), AT_ONCE)]
    outputs = [graph.run(NO_INK, chunk, np.zeros(len(chunk), np.int32), ("logits",))["logits"] for chunk in chunks]
    return np.concatenate(outputs)


if __name__ == "__main__":
    sys.exit(main())
