"""Files of answers that grow row by row, and are gone on with where they end: CSV and JSON lines."""

import csv
import hashlib
import json
import os
import re
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from digitrec.bulk.tasks import Rows, Task
from digitrec.errors import DatasetError

KEY, ERROR = "path", "error"
"""Names of the first and the last column."""


TEXT = r'"(?:[^"\\]|\\.)*(?:"|\\?$)'
"""A text in JSON, the last one perhaps without its end."""

VALUE = r"[-+.\w]+"
"""A number, true or false, in JSON and CSV."""


class Output(Protocol):
    """A file of answers. What is written is safe from a kill after a short while at most.

    Attributes:
        errors: Rows with an error among those whose keys `keys` gave last, once it has been read to its end.
    """

    errors: int

    def keys(self) -> Iterator[str]:
        """The keys of the rows that are there."""
        ...

    def write(self, rows: Rows) -> None:
        """Add rows."""
        ...

    def close(self) -> None:
        """Write what is held back; the file stays as it is, and can be gone on with."""
        ...

    def finish(self) -> None:
        """Close it with all rows in it."""
        ...


def open_output(path: Path, task: Task) -> Output:
    """Open a file of answers, a new one or one to go on with; its ending says which kind.

    Raises:
        DatasetError: Another ending; or a file that is there and has other content, or cannot be written.
    """
    kind = path.suffix.lower()
    try:
        if kind == ".parquet":
            from digitrec.bulk.parquet_output import ParquetOutput

            return ParquetOutput(path, task)
        if kind == ".csv":
            return CsvOutput(path, task)
        if kind in (".jsonl", ".ndjson"):
            return JsonlOutput(path, task)
    except OSError as error:
        raise DatasetError(f"{path} cannot be written: {error.strerror or error}") from error
    raise DatasetError(f"{path}: the name of the output ends with .parquet, .csv or .jsonl")


class KeySet:
    """Which keys are there, in 8 bytes each, by a hash of 64 bits.

    Among ten million keys, that one of ten million others is taken for one of them has a probability of 5e-6.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        hashes = array("Q", (_hash(key) for key in keys))
        self._hashes = np.frombuffer(hashes, np.uint64) if hashes else np.empty(0, np.uint64)
        self._hashes = np.sort(self._hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, key: str) -> bool:
        if not len(self._hashes):
            return False
        wanted = np.uint64(_hash(key))
        place = int(self._hashes.searchsorted(wanted))
        return place < len(self._hashes) and bool(self._hashes[place] == wanted)


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8"), digest_size=8).digest(), "big")


class _Lines:
    """What CSV and JSON lines share: rows are added at the end, and one that a kill cut off is taken away.

    Nothing else is: a last line without an end that is no beginning of such a row is of somebody else.
    """

    def __init__(self, path: Path, task: Task) -> None:
        self.path, self.columns = path, task.columns
        self.names = [KEY, *(name for name, _ in task.columns), ERROR]
        self._file: IO[str] | None = None
        if path.exists():
            for _ in self.keys():  # a file of something else is refused, not added to
                pass
            os.truncate(path, self._whole)
        self._file = path.open("a", encoding="utf-8", newline="")
        if not self._whole:
            self._begin()

    errors = 0

    _whole = 0
    """Bytes of whole rows, once `keys` has been read to its end."""

    def keys(self) -> Iterator[str]:
        self._whole = self.errors = 0
        with self.path.open("rb") as file:
            for line in file:
                text = line.decode("utf-8", "replace")
                if not text.endswith("\n"):
                    if not self._is_cut_off(text, first=self._whole == 0):
                        raise self._other_content()
                    return
                if (row := self._key_and_error(text, first=self._whole == 0)) is not None:
                    key, failed = row
                    self.errors += failed
                    yield key
                self._whole += len(line)

    def write(self, rows: Rows) -> None:
        assert self._file is not None
        self._add(self._file, rows)
        self._file.flush()

    def close(self) -> None:
        assert self._file is not None
        self._file.close()

    finish = close

    def _begin(self) -> None:
        """Write what comes before the rows."""

    def _key_and_error(self, line: str, first: bool) -> tuple[str, bool] | None:
        """The key of a row, and whether it has an error; None for a header."""
        raise NotImplementedError

    def _is_cut_off(self, text: str, first: bool) -> bool:
        """Whether a line without an end is the beginning of one that this command writes."""
        raise NotImplementedError

    def _add(self, file: IO[str], rows: Rows) -> None:
        raise NotImplementedError

    def _other_content(self) -> DatasetError:
        return DatasetError(f"{self.path} is there, and is no output of this command; name another file or delete it")


class CsvOutput(_Lines):
    """A CSV file with a header. No key holds a line break (`digitrec.bulk.items.clean`), so a row is a line."""

    def _begin(self) -> None:
        assert self._file is not None
        csv.writer(self._file, lineterminator="\n").writerow(self.names)

    def _key_and_error(self, line: str, first: bool) -> tuple[str, bool] | None:
        try:
            (cells,) = csv.reader([line])
        except (csv.Error, ValueError):
            raise self._other_content() from None
        if first:
            if cells != self.names:
                raise self._other_content()
            return None
        if len(cells) != len(self.names):
            raise self._other_content()
        return cells[0], cells[-1] != ""

    def _is_cut_off(self, text: str, first: bool) -> bool:
        if first:
            return ",".join(self.names).startswith(text)
        try:
            (cells,) = csv.reader([text])
        except (csv.Error, ValueError):
            return False
        answers = zip(cells[1:], self.columns, strict=False)
        return len(cells) <= len(self.names) and all(
            kind == "text" or not cell or re.fullmatch(VALUE, cell) for cell, (_, kind) in answers
        )

    def _add(self, file: IO[str], rows: Rows) -> None:
        csv.writer(file, lineterminator="\n").writerows(map(_text, row) for row in rows)


class JsonlOutput(_Lines):
    """A JSON object a line."""

    def _key_and_error(self, line: str, first: bool) -> tuple[str, bool] | None:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise self._other_content() from None
        if not isinstance(row, dict) or list(row) not in self._kinds() or not isinstance(row[KEY], str):
            raise self._other_content()
        return row[KEY], ERROR in row

    def _is_cut_off(self, text: str, first: bool) -> bool:
        texts = {KEY, ERROR, *(name for name, kind in self.columns if kind == "text")}
        return any(_begins(text, names, texts) for names in self._kinds())

    def _kinds(self) -> tuple[list[str], list[str]]:
        """The names in a row with an answer, and in one with an error."""
        return self.names[:-1], [KEY, ERROR]

    def _add(self, file: IO[str], rows: Rows) -> None:
        for row in rows:
            named = dict(zip(self.names, map(_rounded, row), strict=True))
            file.write(json.dumps({name: value for name, value in named.items() if value is not None}) + "\n")


def _begins(text: str, names: Sequence[str], texts: Container[str]) -> bool:
    """Whether a text is the beginning of a JSON object with these names, of which some have texts for values."""
    for number, name in enumerate(names):
        literal = f"{', ' if number else '{'}{json.dumps(name)}: "
        if literal.startswith(text):
            return True
        value = re.compile(TEXT if name in texts else VALUE).match(text, len(literal))
        if not text.startswith(literal) or value is None:
            return False
        text = text[value.end() :]
    return "}".startswith(text)


def _rounded(value: Any) -> Any:
    """A float32 in as few digits as tell it from its neighbours."""
    return float(str(np.float32(value))) if isinstance(value, float) else value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _rounded(value)
