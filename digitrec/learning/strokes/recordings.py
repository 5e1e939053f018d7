"""Pen recordings of digits: read from a file, written to one, and chosen by writer.

`digitrec.learning.strokes.drawing` puts them on a canvas, `digitrec.learning.strokes.rendering` makes training data of
the drawings.
"""

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.files import atomic_path

Record = TypeVar("Record")

MAX_LINE = 10_000_000
"""Characters of a file's first line that are looked at, to know what file it is."""

UNKNOWN = ""
"""The writer of a line that names none, until its block is known."""

BLOCKS = 10
"""Parts of a file whose writers are not named."""


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

    Where the file names no writer, blocks stand for writers: `block-0` to `block-9`, in the order of the lines.

    Raises:
        DatasetError: Unreadable, or a line that holds no digit; the message names file and line.
    """
    digits = read_json_lines(
        path, _pen_digit, ("pen digit", "pen strokes"), "label, writer and strokes = [[[x, y], ...], ...]"
    )
    return _in_blocks(digits)


def read_json_lines(
    path: str | Path, parse: Callable[[dict[str, Any]], Record], names: tuple[str, str], members: str
) -> list[Record]:
    """Read a file of JSON objects, one a line, gzipped where the name ends in .gz.

    Args:
        path: The file.
        parse: From a line's value to a record; raises ValueError, KeyError or TypeError for what is none.
        names: What a record and what the file's content are called in messages.
        members: What an object has, for messages.

    Raises:
        DatasetError: Unreadable, empty, or a line that holds no record; the message names file and line.
    """
    path = Path(path)
    record, content = names
    opener = gzip.open if path.suffix == ".gz" else open
    records = []
    line = 0
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for line, text in enumerate(file, 1):  # noqa: B007 - named in the message below
                records.append(parse(json.loads(text)))
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except (OSError, EOFError) as error:
        raise DatasetError(f"{path}: not a file of {content} that can be read ({error})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path}, line {line}: no {record} ({error}); expected a JSON object with {members}"
        ) from error
    if not records:
        raise DatasetError(f"{path}: no {content} in it")
    return records


def parse_points(value: dict[str, Any]) -> list[NDArray[np.float64]]:
    """The strokes of a line, each of shape (points, 2).

    Raises:
        ValueError: They are not lists of finite [x, y].
    """
    strokes = [np.array(stroke, np.float64) for stroke in value["strokes"]]
    if not strokes or any(s.ndim != 2 or s.shape[1] != 2 or not np.isfinite(s).all() for s in strokes):
        raise ValueError("strokes are not lists of finite [x, y]")
    return strokes


def _in_blocks(digits: list[PenDigit]) -> list[PenDigit]:
    """Name the writers that a file does not name by blocks: `block-0` has the first tenth of each digit's recordings.

    Files keep a writer's recordings together, so that hardly a writer is in two blocks.
    """
    counts = Counter(digit.label for digit in digits if digit.writer == UNKNOWN)
    seen: Counter[int] = Counter()
    named = []
    for digit in digits:
        if digit.writer == UNKNOWN:
            block = seen[digit.label] * BLOCKS // counts[digit.label]
            seen[digit.label] += 1
            digit = replace(digit, writer=f"block-{block}")
        named.append(digit)
    return named


def _pen_digit(value: dict[str, Any]) -> PenDigit:
    label = value["label"]
    if not isinstance(label, int) or not 0 <= label <= 9:
        raise ValueError(f"label is {label!r}, not 0 to 9")
    return PenDigit(label, str(value.get("writer", UNKNOWN)), parse_points(value))


def choose_writers(
    digits: Sequence[PenDigit], *, only: Sequence[str] = (), without: Sequence[str] = ()
) -> list[PenDigit]:
    """Choose digits by writer: `only` those of some writers, or all `without` those of others.

    Raises:
        DatasetError: A writer of none of the digits is named.
    """
    known = {digit.writer for digit in digits}
    unknown = sorted({*only, *without} - known)
    if unknown:
        raise DatasetError(f"no digit by {', '.join(unknown)}; the writers are {', '.join(sorted(known))}")
    return [d for d in digits if (not only or d.writer in only) and d.writer not in without]


def digest(digits: Iterable[PenDigit]) -> str:
    """SHA-256 of recordings, whatever file they come from: of labels, writers and points, in their order.

    For each recording: the JSON of [label, writer, points in each stroke], a line end, and then the points of its
    strokes as little-endian 64-bit floats, x before y. They count from the left and upper edge of the recording: where
    on the tablet it lay, no drawing of it tells.
    """
    sha256 = hashlib.sha256()
    for digit in digits:
        head = json.dumps([digit.label, digit.writer, [len(stroke) for stroke in digit.strokes]])
        points = np.concatenate(digit.strokes)
        sha256.update(head.encode() + b"\n" + (points - points.min(0)).astype("<f8").tobytes())
    return sha256.hexdigest()


def write_strokes(digits: Iterable[PenDigit], path: str | Path) -> None:
    """Write recordings as `read_strokes` reads them, whole or not at all; gzipped where the name ends in .gz.

    The same recordings make the same bytes.
    """
    write_json_lines(
        (
            {
                "label": digit.label,
                "writer": digit.writer,
                "strokes": [plain_points(stroke) for stroke in digit.strokes],
            }
            for digit in digits
        ),
        path,
    )


def write_json_lines(lines: Iterable[dict[str, Any]], path: str | Path) -> None:
    """Write JSON objects as `read_json_lines` reads them, whole or not at all; gzipped where the name ends in .gz."""
    path = Path(path)
    data = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
    with atomic_path(path) as temporary:
        temporary.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def is_recordings(path: Path) -> bool:
    """Whether a file begins as `write_strokes` writes it."""
    return begins_with(path, ("label", "strokes"))


def begins_with(path: Path, members: Iterable[str]) -> bool:
    """Whether a file begins with a JSON object that has some members, gzipped where the name ends in .gz."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            value = json.loads(file.readline(MAX_LINE))
    except (OSError, EOFError, ValueError, RecursionError, zlib.error):
        return False
    return isinstance(value, dict) and all(member in value for member in members)


def plain_points(stroke: NDArray[np.float64]) -> list[list[float]]:
    """The points of a stroke as lists for JSON, whole numbers without a decimal point."""
    whole = (stroke == np.rint(stroke)).all()
    points: list[list[float]] = (stroke.astype(np.int64) if whole else stroke).tolist()
    return points
