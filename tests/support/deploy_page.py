"""docs/deploy.md, and the files that it tells to write."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text("utf-8")


def block(line: str) -> str:
    """The indented block of the page that has this line."""
    blocks = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", PAGE, re.MULTILINE)
    (found,) = [one for one in blocks if f"    {line}\n" in one]
    return "\n".join(line[4:] for line in found.strip("\n").splitlines()) + "\n"
