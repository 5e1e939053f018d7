"""Finds the command that was named, runs it, and puts what stops it into one line."""

import difflib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from digitrec.cli.parser import CommandParser
from digitrec.errors import DigitrecError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "digitrec.commands"
"""Group of entry points. Each names a function `main(argv, prog) -> exit status`, and the extras that it needs."""

CORE = {
    "predict": "digitrec.cli.predict:main",
    "read": "digitrec.cli.read:main",
    "explain": "digitrec.cli.explain:main",
    "model": "digitrec.cli.model:main",
    "models": "digitrec.cli.models:main",
    "push": "digitrec.hub.push:main",
    "pull": "digitrec.hub.pull:main",
}
"""The core's own commands. They are found without a look at the metadata of what is installed, which takes a while."""

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit statuses; a shell reports 130 of a command that Ctrl-C ended."""

Command = Callable[[list[str], str], int | None]


def main(argv: list[str] | None = None) -> int:
    """Run the command `digitrec`.

    Args:
        argv: The arguments; those of the process by default.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.
    """
    arguments = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):  # a file's name may hold bytes that are no text
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = _run(arguments)
        sys.stdout.flush()
        return status
    except DigitrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # who read the output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at its end
        return FAILED


def _run(arguments: list[str]) -> int:
    name, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if name in CORE:
        command: Command = resolve_name(CORE[name])
        return command(rest, f"digitrec {name}") or 0
    if name.startswith("-"):
        _top_parser().parse_args(arguments[:1] or ["--help"])
    added = added_commands()
    if name not in added:
        print(f"digitrec: {_no_command(name, [*CORE, *added])}; see digitrec --help", file=sys.stderr)
        return MISUSED
    return _run_added(added[name], rest)


def added_commands() -> dict[str, "EntryPoint"]:
    """The commands that other packages add, by name."""
    from importlib.metadata import entry_points  # takes longer than the rest of this module

    return {entry.name: entry for entry in sorted(entry_points(group=GROUP)) if entry.name not in CORE}


def _run_added(entry: "EntryPoint", arguments: list[str]) -> int:
    """Run a command that another package adds; where a package is missing, say which extra brings it."""
    try:
        command: Command = entry.load()
        return command(arguments, f"digitrec {entry.name}") or 0
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if not entry.extras or missing in ("digitrec", entry.module.partition(".")[0]):
            raise
        extras = ",".join(entry.extras)
        print(
            f"digitrec {entry.name}: the package {missing} is not installed; get it with:"
            f' python -m pip install "digitrec[{extras}]"',
            file=sys.stderr,
        )
        return FAILED


def _top_parser() -> CommandParser:
    from argparse import RawDescriptionHelpFormatter
    from importlib.metadata import version

    listed = {name: summary(target.partition(":")[0]) for name, target in CORE.items()}
    listed |= {name: summary(entry.module) for name, entry in added_commands().items()}
    width = max(map(len, listed))
    commands = "\n".join(f"  {name.ljust(width)}  {text}".rstrip() for name, text in listed.items())
    parser = CommandParser(
        prog="digitrec",
        usage="digitrec COMMAND [ARGUMENT ...]",
        description="Recognize handwritten digits.",
        epilog=f"commands:\n{commands}\n\ndigitrec COMMAND --help explains one.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"digitrec {version('digitrec')}")
    return parser


def summary(module: str) -> str:
    """The first sentence of a module's docstring, read without importing the module: what it imports may take seconds.

    Args:
        module: Its full name. Nothing is imported, its packages neither.

    Returns:
        The sentence, without a full stop; empty where there is none.
    """
    import ast
    from importlib.util import find_spec

    top, *rest = module.split(".")
    spec = find_spec(top)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, *rest)
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            with suppress(OSError, SyntaxError, ValueError):
                text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
                return text.partition("\n")[0].partition(". ")[0].rstrip(".")
    return ""


def _no_command(name: str, known: list[str]) -> str:
    if close := difflib.get_close_matches(name, known, 1):
        return f"there is no command {name!r}; did you mean {close[0]}?"
    if os.path.exists(name):
        return f"there is no command {name!r}; to recognize a picture: digitrec predict {name}"
    return f"there is no command {name[:80]!r}"
