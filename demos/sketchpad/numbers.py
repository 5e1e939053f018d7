"""The panel of numbers: from a drawing or a picture to what was read in it, with a box around each number."""

import html
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from demos.boxes import show_picture
from demos.sketchpad.inputs import Upload, read_upload
from demos.sketchpad.pad import Drawing
from demos.sketchpad.panel import NO_INK, NO_PICTURE, as_sentence, verdict_markup
from demos.wording import count_of, format_percent
from digitrec import DigitrecError, Reading, ReadNumber

INVITATION = "Your numbers will appear here"
NOTHING = "I can't see a number"

LONGEST = 640
"""Longest side of the picture that is shown, in pixels: Gradio sends one more picture of that size for each box."""

MOST_BOXES = 40
"""Numbers that get a box; a photographed sudoku has some thirty. All of them are in the text and in the table."""

TABLE_COLUMNS = ("Number", "Sure", "Digits")

Annotated = tuple[NDArray[np.uint8], list[tuple[tuple[int, int, int, int], str]]]
"""A picture, shape (h, w, 3), and boxes in its pixels with their labels, as `gradio.AnnotatedImage` takes them."""


class SupportsRead(Protocol):
    """What the sketchpad needs of a reader."""

    def read(self, image: Any, /) -> Reading:
        """Read every digit in a picture."""


class NumbersPanel(NamedTuple):
    """What the page shows of one reading.

    Attributes:
        markup: HTML: the text, how many numbers it has, and a row for each.
        picture: The picture with its boxes; None where there is nothing to show.
    """

    markup: str
    picture: Annotated | None = None


def empty_numbers(number: int = 0) -> NumbersPanel:
    """The panel before there is anything to read.

    Args:
        number: As `Drawing.number`; `pad.js` compares it with that of the drawing on the pad.
    """
    return NumbersPanel(verdict_markup("empty", "?", INVITATION, number=number))


def notice_numbers(message: str, number: int = 0) -> NumbersPanel:
    """The panel with a sentence in place of numbers."""
    return NumbersPanel(verdict_markup("notice", "?", message, number=number))


def read_drawing(reader: SupportsRead, drawing: Drawing) -> NumbersPanel:
    """Read a drawing. A blank one leaves the panel empty."""
    if drawing.picture is None:
        return empty_numbers(drawing.number)
    return _read(reader, drawing.picture, drawing.number)


def read_submitted_drawing(reader: SupportsRead, drawing: Drawing) -> NumbersPanel:
    """Read a drawing that was submitted by the button: if it is blank, say so."""
    return notice_numbers(NO_INK, drawing.number) if drawing.picture is None else read_drawing(reader, drawing)


def read_picture(reader: SupportsRead, upload: Upload | None) -> NumbersPanel:
    """Read an uploaded picture; None empties the panel, because the picture has been removed."""
    if upload is None:
        return empty_numbers()
    try:
        return _read(reader, read_upload(upload))
    except DigitrecError as error:
        return notice_numbers(as_sentence(error))


def read_submitted_picture(reader: SupportsRead, upload: Upload | None) -> NumbersPanel:
    """Read a picture that was submitted by the button: if there is none, say so."""
    return notice_numbers(NO_PICTURE) if upload is None else read_picture(reader, upload)


def annotate(reading: Reading, picture: bytes) -> Annotated:
    """The picture as it is shown, with a box around each number.

    Args:
        reading: What was read in it.
        picture: Its file.

    Raises:
        DigitrecError: The picture cannot be decoded.
    """
    shown = show_picture(picture, LONGEST)
    boxes = [(shown.place(one.box), one.text) for one in reading.numbers[:MOST_BOXES]]
    return np.asarray(shown.picture), boxes


def _read(reader: SupportsRead, picture: bytes, number: int = 0) -> NumbersPanel:
    try:
        reading = reader.read(picture)
        annotated = annotate(reading, picture)
    except DigitrecError as error:
        return notice_numbers(as_sentence(error), number)
    if not reading:
        return NumbersPanel(verdict_markup("doubt", "?", NOTHING, number=number), annotated)
    numbers = reading.numbers
    digits = sum(len(one.digits) for one in numbers)
    counted = f"{count_of(len(numbers), 'number')}, {count_of(digits, 'digit')}"
    head = verdict_markup("answer", html.escape(reading.text).replace("\n", "<br>"), counted, number=number)
    return NumbersPanel(f'<div class="reading">{head}</div>{_table(numbers)}', annotated)


def _table(numbers: tuple[ReadNumber, ...]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in TABLE_COLUMNS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(number)) + "</tr>" for number in numbers
    )
    return f'<div class="table numbers"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cells(number: ReadNumber) -> tuple[str, str, str]:
    digits = ", ".join(f"{one.digit} {format_percent(one.confidence, 1)}" for one in number.digits)
    return number.text, format_percent(number.confidence, 1), digits
