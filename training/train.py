"""Train a network, and write its run directory below runs/."""

import os
import shlex
import signal
import sys
import warnings
from contextlib import ExitStack
from pathlib import Path

from digitrec.cli.parser import CommandParser
from digitrec.files import check_output
from digitrec.learning.backend import import_keras
from digitrec.learning.config import TrainConfig
from digitrec.learning.data import training_data
from digitrec.learning.devices import Devices, LostProcessError, leave_others
from digitrec.learning.runs.lengthen import check_lengthening, lengthen
from digitrec.learning.runs.lifecycle import take_up
from digitrec.learning.runs.run import Run, open_run, runs_dir
from digitrec.learning.runs.teachers import open_teachers
from digitrec.learning.runs.webhook import VARIABLE, notice_at_end
from digitrec.learning.trackers import TRACKERS, check_trackers, log_to
from training.command import check_root, interrupt, run_command
from training.options import (
    add_config_flags,
    add_device_flags,
    add_resume_flag,
    check_resume,
    given_config,
    given_devices,
    read_config,
)


def main(argv: list[str] | None = None, prog: str = "python -m training.train") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped."""
    parser = CommandParser(prog=prog, description=__doc__)
    add_resume_flag(parser)
    parser.add_argument(
        "--runs", type=Path, default=runs_dir(), metavar="DIR", help="where runs are kept (default: %(default)s)"
    )
    parser.add_argument(
        "--preview-augmentation",
        type=Path,
        metavar="PNG",
        help="instead of training, draw a batch before and after its distortion",
    )
    parser.add_argument(
        "--log-to",
        action="append",
        choices=TRACKERS,
        default=[],
        help="log the run to this tracker too; may be repeated; needs the extra of that name",
    )
    parser.add_argument(
        "--webhook",
        default=os.environ.get(VARIABLE, ""),
        metavar="URL",
        help=f"post a notice there when the run ends (default: the variable {VARIABLE})",
    )
    add_device_flags(parser)
    add_config_flags(parser)
    words = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(words)
    if arguments.webhook:  # which may hold a secret: it does not belong in the record of the run
        words = [word.replace(arguments.webhook, "URL") for word in words]
    given = given_config(arguments)
    check_resume(parser, arguments.resume, given)
    preview: Path | None = arguments.preview_augmentation
    if preview and not preview.parent.is_dir():
        parser.error(f"--preview-augmentation {preview}: there is no folder {preview.parent}")
    if preview and preview.suffix.lower() != ".png":
        parser.error(f"--preview-augmentation {preview}: the name of a PNG file ends with .png")
    # SIGTERM, such as the dashboard's button sends, ends training as Ctrl-C does.
    signal.signal(signal.SIGTERM, interrupt)

    def body() -> None:
        run = open_run(arguments.resume, arguments.runs) if arguments.resume else None
        config = read_config(parser, TrainConfig, run, given)
        if preview:
            _preview(config, preview)
            return
        if run is None:
            check_root(arguments.runs)
        elif "epochs" in given:
            check_lengthening(run, config.epochs)
        trackers = list(dict.fromkeys(arguments.log_to))
        check_trackers(trackers)
        devices = given_devices(arguments)
        devices.check(config.batch_size)
        is_first = devices.process == 0  # which alone tells of the run
        with (
            notice_at_end(arguments.webhook if is_first else "") as runs,
            devices.own_directory(arguments.runs, run) as (root, own),
        ):
            _train(config, own, root, _command(config, run, words), trackers if is_first else [], runs, devices)

    status = run_command(body)
    leave_others(status)
    return status


def _train(
    config: TrainConfig,
    run: Run | None,
    root: Path,
    command: str,
    trackers: list[str],
    runs: list[Run],
    devices: Devices,
) -> None:
    """Train a new run below `root`, or take up one that exists; it is added to `runs` once this process trains it."""
    try:
        with ExitStack() as stack:
            if run is not None:
                # Before Keras is imported, which takes seconds: a watcher sees from now on that the run is taken up.
                is_longer = config.epochs != run.config.get("epochs")
                stack.enter_context(take_up(run, lengthened=is_longer))
                runs.append(run)
                if is_longer:
                    lengthen(run, config.epochs)
            data = load_data(config)
            open_teachers(config.teachers)
            devices.connect()
            import_keras()
            from digitrec.learning.distribution import Spread
            from digitrec.learning.models.checkpoints import find_start_model
            from digitrec.learning.trainer import Trainer

            if config.start_from:
                find_start_model(config.start_from)
            spread = Spread(devices, config.batch_size)
            if run is None:
                # Only now, so that data that cannot be used leave no run directory behind.
                run = Run.create(root, config.name, config.to_dict())
                stack.enter_context(take_up(run))
                runs.append(run)
            verbose = 0 if devices.process else 1 if sys.stdout.isatty() else 2
            callbacks = stack.enter_context(log_to(trackers, run))
            trainer = Trainer(config, data, run, command=command, verbose=verbose, callbacks=callbacks, spread=spread)
            trainer.fit()
    except (KeyboardInterrupt, LostProcessError):
        if run is not None and not devices.process:
            print(f"stopped: {run.status.reason}", file=sys.stderr)
            print(f"continue with: python -m training.train --resume {run.path}", file=sys.stderr)
        raise
    except Exception:
        if run is not None and run.status.state == "failed" and run.history() and not devices.process:
            print(f"what was trained until then is in {run.path}", file=sys.stderr)
        raise
    if devices.process:
        return  # the first process says it
    best = max((row["val_accuracy"] for row in run.history()), default=float("nan"))
    print(f"done: {run.path}, best validation accuracy {best:.4f}")
    print(f"next: python -m training.evaluate {run.path}")


def load_data(config: TrainConfig) -> training_data.TrainingData:
    """Load the data of a run, and print what was dropped and how much is left."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        data = training_data.load_training_data(config)
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    print(f"training on {len(data.train):,} images, validating on {len(data.validation):,}", flush=True)
    return data


def _command(config: TrainConfig, run: Run | None, words: list[str]) -> str:
    """The command for the record: the one that would start this run, or the one that continues it."""
    begins = run is not None and not run.read_json("provenance.json")
    return shlex.join(["python", "-m", "training.train", *(config.to_flags() if begins else words)])


def _preview(config: TrainConfig, path: Path) -> None:
    data = load_data(config)
    import_keras()
    from digitrec.learning.preview import draw_augmentation_preview, is_augmentation_preview

    check_output(path, [], is_augmentation_preview)
    draw_augmentation_preview(config, data.train).save(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    sys.exit(main())
