"""Evaluate a run, or the shipped model, on MNIST's test images."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitrec.artifacts import MODEL_NAME, models_dir, read_card, sha256
from digitrec.cli.parser import CommandParser
from digitrec.files import write_json
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import Run, open_run
from training.command import run_command

if TYPE_CHECKING:
    from digitrec.learning.data.examples import Examples
    from digitrec.learning.evaluation.metrics import Evaluation
    from digitrec.learning.evaluation.predictions import Predictions
    from digitrec.prediction import GraphOutputs

SHIPPED_OUT = Path("evaluation")
COMMAND = "python -m training.evaluate"


def main(argv: list[str] | None = None, prog: str = "python -m training.evaluate") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run directory (default: the shipped model)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the files go (default: the run's directory, or evaluation/)"
    )
    parser.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        help="without RUN, the folder of the model (default: models/)",
    )
    parser.add_argument("--write-card", action="store_true", help="put the model's figures on its card")
    arguments = parser.parse_args(argv)
    if arguments.write_card and arguments.run:
        parser.error("--write-card is for the shipped model; leave out RUN, after python -m training.export RUN")
    if arguments.models and arguments.run:
        parser.error("--models names the folder of an exported model; leave out RUN, or the folder")
    return run_command(lambda: _evaluate(arguments))


def _evaluate(arguments: argparse.Namespace) -> None:
    from digitrec.learning.data.mnist import load_mnist
    from digitrec.learning.evaluation.metrics import evaluate
    from digitrec.learning.evaluation.plots import write_confusion, write_curves, write_mistakes, write_reliability
    from digitrec.learning.evaluation.predictions import Predictions

    run = open_run(arguments.run) if arguments.run else None
    models: Path = arguments.models or models_dir()
    _, test = load_mnist()
    model_file = run.checkpoint if run else models / MODEL_NAME
    folder: Path = arguments.out or (run.path if run else SHIPPED_OUT)
    folder.mkdir(parents=True, exist_ok=True)
    answers = _answers(run, model_file, test)
    evaluation = evaluate(answers.probabilities, test.labels)
    write_json(folder / "evaluation.json", {"data": "MNIST test images", **evaluation.to_dict()})
    predictions = Predictions.from_outputs(answers, test.labels, sha256(model_file.read_bytes()))
    history = run.history() if run else read_card(models)["training"]["history"]
    written = [
        predictions.save(folder),
        *write_curves(history, folder),
        *write_confusion(evaluation, folder),
        *write_reliability(evaluation.reliability, evaluation.ece, folder),
        *write_mistakes(evaluation.mistakes, test.images, folder),
    ]
    print(report(evaluation))
    print("wrote " + ", ".join(str(path) for path in [folder / "evaluation.json", *written]))
    if arguments.write_card:
        _write_card(models, predictions, evaluation, answers)


def measure_card_figures(models: Path) -> None:
    """Put the figures of an exported model on MNIST's test images on its card, as `--write-card` does.

    Args:
        models: The folder of the model.
    """
    from digitrec.learning.data.mnist import load_mnist
    from digitrec.learning.evaluation.metrics import evaluate
    from digitrec.learning.evaluation.predictions import Predictions

    _, test = load_mnist()
    answers = _answers(None, models / MODEL_NAME, test)
    predictions = Predictions.from_outputs(answers, test.labels, sha256((models / MODEL_NAME).read_bytes()))
    _write_card(models, predictions, evaluate(answers.probabilities, test.labels), answers)


def _write_card(models: Path, predictions: "Predictions", evaluation: "Evaluation", answers: "GraphOutputs") -> None:
    import_keras()
    from digitrec.learning.models.export import record_figure
    from digitrec.prediction import DOUBT_THRESHOLD

    predictions.save(models)  # what the figures on the card follow from, for the dashboard
    record_figure(models, "mnist_test", card_figure(evaluation, float((answers.doubt >= DOUBT_THRESHOLD).mean())))


def _answers(run: Run | None, model_file: Path, test: "Examples") -> "GraphOutputs":
    """The outputs of a run's Keras recognizer, or of an exported model through `predict_batch`, for the test images."""
    import numpy as np

    from digitrec.prediction import GraphOutputs
    from digitrec.recognizer import Recognizer

    if run is None:
        predictions = Recognizer(model_file).predict_batch(test.images)
        return GraphOutputs(
            np.stack([one.probabilities for one in predictions]),
            np.array([one.doubt for one in predictions], np.float32),
            np.stack([one.model_input for one in predictions]),
        )
    import_keras()
    import keras

    from digitrec.learning.data.examples import scale_pixels
    from digitrec.learning.models.export import load_recognizer

    recognizer = load_recognizer(run)
    chunks = [scale_pixels(chunk) for chunk in np.array_split(test.images, 20)]
    outputs = [recognizer(ink, training=False) for ink in chunks]
    return GraphOutputs(
        *(np.concatenate([keras.ops.convert_to_numpy(one[name]) for one in outputs]) for name in GraphOutputs._fields)
    )


def card_figure(evaluation: "Evaluation", doubted: float) -> dict[str, Any]:
    """The entry of the card for an evaluation on MNIST's test images; `doubted` is the share that was doubted."""
    return {
        "command": COMMAND,
        "count": evaluation.count,
        "errors": evaluation.errors,
        "accuracy": evaluation.accuracy,
        "interval_95": list(evaluation.interval),
        "loss": evaluation.loss,
        "ece": evaluation.ece,
        "doubted": doubted,
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
    lines += ["", "confusion matrix (row: label, column: prediction)"]
    lines.append("      " + "".join(f"{digit:6d}" for digit in range(10)))
    lines += [f"{digit:5d} " + "".join(f"{n:6d}" for n in row) for digit, row in enumerate(evaluation.confusion)]
    lines += ["", "mistakes with the highest confidence"]
    lines += [f"  image {m.index}: a {m.label} read as {m.digit} ({m.confidence:.1%})" for m in evaluation.mistakes[:8]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
