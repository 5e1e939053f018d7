"""Answers all pictures of some sources into a file, and goes on with a file that is there."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitrec.bulk.items import Item, clean, split_into_chunks
from digitrec.bulk.outputs import KeySet, open_output
from digitrec.bulk.pool import Pool
from digitrec.bulk.sources import Source, total
from digitrec.bulk.tasks import Rows, Task
from digitrec.errors import DatasetError

Engine = Callable[[Task, Iterator[list[Item]], int], Iterator[Rows]]
"""Answers chunks with a task in so many processes, in their order or in any other."""


@dataclass
class Outcome:
    """What a run did.

    Attributes:
        answered: Pictures that it answered, those with an error included.
        errors: Those with an error.
        before: Rows that were in the output before.
        errors_before: Those with an error.
        seconds: How long it took.
    """

    answered: int = 0
    errors: int = 0
    before: int = 0
    errors_before: int = 0
    seconds: float = 0.0


def answer_here(task: Task, chunks: Iterator[list[Item]], processes: int) -> Iterator[Rows]:
    """The engine that needs nothing: processes of this machine."""
    with Pool(task, processes) as pool:
        yield from pool.answer(chunks)


def answer_into(
    path: Path, sources: Sequence[Source], task: Task, *, processes: int, engine: Engine = answer_here
) -> Outcome:
    """Answer what is not in the output yet.

    Args:
        path: The output; its ending says which kind.
        sources: Where the pictures come from.
        task: What is done with each.
        processes: How many do it.
        engine: What runs them.

    Raises:
        DigitrecError: The task, a source or the output cannot be used. What was answered until then is in the output.
    """
    task.load()  # what cannot be loaded at all is said once, and here
    output = open_output(path, task)
    done = KeySet(output.keys())
    outcome = Outcome(before=len(done), errors_before=output.errors)
    began = time.monotonic()
    wanted = (item for source in sources for item in source.items(lambda key: clean(key) not in done))
    items = (Item(clean(key), content) for key, content in wanted)
    finished = False
    try:
        with _progress_bar(sources, len(done)) as bar:
            for rows in engine(task, split_into_chunks(items), processes):
                with _named_in_errors(path):
                    output.write(rows)
                outcome.answered += len(rows)
                outcome.errors += sum(row[-1] is not None for row in rows)
                bar.update(len(rows))
        finished = True
    finally:
        outcome.seconds = time.monotonic() - began
        with _named_in_errors(path):
            output.finish() if finished else output.close()
    return outcome


@contextmanager
def _named_in_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be written: {error.strerror or error}; the same command goes on with what is in it"
        ) from error


class _NoBar:
    def __enter__(self) -> "_NoBar":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, count: int) -> None:
        """Show nothing."""


def _progress_bar(sources: Sequence[Source], done: int) -> Any:
    """A bar with rate and time left, on a terminal and where tqdm is installed."""
    if not sys.stderr.isatty():
        return _NoBar()
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return _NoBar()
    # What was done before belongs to the bar, but may be of other sources: then the bar is longer.
    count = total(sources)
    return tqdm(total=None if count is None else max(count, done), initial=done, unit=" pictures", smoothing=0.05)
