"""A pool of processes that answers chunks of pictures in their order, and outlives a picture that kills one of them."""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import ModuleType, TracebackType
from typing import Self

from digitrec.bulk.items import Item
from digitrec.bulk.tasks import Rows, Task, error_row
from digitrec.errors import DigitrecError

AHEAD = 2
"""Chunks that each process has: the one it works on, and the one that it takes up next without waiting for us."""

WINDOW = 4
"""Chunks for each process that may be answered before an earlier one is: what waits for its turn is in memory."""

MOST_DEATHS = 5
"""Processes that may end one after the other without an answer; more, and the fault is not a picture's."""

READY = "ready"
"""What a process says once it has loaded its task. If it ends before, that is no picture's fault."""


def usable_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


class PoolError(DigitrecError):
    """The processes of a pool end by themselves, whatever they are given."""


@dataclass
class _Job:
    """A chunk under way. After a process ended over it, its pictures are sent one by one."""

    number: int
    items: list[Item]
    singly: bool = False
    rows: Rows = field(default_factory=list)

    def next_part(self) -> list[Item]:
        rest = self.items[len(self.rows) :]
        return rest[:1] if self.singly else rest


class _Worker:
    def __init__(self, task: Task) -> None:
        # Spawned, not forked: ONNX Runtime has started threads in this process, which a fork would not have.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(task, theirs), daemon=True)
        with _no_main_module():
            self.process.start()
        theirs.close()  # so that the end of either process ends the connection
        self.ready = False
        self.under_way: deque[tuple[_Job, list[Item]]] = deque()

    def send(self, job: _Job) -> None:
        part = job.next_part()
        self.under_way.append((job, part))
        with contextlib.suppress(OSError):  # it has ended, which is noticed when its answer is read
            self.connection.send(part)

    def close(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide the program's main module: a spawned process would import it first, and need not find it at all."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class Pool:
    """Processes with one task. Use it in a `with` statement, which ends them."""

    def __init__(self, task: Task, processes: int) -> None:
        """Start the processes.

        Args:
            task: What they do.
            processes: How many.
        """
        self.task = task
        self._workers = [_Worker(task) for _ in range(processes)]
        self._deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.close()

    def answer(self, chunks: Iterator[list[Item]]) -> Iterator[Rows]:
        """Answer chunks, each taken only when there is a process for it. The answers come in their order.

        A chunk over which a process ended is answered by another, picture by picture; the picture over which that
        ends too has an error.

        Raises:
            PoolError: The processes end without an answer.
        """
        answered: dict[int, Rows] = {}
        again: deque[_Job] = deque()
        taken = given = 0
        more = True
        while True:
            for worker in self._workers:
                while len(worker.under_way) < AHEAD:
                    if again:
                        worker.send(again.popleft())
                        continue
                    if not more or taken - given >= WINDOW * len(self._workers):
                        break
                    items = next(chunks, None)
                    more = items is not None
                    if items is not None:
                        worker.send(_Job(taken, items))
                        taken += 1
            while given in answered:
                yield answered.pop(given)
                given += 1
            if given == taken and not more:
                return
            for job in self._received():
                if len(job.rows) == len(job.items):
                    answered[job.number] = job.rows
                else:
                    again.append(job)

    def _received(self) -> Iterator[_Job]:
        """Wait for answers. Yields the jobs that have one, and those of processes that have ended."""
        busy = {worker.connection: place for place, worker in enumerate(self._workers) if worker.under_way}
        for connection in multiprocessing.connection.wait(list(busy)):
            assert isinstance(connection, Connection)
            place = busy[connection]
            worker = self._workers[place]
            try:
                rows: Rows | str = connection.recv()
            except (EOFError, OSError):
                yield from self._replaced(place)
                continue
            if isinstance(rows, str):
                worker.ready = True
                continue
            self._deaths = 0
            job, _ = worker.under_way.popleft()
            job.rows += rows
            yield job

    def _replaced(self, place: int) -> Iterator[_Job]:
        """Start a process in place of one that has ended. Yields what that had under way."""
        worker = self._workers[place]
        worker.close()
        self._deaths += 1
        if self._deaths > MOST_DEATHS:
            raise PoolError(
                f"{self._deaths} processes ended without an answer, the last with status {worker.process.exitcode};"
                " there may be too little memory: try fewer with --processes"
            )
        self._workers[place] = _Worker(self.task)
        if worker.ready:
            job, part = worker.under_way[0]
            if len(part) == 1:
                error = f"the process that read it ended with status {worker.process.exitcode}"
                job.rows.append(error_row(part[0].key, error, self.task))
            else:
                job.singly = True
        for job, _ in worker.under_way:
            yield job


def _work(task: Task, connection: Connection) -> None:
    """What a process does: answer what comes, until the connection ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of them; the parent ends this one
    inbox: queue.SimpleQueue[list[Item] | None] = queue.SimpleQueue()

    def receive() -> None:
        # In a thread: a parent that sends while this process sends would else wait for it, and it for the parent.
        while True:
            try:
                inbox.put(connection.recv())
            except (EOFError, OSError):  # the parent has ended, or wants no more
                inbox.put(None)
                return

    answer = task.load()
    with contextlib.suppress(OSError):
        connection.send(READY)
    threading.Thread(target=receive, daemon=True).start()
    while (items := inbox.get()) is not None:
        try:
            connection.send(answer(items))
        except OSError:
            return
