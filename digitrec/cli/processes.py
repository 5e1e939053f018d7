"""Hands a command over to another program, such as a server."""

import os
import subprocess
import sys
from typing import NoReturn


def become(module: str, *arguments: str) -> NoReturn:
    """Run `python -m module arguments` in place of this process.

    On POSIX it is the same process: signals reach it, and nothing of this one stays in memory. On Windows, where that
    cannot be done, this one waits for its end and exits with its status.
    """
    command = [sys.executable, "-m", module, *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(sys.executable, command)
    sys.exit(subprocess.run(command, check=False).returncode)
