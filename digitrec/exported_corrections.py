"""Accepted corrections of the web app's database, exported by its own command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from digitrec.errors import DatasetError


def export_corrections(out: Path, *, hold_out: bool = False) -> None:
    """Export accepted corrections whose drawings were kept.

    Args:
        out: The CSV file to write; non-digits go to a file beside it.
        hold_out: Whether those of one session in five go to files beside it, to evaluate on.

    Raises:
        DatasetError: The web app is not installed, or stores no corrections.
    """
    flags = ["--hold-out"] if hold_out else []
    command = [sys.executable, "-m", "flask", "--app", "flask_app", "corrections", "export", *flags, str(out)]
    # Its log file belongs to the server.
    environ = {**os.environ, "DIGITREC_LOG_FILE": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "it failed").splitlines()[-1]
        raise DatasetError(f"the corrections cannot be exported: {reason.removeprefix('Error: ')}")
