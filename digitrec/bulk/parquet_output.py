"""A Parquet file of answers. Such a file is written whole, so rows gather in parts beside it until the end."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from digitrec.bulk.outputs import ERROR, KEY
from digitrec.bulk.tables import import_parquet
from digitrec.bulk.tasks import Rows, Task
from digitrec.errors import DatasetError

PART_ROWS = 65_536
"""Rows from which on a part is written."""

PART_SECONDS = 30
"""Seconds after which one is written with what there is: a kill loses no more."""

MERGED = "merged.parquet"

UNFINISHED = ".unfinished"
"""Ending of a file that is being written."""


class ParquetOutput:
    """Rows go to `NAME.parts/`, a file a part, and from there into one file with those that it had before.

    Each step leaves a state that the next start knows: without `merged.parquet`, all rows are in the file and the
    parts together; with it, all are in that.
    """

    def __init__(self, path: Path, task: Task) -> None:
        """Open it.

        Raises:
            DatasetError: pyarrow is not installed; or a file of something else has this name.
            OSError: It cannot be written.
        """
        import_parquet()
        import pyarrow

        self._arrow: Any = pyarrow
        kinds = {"int": pyarrow.int8(), "float": pyarrow.float32(), "bool": pyarrow.bool_(), "text": pyarrow.string()}
        self.schema = pyarrow.schema(
            [(KEY, pyarrow.string()), *((name, kinds[kind]) for name, kind in task.columns), (ERROR, pyarrow.string())]
        )
        self.path, self.parts = path, path.with_name(path.name + ".parts")
        self._rows: Rows = []
        self._since = time.monotonic()
        self.parts.mkdir(exist_ok=True)
        merged = self.parts / MERGED
        for file in [*self._files(), *([merged] if merged.exists() else [])]:
            self._check(file)  # before a step that replaces or deletes one of them
        if merged.exists():
            self._replace()
            self.parts.mkdir(exist_ok=True)

    errors = 0

    def keys(self) -> Iterator[str]:
        """The keys of the rows that are there."""
        self.errors = 0
        for file in self._files():
            with import_parquet().ParquetFile(file) as table:
                for batch in table.iter_batches(columns=[KEY, ERROR]):
                    self.errors += batch.num_rows - batch.column(1).null_count
                    yield from batch.column(0).to_pylist()

    def write(self, rows: Rows) -> None:
        """Add rows."""
        self._rows += rows
        if len(self._rows) >= PART_ROWS or time.monotonic() - self._since >= PART_SECONDS:
            self._write_part()

    def close(self) -> None:
        """Write what is held back into a part."""
        self._write_part()

    def finish(self) -> None:
        """Put all parts into the file."""
        self._write_part()
        parquet = import_parquet()
        unfinished = self.parts / (MERGED + UNFINISHED)
        with parquet.ParquetWriter(unfinished, self.schema) as writer:
            for file in self._files():
                with parquet.ParquetFile(file) as table:
                    for batch in table.iter_batches(PART_ROWS):
                        writer.write_batch(batch)
        os.replace(unfinished, self.parts / MERGED)
        self._replace()

    def _replace(self) -> None:
        """Take `merged.parquet` for the file. The parts go first: with the file alone, they would count twice."""
        for part in self._parts():
            part.unlink()
        os.replace(self.parts / MERGED, self.path)
        for unfinished in self.parts.glob(f"*{UNFINISHED}"):
            if unfinished.stem == MERGED or unfinished.stem.isdigit():
                unfinished.unlink()
        with contextlib.suppress(OSError):  # it holds what somebody else put there
            self.parts.rmdir()

    def _write_part(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [self._arrow.array(values, kind.type) for values, kind in zip(columns, self.schema, strict=True)]
            number = max((int(part.stem) for part in self._parts()), default=0) + 1
            unfinished = self.parts / f"{number:06}{UNFINISHED}"
            import_parquet().write_table(self._arrow.table(arrays, schema=self.schema), unfinished)
            os.replace(unfinished, self.parts / f"{number:06}.parquet")
        self._rows = []
        self._since = time.monotonic()

    def _parts(self) -> list[Path]:
        return sorted(part for part in self.parts.glob("*.parquet") if part.stem.isdigit())

    def _files(self) -> list[Path]:
        return [*([self.path] if self.path.exists() else []), *self._parts()]

    def _check(self, file: Path) -> None:
        try:
            same = import_parquet().read_schema(file).equals(self.schema)
        except (OSError, ValueError):
            same = False
        if not same:
            with contextlib.suppress(OSError):  # parts of an earlier run are in it
                self.parts.rmdir()
            raise DatasetError(f"{file} is there, and is no output of this command; name another file or delete it")
