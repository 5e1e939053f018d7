"""Train the reader's detector, and write its run directory below runs/."""

import argparse
import shlex
import signal
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from digitrec.cli.parser import CommandParser
from digitrec.errors import DatasetError
from digitrec.learning.backend import import_keras
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.runs.lengthen import check_lengthening, lengthen
from digitrec.learning.runs.run import Run, check_name, open_run, runs_dir
from digitrec.learning.runs.stop_request import stop_on_request
from training.command import check_root, interrupt, run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.train_reader") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped by hand."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("--resume", metavar="RUN", help="go on with an interrupted run; with --epochs, lengthen one")
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
    words = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(words)
    given = {name: value for name, value in vars(arguments).items() if name not in ("resume", "runs")}
    if arguments.resume and given.keys() - {"epochs"}:
        other = next(name for name in given if name != "epochs").replace("_", "-")
        parser.error(f"--resume goes on with the run's own configuration, but for --epochs; leave out --{other}")
    # SIGTERM, such as the dashboard's button sends, ends training as Ctrl-C does.
    signal.signal(signal.SIGTERM, interrupt)

    def body() -> None:
        run = open_run(arguments.resume, arguments.runs) if arguments.resume else None
        config = _config(parser, run, given)
        if run is None:
            check_root(arguments.runs)
        elif "epochs" in given:
            check_lengthening(run, config.epochs)
        _train(config, run, arguments.runs, shlex.join(["python", "-m", "training.train_reader", *words]))

    return run_command(body)


def _config(parser: CommandParser, run: Run | None, given: dict[str, Any]) -> ReaderConfig:
    try:
        config = ReaderConfig(**given) if run is None else ReaderConfig.from_dict({**run.config, **given})
        check_name(config.name)
    except ValueError as error:
        if run is not None:
            raise DatasetError(f"{run.path / 'config.json'} cannot be resumed from: {error}") from error
        parser.error(str(error))
    return config


def _train(config: ReaderConfig, run: Run | None, root: Path, command: str) -> None:
    """Train a new run below `root`, or go on with one that exists."""
    is_longer = run is not None and config.epochs != run.config.get("epochs")
    if run is not None and run.status.state in ("running", "done") and not is_longer:
        raise DatasetError(f"{run.path} is {run.status.state}; there is nothing to resume")
    import_keras()
    from digitrec.learning.reader.trainer import Trainer

    run = run or Run.create(root, config.name, config.to_dict())
    with run.hold(), stop_on_request(run):
        if is_longer:
            lengthen(run, config.epochs)
        Trainer(config, run=run, command=command, verbose=1 if sys.stdout.isatty() else 2).fit()
    status = run.status
    if status.state == "stopped":
        print(f"stopped: {status.reason}", file=sys.stderr)
        print(f"continue with: python -m training.train_reader --resume {run.path}", file=sys.stderr)
        raise KeyboardInterrupt
    if status.state != "done":
        raise DatasetError(status.reason)
    best = max((row["val_f1"] for row in run.history()), default=float("nan"))
    print(f"done: {run.path}, best validation F1 {best:.4f}")
    print(f"next: python -m training.export_reader {run.path}")


if __name__ == "__main__":
    sys.exit(main())
