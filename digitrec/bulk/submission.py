"""Kaggle's Digit Recognizer: the answers to test.csv in the layout that it takes."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from digitrec.bulk.items import split_into_chunks
from digitrec.bulk.run import Engine, answer_here
from digitrec.bulk.tables import PixelTable
from digitrec.bulk.tasks import Rows, Task
from digitrec.errors import DatasetError
from digitrec.files import atomic_path, check_output

HEADER = ("ImageId", "Label")


def write_submission(
    path: Path, table: PixelTable, task: Task, *, processes: int, engine: Engine = answer_here
) -> tuple[int, list[str]]:
    """Write a row for each image of a table, whole or not at all: its number from 1, and its digit.

    Args:
        path: The CSV file to write. One that is there is replaced if it is a submission.
        table: The images; labels in it are not looked at.
        task: A `PredictTask`.
        processes: How many do it.
        engine: What runs them; it keeps the order.

    Returns:
        How many rows, and what was wrong with those that could not be answered: they have a 0, since Kaggle takes no
        submission without them.

    Raises:
        DatasetError: The table cannot be read; or the file cannot be written, is the table, or is no submission.
    """
    check_output(path, [table.name], _is_submission)
    failures: list[str] = []
    number = 0
    try:
        with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for row in _rows(table, task, processes, engine):
                number += 1
                writer.writerow((number, row[1] or 0))
                if row[-1] is not None:
                    failures.append(f"{row[0]}: {row[-1]}")
    except OSError as error:
        raise DatasetError(f"{path} cannot be written: {error.strerror or error}") from error
    return number, failures


def _is_submission(path: Path) -> bool:
    """Whether a file is what `write_submission` writes, to its last row."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.readline(99) == ",".join(HEADER) + "\n" and all(
                re.fullmatch(rf"{number},[0-9]\n", line) for number, line in enumerate(file, 1)
            )
    except (OSError, UnicodeDecodeError):
        return False


def _rows(table: PixelTable, task: Task, processes: int, engine: Engine) -> Iterator[tuple[object, ...]]:
    rows: Rows
    for rows in engine(task, split_into_chunks(table.items(lambda key: True)), processes):
        yield from rows
