"""Train a network, and write its run directory below runs/."""

import os
import shlex
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from filelock import Timeout

from digitrec.cli.parser import CommandParser
from digitrec.errors import DatasetError, DigitrecError
from digitrec.learning.backend import import_keras
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.kaggle_csv import check_header
from digitrec.learning.runs.run import RUNS_DIR, Run, check_name, open_run
from digitrec.learning.runs.stop_request import stop_on_request
from training.options import add_config_flags, given_config

STOPPED = 130  # what a shell reports of a command that Ctrl-C ended
FAILED = 1


def main(argv: list[str] | None = None, prog: str = "python -m training.train") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped by hand."""
    parser = CommandParser(prog=prog, description=__doc__)
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
    words = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(words)
    given = given_config(arguments)
    if arguments.resume and given:
        parser.error(f"--resume goes on with the run's own configuration; leave out --{next(iter(given))}")
    preview: Path | None = arguments.preview_augmentation
    if preview and not preview.parent.is_dir():
        parser.error(f"--preview-augmentation {preview}: there is no folder {preview.parent}")
    if preview and preview.suffix.lower() != ".png":
        parser.error(f"--preview-augmentation {preview}: the name of a PNG file ends with .png")
    # What stops a process politely, such as the dashboard's button, ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        run = open_run(arguments.resume, arguments.runs) if arguments.resume else None
        config = _config(parser, run, given)
        if preview:
            return _preview(config, preview)
        if run is None:
            _check_root(arguments.runs)
        return _train(config, run, arguments.runs, _command(config, run, words))
    except DigitrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:  # before the run began
        return STOPPED


def _config(parser: CommandParser, run: Run | None, given: dict[str, Any]) -> TrainConfig:
    try:
        config = TrainConfig(**given) if run is None else TrainConfig.from_dict(run.config)
        check_name(config.name)
    except ValueError as error:
        if run is not None:
            raise DatasetError(f"{run.path / 'config.json'} cannot be resumed from: {error}") from error
        parser.error(str(error))
    return config


def _check_headers(config: TrainConfig) -> None:
    """Refuse a file of another layout now, and not when TensorFlow has been imported and MNIST read."""
    for path in (*config.csv, *config.validation_csv, *config.negatives, *config.validation_negatives):
        check_header(path)


def _check_root(root: Path) -> None:
    """Make the folder of the run directories, before minutes are spent on what could not be kept."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=root):
            pass
    except OSError as error:
        raise DatasetError(
            f"run directories cannot be made in {root}: {error.strerror or error}; name another folder with --runs"
        ) from error


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _train(config: TrainConfig, run: Run | None, root: Path, command: str) -> int:
    if run is not None and run.status.state in ("running", "done"):
        print(f"error: {run.path} is {run.status.state}; there is nothing to resume", file=sys.stderr)
        return FAILED
    try:
        with ExitStack() as stack:
            if run is not None:
                # Before Keras is imported, which takes seconds: whoever watches sees from now on that it runs.
                stack.enter_context(_taken_up(run))
            _check_headers(config)
            import_keras()
            from digitrec.learning.trainer import Trainer

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                verbose = 1 if sys.stdout.isatty() else 2
                trainer = Trainer(config, run=run, root=root, command=command, verbose=verbose)
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
                    kind = "" if isinstance(error, DigitrecError) else f"{type(error).__name__}: "
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


def _command(config: TrainConfig, run: Run | None, words: list[str]) -> str:
    """The command that would make this run anew, for its record; or the one that goes on with it."""
    begins = run is not None and not run.read_json("provenance.json")
    return shlex.join(["python", "-m", "training.train", *(config.to_flags() if begins else words)])


def _preview(config: TrainConfig, path: Path) -> int:
    _check_headers(config)
    import_keras()
    from digitrec.learning.preview import draw_augmentation_preview

    try:
        draw_augmentation_preview(config).save(path)
    except OSError as error:
        raise DatasetError(f"{path} cannot be written: {error.strerror or error}") from error
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
