"""Train the model again on accepted corrections, and compare the new model with the one that serves."""

import argparse
import shlex
import signal
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from digitrec.artifacts import CARD_NAME, models_dir, read_card
from digitrec.cli.parser import CommandParser
from digitrec.errors import DatasetError, DigitrecError
from digitrec.exported_corrections import export_corrections
from digitrec.learning.backend import import_keras
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.rows import load_rows
from digitrec.learning.retraining.corrections import Corrections, read_corrections
from digitrec.learning.retraining.plan import (
    RECIPE,
    WEIGHTS,
    count_repeats,
    missing_files,
    plan_retraining,
    recipe_of,
)
from digitrec.learning.runs.lifecycle import take_up
from digitrec.learning.runs.run import Run, check_name, runs_dir
from digitrec.publication.candidate import check_candidate, publish
from training.command import interrupt, run_command
from training.comparison import CORRECTIONS, NON_DIGITS, compare
from training.options import add_config_flags, given_config
from training.train import load_data

EXPORT = "export"
"""Folder in a run's directory with its exported model, where the dashboard looks for it too."""

MANY = 60_000
"""Images that are trained on without a limit, about."""

NEGATIVES = {"train": 4_000, "validation": 1_000}
"""Pictures of non-digits that are drawn where those of the recipe are not here; a fifth of a limit at most."""


def main(argv: list[str] | None = None, prog: str = "python -m training.retrain") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument(
        "--from-file",
        type=Path,
        metavar="CSV",
        help="corrections that were exported before (default: export those of DIGITREC_DATABASE_URL)",
    )
    parser.add_argument(
        "--from",
        dest="start",
        choices=(WEIGHTS, RECIPE),
        default=WEIGHTS,
        help="begin with the weights of the model that serves, or train by its recipe from the start"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--share",
        type=float,
        metavar="FLOAT",
        help="how much of the way from the old weights to the newly trained ones the network lies, 0 to 1: less forgets"
        " less (default: as far as no more validation digits are read wrong, within chance)",
    )
    parser.add_argument(
        "--test-csv", type=Path, action="append", default=[], metavar="CSV", help="a further test set; may be repeated"
    )
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="the folder of the model that serves (default: models/)"
    )
    parser.add_argument(
        "--runs", type=Path, default=runs_dir(), metavar="DIR", help="where runs are kept (default: %(default)s)"
    )
    parser.add_argument(
        "--publish", action="store_true", help="publish the new model, unless a measured figure is worse"
    )
    add_config_flags(parser)
    words = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(words)
    signal.signal(signal.SIGTERM, interrupt)
    return run_command(lambda: _retrain(arguments, shlex.join(["digitrec", "retrain", *words])))


def _retrain(arguments: argparse.Namespace, command: str) -> None:
    models: Path = arguments.models or models_dir()
    recipe = recipe_of(read_card(models))
    given = given_config(arguments)
    try:
        check_name(given.get("name", "retrained"))
        tests = {str(path): load_rows(path) for path in arguments.test_csv}
        # First, so that data that cannot be used leave no run directory behind.
        corrections = _read_corrections(arguments.from_file)
        run = Run.create(arguments.runs, given.get("name", "retrained"), recipe.to_dict())
        with take_up(run):
            config = _configure(run, recipe, corrections, models, arguments.start, given)
            run.write_json("config.json", config.to_dict())
            _train(run, config, command)
        if config.start_from:
            run = _interpolate(run, arguments.share, command)
    except ValueError as error:
        raise error if isinstance(error, DigitrecError) else DatasetError(str(error)) from error
    candidate = _export(run, command)
    sets = {CORRECTIONS: corrections.held_out, NON_DIGITS: corrections.held_out_negatives, **tests}
    compare(models, candidate, {name: part for name, part in sets.items() if len(part)}, command)
    _publish(models, candidate, wanted=arguments.publish)


def _read_corrections(path: Path | None) -> Corrections:
    """Read corrections that were exported before, or export those of the web app's database now."""
    if path is not None:
        return read_corrections(path)
    with TemporaryDirectory() as folder:
        export_corrections(Path(folder) / "accepted.csv", hold_out=True)
        return read_corrections(Path(folder) / "accepted.csv")


def _configure(
    run: Run, recipe: TrainConfig, corrections: Corrections, models: Path, start: str, given: dict[str, Any]
) -> TrainConfig:
    digits, negatives = corrections.save(run.path)
    weights = given.pop("start_from", "") or str(models / "digitrec.keras")
    config = plan_retraining(recipe, RECIPE if start == RECIPE else weights, digits, negatives, given)
    if missing := missing_files(recipe):
        print(
            f"warning: the recipe trains on {', '.join(missing)}, which are not here; what the model learnt from them"
            " may be forgotten",
            file=sys.stderr,
        )
    if not config.validation_negatives:
        config = replace(config, **_draw_negatives(run, config))
    if "correction_repeats" not in given:
        images = min(config.limit or MANY, MANY)
        config = replace(config, correction_repeats=count_repeats(images, len(corrections.train)))
    return config


def _draw_negatives(run: Run, config: TrainConfig) -> dict[str, Any]:
    """Draw non-digits of MNIST's digits: a network that is trained without any forgets to doubt."""
    import_keras()
    from digitrec.learning.data.kaggle_csv import save_csv
    from digitrec.learning.data.mnist import load_mnist
    from digitrec.learning.negatives.generator import render_negatives
    from digitrec.learning.negatives.source_digits import source_digits

    mnist = load_mnist()
    files = {}
    for part, most in NEGATIVES.items():
        count = min(most, (config.limit or MANY) // 5)
        path = run.path / f"negatives-{part}.csv"
        save_csv(render_negatives(source_digits(part, mnist, None), count, config.seed).examples(), path)
        files[part] = str(path)
    return {"negatives": (files["train"], *config.negatives), "validation_negatives": (files["validation"],)}


def _train(run: Run, config: TrainConfig, command: str) -> None:
    data = load_data(config)
    import_keras()
    from digitrec.learning.trainer import Trainer

    Trainer(config, data, run, command=command, verbose=1 if sys.stdout.isatty() else 2).fit()


def _interpolate(run: Run, share: float | None, command: str) -> Run:
    """Go back a part of the way to the old weights, so that less of what they knew is forgotten."""
    from digitrec.learning.models.interpolation import choose_share, interpolate_run

    if share is None:
        chosen = choose_share(run)
        share = chosen.share
        wrong = ", ".join(f"{errors} at {part}" for part, errors in sorted(chosen.errors.items()))
        print(f"share {share}, chosen on {chosen.count:,} validation digits; read wrong: {wrong}")
    if share == 1:
        return run
    # The model that serves was trained on far more than is trained on here.
    return interpolate_run(run, share, measure_statistics=False, command=command)


def _export(run: Run, command: str) -> Path:
    import_keras()
    from digitrec.learning.models.export import export_run

    folder = run.path / EXPORT
    export_run(run, folder, command=command)
    print(f"exported {run.path} to {folder}")
    return folder


def _publish(models: Path, candidate: Path, *, wanted: bool) -> None:
    """Publish the new model, where that is wanted and nothing is worse."""
    if not (models / CARD_NAME).exists() or not wanted:
        print(f"next: digitrec models publish {candidate}")
        return
    checked = check_candidate(models, str(candidate))
    if checked.worse:
        names = ", ".join(change.name for change in checked.worse)
        raise DigitrecError(
            f"not published: worse in {names}; to publish it all the same: digitrec models publish {candidate}"
            " --accept-worse"
        )
    now = publish(models, checked)
    print(f"published: {models} serves version {now.id[:12]} now; undo it with: digitrec models roll-back")


if __name__ == "__main__":
    sys.exit(main())
