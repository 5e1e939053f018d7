"""The engine that answers on a Ray cluster: an actor a core, each with a task that it has loaded itself.

The chunks come from this process, and the rows go back to it, which writes them: so inputs, output and resumption are
those of one machine. A chunk is here until its rows are, so a worker or a node that is killed loses nothing, and
nothing is written twice.
"""

import importlib
import logging
import os
import re
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digitrec.bulk.items import Item
from digitrec.bulk.pool import AHEAD, MOST_DEATHS, PoolError
from digitrec.bulk.tasks import Rows, Task, error_row
from digitrec.decoding import MAX_BYTES
from digitrec.errors import DatasetError

MOST_TRIES = 3
"""How often a chunk is given to another actor after one ended over it, before its pictures are given one by one: the
end of a node is no picture's fault."""

START_SECONDS = 300.0
"""Longest wait for a first actor; a cluster may have to start a machine for it."""


@dataclass
class _Job:
    """A chunk under way."""

    items: list[Item]
    rows: Rows = field(default_factory=list)
    tries: int = 0

    @property
    def singly(self) -> bool:
        return self.tries >= MOST_TRIES

    def next_part(self) -> list[Item]:
        rest = self.items[len(self.rows) :]
        return rest[:1] if self.singly else rest


def connect() -> int:
    """Connect to the cluster that `RAY_ADDRESS` names, or that runs on this machine. Returns its number of cores.

    Raises:
        DatasetError: Ray is not installed, or there is no cluster.
    """
    try:
        ray: Any = importlib.import_module("ray")
    except ModuleNotFoundError as error:
        raise DatasetError(
            'the engine ray needs the package ray; get it with: python -m pip install "digitrec[ray]"'
        ) from error
    address = os.environ.get("RAY_ADDRESS") or "auto"
    try:
        _check_listens(address)
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise DatasetError(
            f"there is no Ray cluster at {address}: {reason}; start one with: ray start --head, or set RAY_ADDRESS"
        ) from error
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _check_listens(address: str) -> None:
    """Fail at once where nothing listens at `HOST:PORT`: Ray would try for minutes.

    Raises:
        OSError: Nothing does.
    """
    if found := re.fullmatch(r"([A-Za-z0-9_.-]+):(\d{1,5})", address):
        with socket.create_connection((found[1], int(found[2])), timeout=10):
            pass


def answer_on_cluster(task: Task, chunks: Iterator[list[Item]], processes: int) -> Iterator[Rows]:
    """Answer chunks with as many actors, in any order; `connect` comes first.

    Raises:
        PoolError: The actors end without an answer, or none can be started.
    """
    with _Actors(task, processes) as actors:
        yield from actors.answer(chunks)


class _Actors:
    def __init__(self, task: Task, count: int) -> None:
        self.ray: Any = importlib.import_module("ray")
        self.task, self.count = task, count
        # It may end; then another is made, wherever there is room. Ray's own restarts would take calls meanwhile.
        self._kind = self.ray.remote(num_cpus=1, max_restarts=0)(_Worker)
        self._starting: dict[Any, Any] = {}
        self._free: list[Any] = []
        self._working: dict[Any, tuple[Any, _Job, list[Item]]] = {}
        self._deaths = 0

    def __enter__(self) -> "_Actors":
        for _ in range(self.count):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        alive = [*self._starting.values(), *self._free, *(actor for actor, _, _ in self._working.values())]
        for actor in set(alive):
            self.ray.kill(actor)

    def answer(self, chunks: Iterator[list[Item]]) -> Iterator[Rows]:
        again: deque[_Job] = deque()
        more = True
        while True:
            while self._free and (again or more):
                job = again.popleft() if again else None
                if job is None:
                    items = next(chunks, None)
                    more = items is not None
                    if items is None:
                        break
                    job = _Job(_with_contents(items))
                self._send(job)
            if not self._working and not again and not more:
                return
            for job in self._received():
                if len(job.rows) == len(job.items):
                    yield job.rows
                else:
                    again.append(job)

    def _start(self) -> None:
        actor = self._kind.remote(self.task)
        self._starting[actor.is_ready.remote()] = actor

    def _send(self, job: _Job) -> None:
        actor, part = self._free.pop(), job.next_part()
        self._working[actor.work.remote(part)] = (actor, job, part)

    def _received(self) -> Iterator[_Job]:
        """Wait for an answer. Yields the job that has one, or those of an actor that has ended."""
        refs = [*self._working, *self._starting]
        done, _ = self.ray.wait(refs, num_returns=1, timeout=None if self._working else START_SECONDS)
        if not done:
            raise PoolError(f"no core of the Ray cluster has become free in {START_SECONDS:.0f} seconds")
        (ref,) = done
        if ref in self._starting:
            actor = self._starting.pop(ref)
            if self._is_alive(ref):
                self._free += [actor] * AHEAD
            return
        actor, job, part = self._working.pop(ref)
        try:
            job.rows += self.ray.get(ref)
        except self.ray.exceptions.RayError as error:
            yield from self._after_end(actor, job, part, error)
            return
        self._deaths, job.tries = 0, min(job.tries, MOST_TRIES)
        self._free.append(actor)
        yield job

    def _is_alive(self, ref: Any) -> bool:
        """Whether an actor has loaded its task; else another is started."""
        try:
            self.ray.get(ref)
        except self.ray.exceptions.RayError as error:
            self._count_death(error)
            self._start()
            return False
        return True

    def _after_end(self, actor: Any, job: _Job, part: list[Item], error: Exception) -> Iterator[_Job]:
        """Start an actor in place of one that has ended. Yields the jobs that it had."""
        self._count_death(error)
        self.ray.kill(actor)  # it may live, and its answer be lost
        self._free = [one for one in self._free if one != actor]
        lost = {ref: kept for ref, kept in self._working.items() if kept[0] == actor}
        for ref in lost:
            del self._working[ref]
        self._start()
        job.tries += 1
        if len(part) == 1 and job.tries > MOST_TRIES + 1:
            job.rows.append(error_row(part[0].key, "the process that read it ended", self.task))
            job.tries = MOST_TRIES
        yield job
        for _, other, _ in lost.values():
            yield other  # it had waited, and is not to blame

    def _count_death(self, error: Exception) -> None:
        self._deaths += 1
        if self._deaths > MOST_DEATHS + self.count:  # all those of a node end together
            raise PoolError(f"{self._deaths} processes of the Ray cluster ended without an answer, the last: {error}")


class _Worker:
    """What an actor does. It makes its sessions itself: they cannot be pickled."""

    def __init__(self, task: Task) -> None:
        self._answer = task.load()

    def is_ready(self) -> bool:
        return True

    def work(self, items: list[Item]) -> Rows:
        return self._answer(items)


def _with_contents(items: list[Item]) -> list[Item]:
    """The items, with the content of files of this machine: other nodes do not have them, or have others."""
    return [Item(key, _read(content) if isinstance(content, str) else content) for key, content in items]


def _read(path: str) -> bytes | str:
    """The content of a file; its path where it cannot be read, which whoever answers it says in the usual words."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return path
