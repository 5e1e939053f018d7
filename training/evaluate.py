"""Evaluate on MNIST's test images: `python -m training.evaluate [RUN]`. Without RUN, the shipped model."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitrec.artifacts import models_dir, read_card
from digitrec.errors import DigitrecError
from digitrec.learning.runs import Run, open_run, write_json

if TYPE_CHECKING:
    from digitrec.learning.evaluation import Evaluation
    from digitrec.learning.examples import Examples

SHIPPED_OUT = Path("evaluation")
COMMAND = "python -m training.evaluate"


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run directory (default: the shipped model)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the files go (default: the run's directory, or evaluation/)"
    )
    parser.add_argument(
        "--write-card", action="store_true", help="put the shipped model's figures on its card, models/card.json"
    )
    arguments = parser.parse_args(argv)
    if arguments.write_card and arguments.run:
        parser.error("--write-card is for the shipped model; leave out RUN, after python -m training.export RUN")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        run = open_run(arguments.run) if arguments.run else None
        _evaluate(run, arguments.out, arguments.write_card)
    except DigitrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _evaluate(run: Run | None, out: Path | None, write_card: bool) -> None:
    from digitrec.learning.datasets import load_mnist
    from digitrec.learning.evaluation import evaluate
    from digitrec.learning.figures import write_confusion, write_curves, write_mistakes, write_reliability

    _, test = load_mnist()
    evaluation = evaluate(_probabilities_of(run, test), test.labels)
    folder = out or (run.path if run else SHIPPED_OUT)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "evaluation.json", {"data": "MNIST test images", **evaluation.to_dict()})
    history = run.history() if run else read_card()["training"]["history"]
    written = [
        *write_curves(history, folder),
        *write_confusion(evaluation, folder),
        *write_reliability(evaluation.reliability, evaluation.ece, folder),
        *write_mistakes(evaluation.mistakes, test.images, folder),
    ]
    print(report(evaluation))
    print("wrote " + ", ".join(str(path) for path in [folder / "evaluation.json", *written]))
    if write_card:
        from digitrec.learning.export import record_figure

        record_figure(models_dir(), "mnist_test", card_figure(evaluation))


def _probabilities_of(run: Run | None, test: "Examples") -> Any:
    """Probabilities for each test image: of a run's Keras recognizer, or of the shipped model through predict_batch."""
    import numpy as np

    if run is None:
        from digitrec import predict_batch

        return np.stack([prediction.probabilities for prediction in predict_batch(test.images)])
    import keras

    from digitrec.learning.export import load_recognizer

    recognizer = load_recognizer(run)
    chunks = [chunk.astype(np.float32) / 255 for chunk in np.array_split(test.images, 20)]
    answers = [recognizer(ink, training=False)["probabilities"] for ink in chunks]
    return np.concatenate([keras.ops.convert_to_numpy(answer) for answer in answers])


def card_figure(evaluation: "Evaluation") -> dict[str, Any]:
    """What the card says of an evaluation on MNIST's test images."""
    return {
        "command": COMMAND,
        "count": evaluation.count,
        "errors": evaluation.errors,
        "accuracy": evaluation.accuracy,
        "interval_95": list(evaluation.interval),
        "loss": evaluation.loss,
        "ece": evaluation.ece,
    }


def report(evaluation: "Evaluation") -> str:
    """The evaluation as a few lines of text."""
    low, high = evaluation.interval
    lines = [
        f"test accuracy {evaluation.accuracy:.2%} ({evaluation.errors} of {evaluation.count:,} wrong),"
        f" 95 % interval {low:.2%} to {high:.2%}; loss {evaluation.loss:.4f}",
        f"expected calibration error {evaluation.ece:.4f}, over {len(evaluation.reliability)} bins of confidence",
        "",
        "digit  precision  recall     F1  images",
    ]
    lines += [
        f"{c.digit:5d}  {c.precision:9.4f}  {c.recall:6.4f}  {c.f1:.4f}  {c.support:6d}" for c in evaluation.per_class
    ]
    lines += ["", "confusion matrix (row: what it is, column: what it was taken for)"]
    lines.append("      " + "".join(f"{digit:6d}" for digit in range(10)))
    lines += [f"{digit:5d} " + "".join(f"{n:6d}" for n in row) for digit, row in enumerate(evaluation.confusion)]
    lines += ["", "surest mistakes"]
    lines += [
        f"  image {m.index}: a {m.label} taken for {m.digit} ({m.confidence:.1%})" for m in evaluation.mistakes[:8]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
