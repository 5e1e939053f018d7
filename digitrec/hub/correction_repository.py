"""Accepted corrections as a data set of the Hub: those whose drawing a person agreed to have kept."""

from pathlib import Path

from digitrec.errors import DatasetError
from digitrec.training_rows import negatives_path

CORRECTIONS = "corrections.csv"

README = """\
---
license: {licence}
language: en
pretty_name: {name}
task_categories:
  - image-classification
tags:
  - handwriting
  - digits
  - digitrec
configs:
  - config_name: default
    data_files:
{files}---

# {repository}

Drawings of digits that a recognizer was corrected on. Each person agreed that the drawing is kept, and a reviewer
accepted what it shows. A row is a drawing: its label, 0 to 9 or 10 for a non-digit, and the 28x28 pixels that the model
saw, 0 background to 255 full ink, as in Kaggle's Digit Recognizer. There is no name, no address and no time in it.

| file | drawings |
| --- | --- |
{table}
"""


def describe_corrections(csv: Path, folder: Path, repository: str, licence: str) -> None:
    """Write the README of a data set beside its files.

    Args:
        csv: The corrections in `folder`; non-digits are in the file beside it.
        folder: The folder that is pushed.
        repository: The name on the Hub, OWNER/NAME.
        licence: The Hub's name of a licence.

    Raises:
        DatasetError: There are no corrections.
    """
    counts = {path.name: count_rows(path) for path in (csv, negatives_path(csv)) if path.exists()}
    counts = {name: count for name, count in counts.items() if count}
    if not counts:
        raise DatasetError("no accepted correction has a drawing that may be kept; accept some at /review first")
    text = README.format(
        licence=licence,
        name=repository.rpartition("/")[2],
        repository=repository,
        files="".join(f"      - split: {Path(name).stem.replace('-', '_')}\n        path: {name}\n" for name in counts),
        table="\n".join(f"| `{name}` | {count:,} |" for name, count in counts.items()),
    )
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def count_rows(path: Path) -> int:
    """The rows of a CSV file below its header."""
    with path.open("rb") as file:
        return max(0, sum(1 for _ in file) - 1)
