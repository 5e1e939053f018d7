"""The skeleton of the commands: errors become one line on stderr and an exit status."""

import sys
from collections.abc import Callable

from filelock import Timeout

from digitrec.errors import DigitrecError

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
