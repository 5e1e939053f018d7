"""Search over settings: train trials of a space, and choose by validation."""

import signal
import sys
from pathlib import Path
from typing import Any

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.run import runs_dir
from digitrec.learning.search.space import SearchError, Space, parse_space
from training.command import check_root, interrupt, run_command


def main(argv: list[str] | None = None, prog: str = "python -m training.search") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed, 130 stopped."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument(
        "space",
        type=Path,
        nargs="?",
        metavar="SPACE.toml",
        help="what to search, as docs/search.md describes it; without it, the study NAME goes on",
    )
    parser.add_argument(
        "--trials",
        type=whole_number(1),
        default=20,
        metavar="N",
        help="trials the study is to have, those of earlier and of other processes included (default: %(default)s)",
    )
    parser.add_argument("--study", metavar="NAME", help="name of the study (default: the file's, without its ending)")
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="database of studies, sqlite:///FILE or postgresql://... (default: DIGITREC_SEARCH_DATABASE_URL, or a file"
        " beside the runs)",
    )
    parser.add_argument(
        "--runs", type=Path, default=runs_dir(), metavar="DIR", help="where runs are kept (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    if arguments.space is None and arguments.study is None:
        parser.error("name a SPACE.toml, or by --study a study to go on with")
    signal.signal(signal.SIGTERM, interrupt)  # sent by the dashboard's button; it ends the search as Ctrl-C does
    return run_command(lambda: _search(arguments))


def _search(arguments: Any) -> None:
    study = _open(arguments)
    root: Path = arguments.runs
    import_keras()
    from digitrec.learning.search.runner import run_trials

    try:
        verbose = 1 if sys.stdout.isatty() else 0
        run_trials(study, root, arguments.trials, lambda line: print(line, flush=True), verbose)
    except KeyboardInterrupt:
        print("stopped; the same command goes on with the trial that was interrupted", file=sys.stderr)
        raise
    _print_best(study, root)


def _open(arguments: Any) -> Any:
    """Open the study, before Keras is imported: what is wrong with it is said at once."""
    space = None if arguments.space is None else _read_space(arguments.space)
    try:
        from digitrec.learning.search.study import begin_study, open_storage, open_study, storage_url
    except ModuleNotFoundError as error:
        if error.name != "optuna":
            raise
        raise SearchError(
            'a search needs the package optuna; get it with: python -m pip install "digitrec[search]"'
        ) from error
    check_root(arguments.runs)
    storage = open_storage(arguments.storage or storage_url(arguments.runs), arguments.runs)
    if space is None:
        return open_study(storage, arguments.study)
    return begin_study(storage, arguments.study or arguments.space.stem, space)


def _read_space(path: Path) -> Space:
    try:
        return parse_space(path.read_text(encoding="utf-8"))
    except SearchError as error:
        raise SearchError(f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise SearchError(f"{path} cannot be read: {reason}") from error


def _print_best(study: Any, root: Path) -> None:
    from digitrec.learning.search.trials import PLACE, best_trial, find_run

    best = best_trial(study)
    if best is None:
        print("no trial has a result")
        return
    run = find_run(root, best)
    where = best.user_attrs[PLACE] if run is None else run.path
    print(f"done: the best is trial {best.number}, with a validation accuracy of {best.value:.4f}: {where}")
    if run is not None:
        print(f"next: python -m training.evaluate {run.path}")


if __name__ == "__main__":
    sys.exit(main())
