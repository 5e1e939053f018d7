"""Train a network: `python -m training.train`. Writes a run directory below runs/."""

import argparse
import os
import shlex
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from filelock import Timeout

from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import RUNS_DIR, Run, check_name, open_run
from digitrec.learning.runs.stop_request import stop_on_request
from training.options import add_config_flags, given_config

STOPPED = 130  # what a shell reports of a command that Ctrl-C ended
FAILED = 1


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped by hand."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with an interrupted run, as if it had not been; or begin one that has but a configuration",
    )
    parser.add_argument(
        "--runs", type=Path, default=RUNS_DIR, metavar="DIR", help="where runs are kept (default: runs)"
    )
    parser.add_argument(
        "--preview-augmentation",
        type=Path,
        metavar="PNG",
        help="instead of training, draw a batch before and after its distortion",
    )
    add_config_flags(parser)
    arguments = parser.parse_args(argv)
    given = given_config(arguments)
    if arguments.resume and given:
        parser.error(f"--resume goes on with the run's own configuration; leave out --{next(iter(given))}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes on the processor tell the user nothing
    # What stops a process politely, such as the dashboard's button, ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        run = open_run(arguments.resume, arguments.runs) if arguments.resume else None
        config = _config(parser, run, given)
        if arguments.preview_augmentation:
            return _preview(config, arguments.preview_augmentation)
        return _train(config, run, arguments.runs)
    except DatasetError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:  # before the run began
        return STOPPED


def _config(parser: argparse.ArgumentParser, run: Run | None, given: dict[str, Any]) -> TrainConfig:
    try:
        config = TrainConfig(**given) if run is None else TrainConfig.from_dict(run.config)
        check_name(config.name)
    except ValueError as error:
        if run is not None:
            raise DatasetError(f"{run.path / 'config.json'} cannot be resumed from: {error}") from error
        parser.error(str(error))
    return config


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _train(config: TrainConfig, run: Run | None, root: Path) -> int:
    if run is not None and run.status.state in ("running", "done"):
        print(f"error: {run.path} is {run.status.state}; there is nothing to resume", file=sys.stderr)
        return FAILED
    try:
        with ExitStack() as stack:
            if run is not None:
                # Before Keras is imported, which takes seconds: whoever watches sees from now on that it runs.
                stack.enter_context(_taken_up(run))
            from digitrec.learning.trainer import Trainer

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                verbose = 1 if sys.stdout.isatty() else 2
                trainer = Trainer(config, run=run, root=root, command=_command(config, run), verbose=verbose)
                data = trainer.load()
            for warning in caught:
                print(f"warning: {warning.message}", file=sys.stderr)
            print(f"training on {len(data.train):,} images, validating on {len(data.validation):,}", flush=True)
            if run is None:
                # Only now, so that data that cannot be used leave no run directory behind.
                run = trainer.run = Run.create(root, config.name, config.to_dict())
                stack.enter_context(_taken_up(run))
            trainer.fit()
    except Timeout:
        print(f"error: another process is training {run and run.path}", file=sys.stderr)
        return FAILED
    return _outcome(run)


@contextmanager
def _taken_up(run: Run) -> Iterator[None]:
    """Hold a run, listen for requests to stop it, and leave word in it of what keeps it from training."""
    with run.hold(), stop_on_request(run):
        run.set_status("running")
        run.write_json("progress.json", {**run.progress, "pid": os.getpid(), "updated": time.time(), "eta": None})
        try:
            yield
        except BaseException as error:
            if run.status.state == "running":  # the trainer has said nothing yet
                if isinstance(error, KeyboardInterrupt):
                    run.set_status("stopped", f"by hand, with {len(run.history())} epochs done")
                else:
                    kind = "" if isinstance(error, DatasetError) else f"{type(error).__name__}: "
                    run.set_status("failed", f"{kind}{error}")
            raise


def _outcome(run: Run) -> int:
    status = run.status
    best = max((row["val_accuracy"] for row in run.history()), default=float("nan"))
    if status.state == "done":
        print(f"done: {run.path}, best validation accuracy {best:.4f}")
        print(f"next: python -m training.evaluate {run.path}")
        return 0
    print(f"{status.state}: {status.reason}", file=sys.stderr)
    if status.state == "stopped":
        print(f"go on with: python -m training.train --resume {run.path}", file=sys.stderr)
        return STOPPED
    print(f"what was trained until then is in {run.path}", file=sys.stderr)
    return FAILED


def _command(config: TrainConfig, run: Run | None) -> str:
    """The command that would make this run anew, for its record; or the one that goes on with it."""
    begins = run is not None and not run.read_json("provenance.json")
    return shlex.join(["python", "-m", "training.train", *(config.to_flags() if begins else sys.argv[1:])])


def _preview(config: TrainConfig, path: Path) -> int:
    from digitrec.learning.preview import draw_augmentation_preview

    draw_augmentation_preview(config).save(path)
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
