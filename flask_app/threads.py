"""A thread pool for requests: two threads, and another for each that waits."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

ACTIVE_THREADS = 2
"""Threads while none of them waits. They compete for the interpreter's lock at each of the many short steps of a
request, so two answer more requests than three, and three more than four; benchmarks/README.md has the figures."""

BLOCKED_SECONDS = 0.1
"""A request takes a few milliseconds. A thread that takes longer for one waits for a client or a database, or unpacks a
very large image, and other requests should not wait for it."""

_Call = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class _Worker(threading.Thread):
    """A thread, and the time at which its current call began; None while it has none."""

    started_at: float | None = None
    is_waiting = False
    """Whether its call has said that it waits."""

    def __init__(self, pool: "ElasticThreads", number: int) -> None:
        super().__init__(target=pool.work, name=f"request {number}")
        self.pool = pool

    def is_blocked(self, now: float) -> bool:
        """Whether its call waits, or takes so long that it does not count as active."""
        started_at = self.started_at  # read once: its thread may change it
        return self.is_waiting or (started_at is not None and now - started_at >= BLOCKED_SECONDS)


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """Say that this thread waits until the block ends, so that another one answers in its place at once.

    Without it, that happens after `BLOCKED_SECONDS`. Has no effect in a thread of another pool.
    """
    me = threading.current_thread()
    if not isinstance(me, _Worker) or me.is_waiting:
        yield
        return
    me.is_waiting = True
    me.pool.replace_blocked()
    try:
        yield
    finally:
        me.started_at = time.monotonic()  # from now on it computes
        me.is_waiting = False


class ElasticThreads(Executor):
    """Runs calls in a few threads, and in more only while some of them are blocked.

    `concurrent.futures.ThreadPoolExecutor` starts as many threads as allowed and keeps them. This executor keeps
    `ACTIVE_THREADS` threads that are not blocked, within its maximum. A thread that returns from a long call ends if
    there are enough others.
    """

    def __init__(self, max_threads: int) -> None:
        """Start no thread yet.

        Args:
            max_threads: Maximum number of threads, at least 1.
        """
        self._max_threads = max_threads
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()
        """Held while changing `_workers`, submitting a call or closing."""
        self._submitted = threading.Event()
        """Set when a call was submitted since the monitor last looked."""
        self._closed = threading.Event()
        self._monitor = threading.Thread(target=self._monitor_calls, name="thread monitor", daemon=True)

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call for the next free thread.

        Raises:
            RuntimeError: The executor has been shut down.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed.is_set():
                raise RuntimeError("cannot submit a call: the threads have been shut down")
            if not self._workers:
                self._monitor.start()
                self._add(min(ACTIVE_THREADS, self._max_threads))
            self._calls.put((future, call, args, kwargs))
        if not self._submitted.is_set():
            self._submitted.set()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more calls, and end the threads when all queued calls have run.

        Args:
            wait: Whether to return only when all threads have ended.
            cancel_futures: Whether to cancel calls that no thread has started.
        """
        with self._lock:
            workers = list(self._workers)
            first = not self._closed.is_set()
            self._closed.set()
        self._submitted.set()
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
            worker = _Worker(self, len(self._workers))
            worker.start()
            self._workers.add(worker)

    def _monitor_calls(self) -> None:
        """While calls are queued, check ten times a second whether enough threads are active."""
        while not self._closed.is_set():
            self._submitted.wait()
            self._submitted.clear()
            while not self._closed.wait(BLOCKED_SECONDS) and not self._calls.empty():
                self.replace_blocked()

    def replace_blocked(self) -> None:
        """Start a thread for each one that is blocked, within the maximum."""
        # If the system cannot start another thread, the existing ones continue.
        with self._lock, contextlib.suppress(RuntimeError):
            if not self._closed.is_set():
                self._add(min(ACTIVE_THREADS - self._count_active(), self._max_threads - len(self._workers)))

    def _count_active(self) -> int:
        now = time.monotonic()
        return sum(not worker.is_blocked(now) for worker in self._workers)

    def work(self) -> None:
        """Run queued calls, until the pool is closed or this thread is one too many; what a worker does."""
        me = threading.current_thread()
        assert isinstance(me, _Worker)
        while (call := self._calls.get()) is not None:
            me.started_at = time.monotonic()
            _run(*call)
            del call  # otherwise it stays in memory until the next call
            me.started_at = None
            if len(self._workers) > ACTIVE_THREADS and self._is_spare(me):
                return

    def _is_spare(self, me: _Worker) -> bool:
        """Whether enough others are active; if so, it is removed from them and has to end."""
        with self._lock:
            if self._closed.is_set() or self._count_active() <= ACTIVE_THREADS:
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
    except BaseException as error:  # any error goes to the caller, through the future
        future.set_exception(error)
    else:
        future.set_result(result)
