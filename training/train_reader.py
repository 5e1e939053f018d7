"""Train the reader's detector, and write its run directory below runs/."""

import shlex
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from digitrec.cli.parser import CommandParser
from digitrec.learning.backend import import_keras
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.runs.lengthen import check_lengthening, lengthen
from digitrec.learning.runs.lifecycle import take_up
from digitrec.learning.runs.run import Run, open_run, runs_dir
from training.command import check_root, interrupt, run_command
from training.options import add_config_flags, add_resume_flag, check_resume, given_config, read_config


def main(argv: list[str] | None = None, prog: str = "python -m training.train_reader") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped."""
    parser = CommandParser(prog=prog, description=__doc__)
    add_resume_flag(parser)
    parser.add_argument(
        "--runs", type=Path, default=runs_dir(), metavar="DIR", help="where runs are kept (default: %(default)s)"
    )
    add_config_flags(parser, ReaderConfig)
    words = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(words)
    given = given_config(arguments, ReaderConfig)
    check_resume(parser, arguments.resume, given)
    # SIGTERM, such as the dashboard's button sends, ends training as Ctrl-C does.
    signal.signal(signal.SIGTERM, interrupt)

    def body() -> None:
        run = open_run(arguments.resume, arguments.runs) if arguments.resume else None
        config = read_config(parser, ReaderConfig, run, given)
        if run is None:
            check_root(arguments.runs)
        elif "epochs" in given:
            check_lengthening(run, config.epochs)
        _train(config, run, arguments.runs, shlex.join(["python", "-m", "training.train_reader", *words]))

    return run_command(body)


def _train(config: ReaderConfig, run: Run | None, root: Path, command: str) -> None:
    """Train a new run below `root`, or take up one that exists."""
    try:
        with ExitStack() as stack:
            if run is not None:
                is_longer = config.epochs != run.config.get("epochs")
                stack.enter_context(take_up(run, lengthened=is_longer))
                if is_longer:
                    lengthen(run, config.epochs)
            import_keras()
            from digitrec.learning.reader.stream import compose_validation
            from digitrec.learning.reader.trainer import Trainer

            validation = compose_validation(config)
            if run is None:
                # Only now, so that missing data leave no run directory behind.
                run = Run.create(root, config.name, config.to_dict())
                stack.enter_context(take_up(run))
            Trainer(config, validation, run, command=command, verbose=1 if sys.stdout.isatty() else 2).fit()
    except KeyboardInterrupt:
        if run is not None:
            print(f"stopped: {run.status.reason}", file=sys.stderr)
            print(f"continue with: python -m training.train_reader --resume {run.path}", file=sys.stderr)
        raise
    best = max((row["val_f1"] for row in run.history()), default=float("nan"))
    print(f"done: {run.path}, best validation F1 {best:.4f}")
    print(f"next: python -m training.export_reader {run.path}")


if __name__ == "__main__":
    sys.exit(main())
