"""Many pictures at once: a table for the page, and the same as a CSV file."""

import csv
import html
import io
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from demos.sketchpad.inputs import Upload, read_upload
from demos.sketchpad.panel import SupportsPredict, as_sentence
from demos.wording import count_of, describe, describe_in_parts, format_percent
from digitrec import DigitrecError, Prediction

MAX_FILES = 1000
"""Most pictures in one batch: a few seconds of work for usual ones."""

DEADLINE = 60.0
"""Seconds for a whole batch, so that one of expensive pictures does not keep others waiting."""

TOO_LATE = f"Not read: the batch took more than {DEADLINE:.0f} seconds. Send this picture in a smaller batch."

TABLE_COLUMNS = ["File", "Digit", "Sure", "Remark"]
CSV_COLUMNS = ["file", "digit", "confidence", "is_digit", "doubt", *(f"p{digit}" for digit in range(10)), "problem"]


class BatchRefusedError(ValueError):
    """No pictures, or too many; the message says so."""


class Row(NamedTuple):
    """The result for one file: a prediction, or the sentence that says why there is none."""

    name: str
    prediction: Prediction | None
    problem: str = ""


def recognize(recognizer: SupportsPredict, uploads: Sequence[Upload]) -> list[Row]:
    """Answer each file by itself: one that cannot be read fails alone.

    Raises:
        BatchRefusedError: There are none, or more than `MAX_FILES`.
    """
    if not uploads:
        raise BatchRefusedError("There are no pictures yet. Choose some files, or drop them here.")
    if len(uploads) > MAX_FILES:
        raise BatchRefusedError(f"{len(uploads)} pictures are too many at once; choose at most {MAX_FILES}.")
    deadline = time.monotonic() + DEADLINE
    return [
        _recognize(recognizer, upload) if time.monotonic() < deadline else Row(upload.name, None, TOO_LATE)
        for upload in uploads
    ]


def table(rows: Iterable[Row]) -> str:
    """The rows under `TABLE_COLUMNS` as an HTML table, for the page."""
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
    """The result of a batch in one sentence."""
    failed = sum(row.prediction is None for row in rows)
    doubted = sum(row.prediction is not None and not row.prediction.is_digit for row in rows)
    text = f"{count_of(len(rows), 'picture')}: {count_of(len(rows) - failed - doubted, 'digit')}"
    if doubted:
        text += f", {doubted} in which I can't see a digit"
    if failed:
        text += f", {failed} that could not be read"
    return text + "."


def _recognize(recognizer: SupportsPredict, upload: Upload) -> Row:
    try:
        return Row(upload.name, recognizer.predict(read_upload(upload)))
    except DigitrecError as error:
        return Row(upload.name, None, as_sentence(error))


def _cells(row: Row) -> list[str]:
    if row.prediction is None:
        return [row.name, "", "", row.problem]
    if not row.prediction.is_digit:
        return [row.name, "?", "", describe(row.prediction)]
    sure = format_percent(row.prediction.confidence, 1 if row.prediction.confidence > 0.99 else 0)
    return [row.name, str(row.prediction.digit), sure, describe_in_parts(row.prediction)[1]]
