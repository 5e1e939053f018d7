"""Pen strokes: digits as a pen recorded them, read from a file, chosen by who wrote them.

`digitrec.learning.drawing` puts them on a canvas, `digitrec.learning.rendering` makes training data of the drawings.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError


@dataclass(frozen=True, eq=False)
class PenDigit:
    """A digit as a pen recorded it.

    Attributes:
        label: Which one, 0 to 9.
        writer: Who wrote it, by a name of the source's own.
        strokes: Each of shape (points, 2), x and y with y down, in any unit.
    """

    label: int
    writer: str
    strokes: list[NDArray[np.float64]]


def read_strokes(path: str | Path) -> list[PenDigit]:
    """Read pen strokes: JSON objects with `label`, `writer` and `strokes`, one a line, gzipped where the name ends so.

    Raises:
        DatasetError: Unreadable, or a line that holds no digit; the message names file and line.
    """
    path = Path(path)
    opener = gzip.open if path.suffix == ".gz" else open
    digits = []
    line = 0
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for line, text in enumerate(file, 1):  # noqa: B007 - named in the message below
                digits.append(_pen_digit(json.loads(text)))
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except (OSError, EOFError) as error:
        raise DatasetError(f"{path}: not a file of pen strokes that can be read ({error})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path}, line {line}: no pen digit ({error}); expected a JSON object with label, writer and"
            " strokes = [[[x, y], ...], ...]"
        ) from error
    if not digits:
        raise DatasetError(f"{path}: no pen strokes in it")
    return digits


def _pen_digit(value: dict[str, Any]) -> PenDigit:
    label = value["label"]
    if not isinstance(label, int) or not 0 <= label <= 9:
        raise ValueError(f"label is {label!r}, not 0 to 9")
    strokes = [np.array(stroke, np.float64) for stroke in value["strokes"]]
    if not strokes or any(s.ndim != 2 or s.shape[1] != 2 or not np.isfinite(s).all() for s in strokes):
        raise ValueError("strokes are not lists of finite [x, y]")
    return PenDigit(label, str(value["writer"]), strokes)


def choose_writers(
    digits: Sequence[PenDigit], *, only: Sequence[str] = (), without: Sequence[str] = ()
) -> list[PenDigit]:
    """The digits that `only` these wrote, if any are named, `without` what those wrote.

    Raises:
        DatasetError: A writer is named who wrote nothing here.
    """
    known = {digit.writer for digit in digits}
    unknown = sorted({*only, *without} - known)
    if unknown:
        raise DatasetError(f"no digit by {', '.join(unknown)}; the writers are {', '.join(sorted(known))}")
    return [d for d in digits if (not only or d.writer in only) and d.writer not in without]
