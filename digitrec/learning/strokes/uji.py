"""UCI's UJI pen characters, version 2: the 1,200 digits among them, two of each by sixty people on a tablet PC.

A recording looks like this; lines that begin with // are comments:

    WORD 4 trn_UJI_W01-02           a 4, by writer 1 of the university UJI, for the second time
      NUMSTROKES 2
      POINTS 3 # 200 100 180 200 260 200
      POINTS 2 # 250 120 250 300    x, and y downwards

One checksum pins the archive: `sha256`, as several unrelated public projects that use this address state it; it was not
computed for this project. How many digits and writers the file must hold is checked too.
"""

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.learning.strokes.archives import Source
from digitrec.learning.strokes.recordings import PenDigit

WRITERS, TIMES = 60, 2
"""How many people wrote, and how often each digit."""

_WORD = re.compile(r"WORD\s+(\S+)\s+\w+?_(\w+_W\d+)-\d+")
_COUNT = re.compile(r"NUMSTROKES\s+(\d+)")
_POINTS = re.compile(r"POINTS\s+(\d+)\s+#((?:\s+-?\d+)+)")


def parse_uji(content: bytes) -> list[PenDigit]:
    """Read the digits of the file; letters and signs are passed over.

    Returns:
        The digits in the order of the file, with y down; writers are named by university and number, as `UJI_W01`.

    Raises:
        DatasetError: Not that format, a recording that is not whole, or not `TIMES` of each digit by `WRITERS` people;
            the message names the line, or the count.
    """
    digits: list[PenDigit] = []
    strokes: list[NDArray[np.float64]] = []
    current, announced, number = ("", ""), 0, 0

    def finish() -> None:
        if len(strokes) != announced:
            raise ValueError(f"the recording before it has {len(strokes)} of {announced} strokes")
        if current[0] in set("0123456789") and strokes:
            digits.append(PenDigit(int(current[0]), current[1], list(strokes)))

    try:
        for number, raw in enumerate(content.decode("latin-1").splitlines(), 1):  # noqa: B007 - named in the message
            line = raw.strip()
            if word := _WORD.fullmatch(line):
                finish()
                current, strokes, announced = (word[1], word[2]), [], 0
            elif count := _COUNT.fullmatch(line):
                announced = int(count[1])
            elif points := _POINTS.fullmatch(line):
                stroke = np.array(points[2].split(), np.float64).reshape(-1, 2)
                if len(stroke) != int(points[1]):
                    raise ValueError(f"{len(stroke)} points where {points[1]} were announced")
                strokes.append(stroke)
            elif line and not line.startswith("//"):
                raise ValueError(f"{line[:40]!r} does not belong here")
        finish()
    except ValueError as error:
        raise DatasetError(f"line {number} of the UJI file: {error}") from None
    found = Counter((digit.label, digit.writer) for digit in digits)
    writers = {writer for _, writer in found}
    if len(writers) != WRITERS or len(found) != 10 * WRITERS or set(found.values()) != {TIMES}:
        raise DatasetError(
            f"the UJI file has {len(digits):,} digits by {len(writers)} writers, not {TIMES} of each of the ten digits"
            f" by {WRITERS}"
        )
    return digits


UJI = Source(
    name="uji",
    address="https://archive.ics.uci.edu/static/public/177/uji+pen+characters+version+2.zip",
    sha256="0881b522911b99d9922820289441b50fd3d307f71cd7f9cc70e86872424a5f90",
    member="ujipenchars2.txt",
    parse=parse_uji,
    out="uji_digit_strokes.jsonl.gz",
    citation="F. Prat, M. J. Castro, D. Llorens, A. Marzal and J. M. Vilar, UJI Pen Characters (Version 2), UCI Machine"
    " Learning Repository, 2009, https://archive.ics.uci.edu/dataset/177/uji+pen+characters+version+2",
)
