"""Train the reader's detector: `python -m training.train_reader`. Writes a run directory below runs/."""

import argparse
import os
import shlex
import signal
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from filelock import Timeout

from digitrec.errors import DatasetError
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.runs.run import Run, check_name, open_run, runs_dir
from digitrec.learning.runs.stop_request import stop_on_request

STOPPED, FAILED = 130, 1


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped by hand."""
    parser = argparse.ArgumentParser(prog="python -m training.train_reader", description=__doc__)
    parser.add_argument("--resume", metavar="RUN", help="go on with an interrupted run, as if it had not been")
    parser.add_argument(
        "--runs", type=Path, default=runs_dir(), metavar="DIR", help="where runs are kept (default: %(default)s)"
    )
    group = parser.add_argument_group("how to train; models/README.md tells how the shipped detector was")
    for option in fields(ReaderConfig):
        group.add_argument(
            "--" + option.name.replace("_", "-"),
            type=type(option.default),
            choices=option.metadata["choices"] or None,
            default=argparse.SUPPRESS,
            help=f"{option.metadata['help']} (default: {option.default})",
        )
    arguments = parser.parse_args(argv)
    given = {name: value for name, value in vars(arguments).items() if name not in ("resume", "runs")}
    if arguments.resume and given:
        parser.error(f"--resume goes on with the run's own configuration; leave out --{next(iter(given))}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        run = open_run(arguments.resume, arguments.runs) if arguments.resume else None
        return _train(_config(parser, run, given), run, arguments.runs)
    except DatasetError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return STOPPED


def _config(parser: argparse.ArgumentParser, run: Run | None, given: dict[str, Any]) -> ReaderConfig:
    try:
        config = ReaderConfig(**given) if run is None else ReaderConfig.from_dict(run.config)
        check_name(config.name)
    except ValueError as error:
        if run is not None:
            raise DatasetError(f"{run.path / 'config.json'} cannot be resumed from: {error}") from error
        parser.error(str(error))
    return config


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _train(config: ReaderConfig, run: Run | None, root: Path) -> int:
    if run is not None and run.status.state in ("running", "done"):
        print(f"error: {run.path} is {run.status.state}; there is nothing to resume", file=sys.stderr)
        return FAILED
    run = run or Run.create(root, config.name, config.to_dict())
    try:
        with run.hold(), stop_on_request(run):
            from digitrec.learning.reader.trainer import Trainer

            command = shlex.join(["python", "-m", "training.train_reader", *sys.argv[1:]])
            Trainer(config, run=run, command=command, verbose=1 if sys.stdout.isatty() else 2).fit()
    except Timeout:
        print(f"error: another process is training {run.path}", file=sys.stderr)
        return FAILED
    status = run.status
    if status.state == "done":
        best = max((row["val_f1"] for row in run.history()), default=float("nan"))
        print(f"done: {run.path}, best validation F1 {best:.4f}")
        print(f"next: python -m training.export_reader {run.path}")
        return 0
    print(f"{status.state}: {status.reason}", file=sys.stderr)
    return STOPPED if status.state == "stopped" else FAILED


if __name__ == "__main__":
    sys.exit(main())
