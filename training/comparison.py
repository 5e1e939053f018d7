"""Compare a new model with the one that serves, figure by figure; not a command, but a part of `training.retrain`."""

from pathlib import Path

from digitrec.artifacts import MODEL_NAME, read_card
from digitrec.cli.models import describe_change
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.leak_guard import MNIST_TEST
from digitrec.learning.retraining.comparison import Score, list_score_changes, score
from digitrec.publication.candidate import FIGURE

CORRECTIONS, NON_DIGITS = "corrections held out", "corrected non-digits held out"
"""Names of the test sets that are made of corrections."""


def compare(models: Path, candidate: Path, sets: dict[str, Examples], command: str) -> list[str]:
    """Score the model that serves and the new one, print both side by side, and write the new figures on its card.

    Args:
        models: The folder of the model that serves.
        candidate: The folder of the new one.
        sets: Test sets by name, besides MNIST's test images.
        command: The command line, for the card.

    Returns:
        The figures that are worse.
    """
    from digitrec.learning.models.export import record_figure
    from training.evaluate import measure_card_figures

    measure_card_figures(candidate)
    before, after = (_score_all(folder, sets) for folder in (models, candidate))
    changes = list(list_score_changes(before, after, [NON_DIGITS]))
    print("before -> after")
    for change in changes:
        print(f"  {describe_change(change)}")
    for name, entry in ((CORRECTIONS, "corrections"), (NON_DIGITS, "corrected_non_digits")):
        if name in after:
            record_figure(candidate, entry, after[name].to_figure(command))
    worse = [change.name for change in changes if change.verdict == "worse"]
    print(f"worse: {', '.join(worse)}" if worse else "nothing is worse")
    return worse


def _score_all(folder: Path, sets: dict[str, Examples]) -> dict[str, Score]:
    from digitrec.recognizer import Recognizer

    recognizer = Recognizer(folder / MODEL_NAME)
    figure = (read_card(folder).get("figures") or {}).get(FIGURE)
    if figure is None:  # never measured: only the model that serves may be
        from digitrec.learning.data.mnist import load_mnist

        mnist = score(recognizer, load_mnist()[1])
    else:
        mnist = Score(figure["count"], figure["errors"], round(figure.get("doubted", 0) * figure["count"]))
    return {MNIST_TEST: mnist, **{name: score(recognizer, examples) for name, examples in sets.items()}}
