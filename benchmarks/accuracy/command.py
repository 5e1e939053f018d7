"""Accuracy of the recognizer on MNIST, drawings, other scans, corrupted images and non-digits.

The shipped model is evaluated as it is served. With --classic, the network of many tutorials is the baseline.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.command import check_json, report
from digitrec.artifacts import models_dir
from digitrec.errors import DigitrecError
from digitrec.learning.negatives.source_digits import WRITERS
from digitrec.learning.runs.run import open_run

if TYPE_CHECKING:
    from benchmarks.accuracy.scores import Scores

STRANGERS = ",".join(WRITERS["test"])
"""Writers of the recorded strokes that the shipped model was neither trained nor validated on."""

FEW_NEGATIVES = 100


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    flags = _flags(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from benchmarks.accuracy.evaluation import evaluate_candidates
    from benchmarks.accuracy.pictures import (
        NEGATIVES,
        PRINTED,
        characters_file,
        default_strokes,
        further_negatives,
        negatives,
        printed,
    )
    from benchmarks.accuracy.recognizers import load_candidates
    from digitrec.learning.data.mnist import load_mnist
    from digitrec.learning.negatives.alphabets import read_characters, without_look_alikes
    from digitrec.learning.strokes.recordings import choose_writers, read_strokes
    from digitrec.learning.strokes.suspects import drop_suspects

    try:
        strokes = flags.strokes or default_strokes()
        writers = [name.strip() for name in flags.writers.split(",")]
        pen = read_strokes(strokes) if strokes else []
        digits = pen if flags.keep_suspects else drop_suspects(pen) if pen else []
        digits = choose_writers(digits, only=writers) if digits else []
        count = FEW_NEGATIVES if flags.quick else NEGATIVES
        no_digits = negatives(load_mnist(), pen, count)
        known = flags.characters or characters_file()
        characters = [one for one in read_characters(known) if one.part == "validation"] if known else []
        characters = without_look_alikes(characters[:FEW_NEGATIVES] if flags.quick else characters)
        printed_digits = printed(FEW_NEGATIVES if flags.quick else PRINTED)
        further = [printed_digits, *further_negatives(load_mnist(), pen, characters, count // 10)]
        candidates = load_candidates(open_run(flags.classic) if flags.classic else None)
        scores = evaluate_candidates(candidates, digits, no_digits, further=further, quick=flags.quick)
    except DigitrecError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    report([scores], flags)
    if flags.write_card:
        from digitrec.learning.models.export import record_figure

        for name, figure in card_figures(scores, flags.command).items():
            record_figure(models_dir(), name, figure)
    return 0


def _flags(argv: list[str] | None) -> argparse.Namespace:
    """The command line's flags, and under `command` those that decide the figures, for the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--classic", metavar="RUN", help="a run trained with --architecture classic, to compare with")
    parser.add_argument(
        "--strokes", type=Path, metavar="FILE", help="recorded pen strokes (default: those in DIGITREC_DATA_DIR)"
    )
    parser.add_argument(
        "--writers",
        default=STRANGERS,
        metavar="A,B",
        help=f"writers whose digits are drawn, none of whom was trained on (default: {STRANGERS})",
    )
    parser.add_argument(
        "--characters", type=Path, metavar="FILE", help="characters of other alphabets (default: as --strokes)"
    )
    parser.add_argument("--keep-suspects", action="store_true", help="include recordings whose label is doubtful")
    parser.add_argument("--quick", action="store_true", help="only check that it works; the figures mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table to a file too")
    parser.add_argument(
        "--write-card", action="store_true", help="put the shipped model's figures on its card, models/card.json"
    )
    flags = parser.parse_args(argv)
    check_json(parser, flags.json)
    if flags.write_card and flags.quick:
        parser.error("--write-card is for figures that mean something; leave out --quick")
    chosen = [
        *([f"--classic {Path(flags.classic).name}"] if flags.classic else []),  # where files lie changes no figure
        *([f"--strokes {flags.strokes.name}"] if flags.strokes else []),
        *([f"--writers {flags.writers}"] if flags.writers != STRANGERS else []),
        *([f"--characters {flags.characters.name}"] if flags.characters else []),
        *(["--keep-suspects"] if flags.keep_suspects else []),
        *(["--quick"] if flags.quick else []),
    ]
    flags.command = " ".join([parser.prog, *chosen])
    return flags


def card_figures(scores: "Scores", command: str) -> dict[str, dict[str, Any]]:
    """What the card says of the shipped model, by the figures' names.

    MNIST's test images are not among them: their figure is `training.evaluate`'s.
    """
    shipped = scores.candidates[0]
    digits = scores.values_of(shipped, "digits")
    digits.pop("mnist_test", None)
    figures: dict[str, dict[str, Any]] = {
        **digits,
        "mnist_c": scores.values_of(shipped, "mnist_c"),
        "calibration": scores.values_of(shipped, "calibration"),
        "doubt": {
            group: scores.values_of(shipped, group)
            for group in ("doubted", "auroc", "auroc_confidence")
            if scores.values_of(shipped, group)
        },
    }
    return {name: {"command": command, **figure} for name, figure in figures.items() if figure}
