"""Many pictures at once: a table for the page, and the same as a CSV file."""

import csv
import html
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from demos.sketchpad.answering import Predicts, sentence
from demos.words import percent, verdict, words
from digitrec import DigitrecError, Prediction

MAX_FILES = 1000
"""Most pictures in one go: a few seconds of work, so that others get their turn."""

TABLE_COLUMNS = ["File", "Digit", "Sure", "Remark"]
CSV_COLUMNS = ["file", "digit", "confidence", "is_digit", "doubt", *(f"p{digit}" for digit in range(10)), "problem"]


class BatchRefusedError(ValueError):
    """No pictures, or too many; the message says so."""


class File(NamedTuple):
    """A picture file and the name it came with."""

    path: Path
    name: str


class Row(NamedTuple):
    """What came of one file: an answer, or the sentence that says why there is none."""

    name: str
    prediction: Prediction | None
    problem: str = ""


def recognize(recognizer: Predicts, files: Sequence[File]) -> list[Row]:
    """Answer each file on its own, so that one that is no picture spoils nothing but its own row.

    Raises:
        BatchRefusedError: There are none, or more than `MAX_FILES`.
    """
    if not files:
        raise BatchRefusedError("There are no pictures yet. Choose some files, or drop them here.")
    if len(files) > MAX_FILES:
        raise BatchRefusedError(f"{len(files)} pictures are too many at once; choose at most {MAX_FILES}.")
    return [_row(recognizer, file) for file in files]


def table(rows: Iterable[Row]) -> str:
    """The rows under `TABLE_COLUMNS` as an HTML table, for people."""
    head = "".join(f'<th scope="col">{name}</th>' for name in TABLE_COLUMNS)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(row)) + "</tr>" for row in rows)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def csv_text(rows: Iterable[Row]) -> str:
    """The rows under `CSV_COLUMNS`, with every figure in full, for programs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for name, prediction, problem in rows:
        if prediction is None:
            writer.writerow([name, *[""] * (len(CSV_COLUMNS) - 2), problem])
            continue
        figures = [prediction.digit, prediction.confidence, prediction.is_digit, prediction.doubt]
        writer.writerow([name, *figures, *map(float, prediction.probabilities), ""])
    return text.getvalue()


def summary(rows: list[Row]) -> str:
    """How it went, in a sentence."""
    failed = sum(row.prediction is None for row in rows)
    doubted = sum(row.prediction is not None and not row.prediction.is_digit for row in rows)
    told = f"{_count(len(rows), 'picture')}: {_count(len(rows) - failed - doubted, 'digit')}"
    if doubted:
        told += f", {doubted} in which I can't see a digit"
    if failed:
        told += f", {failed} that could not be read"
    return told + "."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _row(recognizer: Predicts, file: File) -> Row:
    try:
        return Row(file.name, recognizer.predict(file.path))
    except DigitrecError as error:
        return Row(file.name, None, sentence(error))


def _cells(row: Row) -> list[str]:
    if row.prediction is None:
        return [row.name, "", "", row.problem]
    if not row.prediction.is_digit:
        return [row.name, "?", "", verdict(row.prediction)]
    return [row.name, str(row.prediction.digit), percent(row.prediction.confidence), words(row.prediction)[1]]
