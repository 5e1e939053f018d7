"""The skeleton of the commands: errors become one line on stderr and an exit status."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from filelock import Timeout

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.errors import DatasetError, DigitrecError

FAILED, STOPPED = 1, 130
"""Exit statuses other than 0; a shell reports 130 of a command that Ctrl-C ended."""


def run_command(body: Callable[[], object]) -> int:
    """Run the body of a command, and turn an expected error into a line on stderr.

    Args:
        body: What the command does once its arguments are read. Files that cannot be read are its own `DigitrecError`.

    Returns:
        The exit status: 0 done, 1 failed, 130 stopped.
    """
    try:
        body()
    except DigitrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except Timeout as error:
        print(f"error: another process holds {error.lock_file}; try again when it is done", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"error: {error.filename or 'a file'} cannot be written: {error.strerror or error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return STOPPED
    return 0


def add_seed(parser: CommandParser) -> None:
    """Add the flag of a command that draws."""
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help="seed of all that is drawn (default: 0)"
    )


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """A handler of signals: end the command as Ctrl-C does.

    Raises:
        KeyboardInterrupt: Always.
    """
    raise KeyboardInterrupt


def check_root(root: Path) -> None:
    """Make the folder of the run directories, before minutes are spent on what could not be kept.

    Raises:
        DatasetError: It cannot be written to.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=root):
            pass
    except OSError as error:
        raise DatasetError(
            f"run directories cannot be made in {root}: {error.strerror or error}; name another folder with --runs"
        ) from error
