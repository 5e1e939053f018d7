"""The threads that answer requests: two that compute, and one more for each that is held up."""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

AT_WORK = 2
"""Threads that take requests while none is held up. They share the interpreter's lock and wait for it at each of the
many short steps of a request, so that two answer more than three, and three more than four; benchmarks/README.md has
the figures."""

HELD_SECONDS = 0.1
"""An answer takes some milliseconds. A thread that has been at one for longer waits for a client or for a database,
or unpacks a very large picture; others should not wait for it."""

_Call = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class _Worker(threading.Thread):
    """A thread, and since when it has been at its call; None while it has none."""

    since: float | None = None

    def held(self, now: float) -> bool:
        """Whether its call takes so long that it does not count as at work."""
        since = self.since
        return since is not None and now - since >= HELD_SECONDS


class ElasticThreads(Executor):
    """Runs calls in a few threads, and in more only while some of them are held up.

    `concurrent.futures.ThreadPoolExecutor` starts as many as it may have and keeps them. Here, there are always
    `AT_WORK` threads that are not held up, as long as no more than `most` are there in all. A thread that comes back
    from a long call and finds enough at work ends.
    """

    def __init__(self, most: int) -> None:
        """Start nothing yet.

        Args:
            most: Threads that there may be at once, at least 1.
        """
        self._most = most
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()
        """Held by whoever changes `_workers`, asks for a call or closes."""
        self._asked = threading.Event()
        """Set when there is something to watch over."""
        self._closed = threading.Event()
        self._watch = threading.Thread(target=self._watch_over_calls, name="watch over threads", daemon=True)

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call run by the next thread that is free.

        Raises:
            RuntimeError: They have been shut down.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed.is_set():
                raise RuntimeError("these threads have been shut down and take no more calls")
            if not self._workers:
                self._watch.start()
                self._add(min(AT_WORK, self._most))
            self._calls.put((future, call, args, kwargs))
        if not self._asked.is_set():
            self._asked.set()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and end the threads when the last one has run; `wait` until then if so asked.

        Args:
            wait: Whether to come back only when all threads have ended.
            cancel_futures: Whether calls that no thread has begun are cancelled.
        """
        with self._lock:
            workers = list(self._workers)
            first = not self._closed.is_set()
            self._closed.set()
        self._asked.set()
        if cancel_futures:
            self._cancel_waiting()
        if first or cancel_futures:
            for _ in workers:
                self._calls.put(None)
        if wait:
            for worker in workers:
                worker.join()

    def _add(self, count: int) -> None:
        for _ in range(count):
            worker = _Worker(target=self._work, name=f"request {len(self._workers)}")
            worker.start()
            self._workers.add(worker)

    def _watch_over_calls(self) -> None:
        """Look ten times a second, while calls wait, whether enough threads are at work."""
        while not self._closed.is_set():
            self._asked.wait()
            self._asked.clear()
            while not self._closed.wait(HELD_SECONDS) and not self._calls.empty():
                # If the system has no thread left, those there are go on.
                with self._lock, contextlib.suppress(RuntimeError):
                    if not self._closed.is_set():
                        self._add(min(AT_WORK - self._at_work(), self._most - len(self._workers)))

    def _at_work(self) -> int:
        now = time.monotonic()
        return sum(not worker.held(now) for worker in self._workers)

    def _work(self) -> None:
        me = threading.current_thread()
        assert isinstance(me, _Worker)
        while (call := self._calls.get()) is not None:
            me.since = time.monotonic()
            _run(*call)
            del call  # or it would be kept until the next one comes, with all that it knows
            me.since = None
            if len(self._workers) > AT_WORK and self._is_spare(me):
                return

    def _is_spare(self, me: _Worker) -> bool:
        """Whether enough others are at work; then it belongs to them no more, and must end."""
        with self._lock:
            if self._closed.is_set() or self._at_work() <= AT_WORK:
                return False
            self._workers.discard(me)
            return True

    def _cancel_waiting(self) -> None:
        while True:
            try:
                call = self._calls.get_nowait()
            except Empty:
                return
            if call is not None:
                call[0].cancel()


def _run(future: Future[Any], call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call(*args, **kwargs)
    except BaseException as error:  # whoever asked for the call is told, whatever it was
        future.set_exception(error)
    else:
        future.set_result(result)
