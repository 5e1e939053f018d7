"""Ablation of the training recipe: the shipped one, shortened, and others that differ in one setting.

`python -m benchmarks.accuracy.recipes` trains them, each with several seeds, and compares them on validation alone:
MNIST images held out, and drawings by writers that are not trained on. It trains on the files that the shipped model's
card names; models/README.md has the commands that make them. Each run is a run directory; those that are done are
reused, so that the command can be stopped and started.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.command import machine, run_resumable
from digitrec.artifacts import read_card
from digitrec.errors import DigitrecError
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.lifecycle import take_up
from digitrec.learning.runs.run import Run, list_runs

RECIPES: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "no averaging of weights": {"ema_momentum": 0.0},
    "plateau instead of cosine": {"schedule": "plateau"},
    "no warm-up": {"warmup_epochs": 0.0},
    "not bent": {"elastic": 0.0},
    "bent by 0.5 pixels": {"elastic": 0.5},
    "thickened by 0.4 pixels": {"thickness": 0.4},
    "20 % erased": {"erasing": 0.2},
    "nothing corrupted": {"corruption": 0.0},
    "labels smoothed by 0.05": {"label_smoothing": 0.05},
    "mixup by 0.2": {"mixup": 0.2},
    "dropout 0.4": {"dropout": 0.4},
    "half the width": {"width": 16},
    "twice the width": {"width": 64},
    "two convolutions before each pooling": {"depth": 2},
}
"""By name, in what each differs from the shipped recipe."""

FIGURES = {"val_mnist_accuracy": "MNIST", "val_csv_accuracy": "drawings"}


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible, 130 stopped."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.recipes", description=__doc__)
    parser.add_argument("--epochs", type=int, default=6, help="passes over the data (default: 6)")
    parser.add_argument("--seeds", default="1,2", help="seeds, with commas between them (default: 1,2)")
    parser.add_argument("--only", action="append", choices=list(RECIPES), help="a recipe; may be repeated")
    parser.add_argument(
        "--teachers", action="append", default=[], metavar="RUN", help="also distil these runs; may be repeated"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs/recipes"), metavar="DIR", help="where runs are kept")
    flags = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return run_resumable(lambda: _compare(flags))


def _compare(flags: argparse.Namespace) -> None:
    base = TrainConfig.from_older(read_card()["training"]["config"])
    # From random weights: no shape but the shipped one could start from it, and all would know its validation data.
    base = replace(base, epochs=flags.epochs, patience=flags.epochs, start_from="")
    recipes = {name: RECIPES[name] for name in flags.only or RECIPES}
    if flags.teachers:
        recipes[f"taught by {len(flags.teachers)} others"] = {"teachers": tuple(flags.teachers)}
    seeds = [int(seed) for seed in flags.seeds.split(",")]
    print(table(train(base, recipes, seeds, flags.runs)))
    print("\n" + "; ".join(f"{name} {value}" for name, value in machine().items() if value))


def train(
    base: TrainConfig, recipes: Mapping[str, Mapping[str, Any]], seeds: Sequence[int], root: Path, data: Any = None
) -> dict[str, list[Run]]:
    """Train each recipe with each seed, or take up the runs that are there.

    Args:
        base: What all have in common.
        recipes: By name, what each changes.
        seeds: One run each.
        root: Where run directories are kept.
        data: What to train on; by default what the configuration names.

    Returns:
        By recipe, its runs, in the order of the seeds.

    Raises:
        DigitrecError: Data that cannot be used, or a run that failed.
        KeyboardInterrupt: Stopped by hand; what was trained is kept.
    """
    from digitrec.learning.data.training_data import load_training_data
    from digitrec.learning.trainer import Trainer

    trained: dict[str, list[Run]] = {}
    for seed in seeds:  # the outer loop, so that stopping early leaves all recipes with as many seeds
        for name, changes in recipes.items():
            config = replace(base, name="recipe", seed=seed, **changes)
            known = {str(run.config): run for run in list_runs(root)}
            run = known.get(str(config.to_dict()))
            if run is None or run.status.state != "done":
                print(f"{name}, seed {seed}", file=sys.stderr, flush=True)
                loaded = data or load_training_data(config)
                run = run or Run.create(root, config.name, config.to_dict())
                try:
                    with take_up(run):
                        Trainer(config, loaded, run, verbose=0).fit()
                except DigitrecError as error:
                    raise DigitrecError(f"{name}, seed {seed}: {error}") from error
            trained.setdefault(name, []).append(run)
    return trained


def table(trained: Mapping[str, Sequence[Run]]) -> str:
    """A Markdown row for each recipe: wrong answers on validation, mean over seeds, by kind, and their loss.

    The last epoch counts, not the best: choosing among noisy epochs would flatter those with more noise. A loss that
    asks for something else than the labels cannot be compared, and has a dash.
    """
    known = set.intersection(*(set(run.history()[-1]) for runs in trained.values() for run in runs))
    kinds = [figure for figure in FIGURES if figure in known]
    lines = [
        ["recipe", *(f"{FIGURES[kind]}, wrong" for kind in kinds), "loss", "seeds"],
        ["---"] * (len(kinds) + 3),
    ]
    for name, runs in trained.items():
        last = [run.history()[-1] for run in runs]
        wrong = [statistics.mean(1 - row[kind] for row in last) for kind in kinds]
        others = any(run.config["teachers"] or run.config["label_smoothing"] for run in runs)
        loss = "-" if others else f"{statistics.mean(row['val_loss'] for row in last):.4f}"
        lines.append([name, *(f"{share:.2%}".replace("%", " %") for share in wrong), loss, str(len(runs))])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    sys.exit(main())
