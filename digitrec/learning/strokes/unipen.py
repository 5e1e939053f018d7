"""UNIPEN, the text format of pen recordings, as far as UCI's pen digits use it.

A recording looks like this, after a header that says nothing about the digits:

    .SEGMENT DIGIT 0-1 ? "4"        strokes 0 to 1 of the file are a 4
    .COMMENT 4 12 224               the label again, the writer, the writer's how manieth
    .PEN_DOWN
     267 333                        x, and y upwards, in a box of 500x500 on the tablet
     267 336
    .PEN_UP
    .DT 100                         milliseconds
    .PEN_DOWN
    ...

The format: I. Guyon, L. Schomaker, R. Plamondon, M. Liberman and S. Janet, "UNIPEN project of on-line data exchange and
recognizer benchmarks", ICPR 1994.
"""

import re

import numpy as np

from digitrec.errors import DatasetError
from digitrec.learning.strokes.recordings import PenDigit

BOX = 500
"""Side of the box that was written in, in units of the tablet."""

_SEGMENT = re.compile(r'\.SEGMENT\s+DIGIT\s+(\d+)(?:-(\d+))?\s+\S+\s+"([0-9])"')
_COMMENT = re.compile(r"\.COMMENT\s+([0-9])\s+(\d+)\s+\d+")
_POINT = re.compile(r"(-?\d+)\s+(-?\d+)")


class _Recording:
    """A recording while its lines are read."""

    def __init__(self, first: str, last: str | None, label: str) -> None:
        self.label, self.writer = int(label), ""
        self.announced = int(last or first) - int(first) + 1
        self.strokes: list[list[tuple[int, int]]] = []
        self.pen_is_down = False

    def take(self, line: str) -> None:
        """Read a line.

        Raises:
            ValueError: It does not belong there.
        """
        if line == ".PEN_DOWN" and not self.pen_is_down:
            self.pen_is_down = True
            self.strokes.append([])
        elif line == ".PEN_UP" and self.pen_is_down:
            self.pen_is_down = False
        elif (point := _POINT.fullmatch(line)) and self.pen_is_down:
            self.strokes[-1].append((int(point[1]), BOX - int(point[2])))
        elif comment := _COMMENT.fullmatch(line):
            if int(comment[1]) != self.label:
                raise ValueError(f"the comment says {comment[1]}, the segment {self.label}")
            self.writer = comment[2]
        elif not line.startswith(".") or line in (".PEN_DOWN", ".PEN_UP"):
            raise ValueError(f"{line[:40]!r} does not belong here")

    def finished(self, prefix: str) -> PenDigit:
        """The recording.

        Raises:
            ValueError: It is not whole.
        """
        if self.pen_is_down or len(self.strokes) != self.announced or not all(self.strokes):
            raise ValueError(f"the recording before it has no {self.announced} whole strokes")
        if not self.writer:
            raise ValueError("the recording before it has no comment that names the writer")
        return PenDigit(self.label, prefix + self.writer, [np.array(stroke, np.float64) for stroke in self.strokes])


def parse_unipen(text: str, writer_prefix: str = "") -> list[PenDigit]:
    """Read the digits of a UNIPEN file of UCI's kind.

    Args:
        text: The file's text. Keywords that say nothing of a digit are passed over.
        writer_prefix: Put before the writer's number, which starts again in each file.

    Returns:
        The digits in the order of the file, their points whole numbers with y down, 0 to `BOX`.

    Raises:
        DatasetError: Not that format, or a recording that is not whole; the message names the line.
    """
    digits: list[PenDigit] = []
    current: _Recording | None = None
    number = 0
    try:
        for number, raw in enumerate(text.splitlines(), 1):  # noqa: B007 - named in the message below
            line = raw.strip()
            if segment := _SEGMENT.fullmatch(line):
                if current:
                    digits.append(current.finished(writer_prefix))
                current = _Recording(segment[1], segment[2], segment[3])
            elif line.startswith(".SEGMENT"):
                raise ValueError(f"{line[:40]!r} is no segment of one digit")
            elif line and current:
                current.take(line)
        if current:
            digits.append(current.finished(writer_prefix))
    except ValueError as error:
        raise DatasetError(f"line {number} of the UNIPEN file: {error}") from None
    if not digits:
        raise DatasetError(f"no .SEGMENT DIGIT in the UNIPEN file, which has {number} lines")
    return digits
