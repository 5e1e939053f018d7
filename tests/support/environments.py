"""Python environments of a test's own, and environment variables that nothing of the test run has leaked into."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

KEPT = ("PATH", "LANG", "LC_", "TMPDIR", "TEMP", "SYSTEMROOT", "PIP_", "UV_", "SSL_", "REQUESTS_", "CURL_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
UNREACHABLE = re.compile("error sending request|dns error|tcp connect error", re.IGNORECASE)


def clean_environ(home: Path, **settings: str) -> dict[str, str]:
    """Environment variables for a program that must not notice the test run around it.

    Only the path, the language, and what leads to the package index are kept. So nothing of pytest, make (whose
    variables an inner make would take up), Python or the project itself comes through.

    Args:
        home: The program's home directory. Packages still come from the cache of whoever runs the tests.
        settings: Further variables.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT) or name.upper() in PROXIES}
    return kept | {"HOME": str(home), "UV_CACHE_DIR": uv("cache", "dir").strip()} | settings


def uv(*arguments: str | Path) -> str:
    """Run uv; returns what it prints. The test is skipped where no package index can be reached, but not in CI.

    Raises:
        AssertionError: It failed; the message has what it said.
    """
    command = [sys.executable, "-m", "uv", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and UNREACHABLE.search(done.stderr) and not os.environ.get("CI"):
        pytest.skip("no package index can be reached, and the packages come from one")
    assert done.returncode == 0, done.stderr
    return done.stdout


def new_environment(folder: Path, *requirements: str | Path) -> Path:
    """Make a virtual environment with these packages, at the versions the project was tested with.

    Args:
        folder: Where; it must not exist.
        requirements: As uv takes them: names, files such as a wheel, or `--requirement` and a file.

    Returns:
        Its Python.
    """
    uv("venv", "--quiet", "--python", sys.executable, folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    constraints = Path(__file__).parents[2] / "constraints.txt"
    uv("pip", "install", "--quiet", "--python", python, "--constraint", constraints, *requirements)
    return python
