"""Pins the packages of a Space, by `uv pip compile`, at the versions of `constraints.txt`."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OPTIONS = ("--python-platform", "linux", "--no-strip-extras", "--no-annotate", "--no-header", "--quiet")


class LockError(RuntimeError):
    """The packages cannot be pinned; the message says why and what to do."""


def lock(requirements: Sequence[str], constraints: Path, python_version: str) -> str:
    """Pin packages and all that they need.

    Args:
        requirements: Such as `gradio[mcp]`.
        constraints: File with the version of each package; what it does not name is refused.
        python_version: Such as `3.11`.

    Returns:
        The content of a requirements.txt.

    Raises:
        LockError: uv is missing or finds no solution, or a package is not in the constraints.
    """
    # Spaces and images have the newest patch of a Python, so they need no package that mends early ones.
    version = f"{python_version}.99"
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--constraint", str(constraints), *OPTIONS]
    done = subprocess.run(
        [*command, "--python-version", version], input="\n".join(requirements), capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    if "No module named uv" in done.stderr:
        raise LockError("uv is not installed; python -m pip install uv")
    if done.returncode:
        raise LockError(f"uv cannot pin the packages: {' '.join(done.stderr.split())}")
    known = read_pins(constraints.read_text(encoding="utf-8"))
    if missing := sorted(set(read_pins(done.stdout)) - set(known)):
        raise LockError(f"{constraints.name} has no version of {', '.join(missing)}; `make lock` adds it")
    return done.stdout


def read_pins(text: str) -> dict[str, str]:
    """Read the versions in a requirements file that pins each package, by name, in small letters."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^\s;]+)", text, flags=re.MULTILINE))
