"""`constraints.txt`: what `make lock` makes of `pyproject.toml`."""

import re
import shlex
import shutil
from pathlib import Path

from tests.support.environments import uv

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"


def command() -> list[str]:
    """The arguments of uv, as its header in the file states them."""
    return shlex.split(re.search(r"^#    uv (.+)$", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)[1])


def pins(path: Path) -> list[str]:
    """The lines below the header."""
    return [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]


def test_it_is_up_to_date_with_pyproject(tmp_path):
    arguments = command()
    assert arguments[:3] == ["pip", "compile", "pyproject.toml"]
    output = arguments[arguments.index("--output-file") + 1]
    shutil.copy(CONSTRAINTS, tmp_path / output)  # its versions are kept where they still fit
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    uv(*arguments, "--project", tmp_path, "--directory", tmp_path)
    assert pins(tmp_path / output) == pins(CONSTRAINTS)


def test_it_names_no_index():
    text = CONSTRAINTS.read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
