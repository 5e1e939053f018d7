"""What a process forked beside threads needs: it has none of them, and what they held would stay held in it for good.

Python's own locks are freed in the new process. Those inside ONNX Runtime cannot be, so a fork waits until no other
thread is in a graph. Programs that only start others (`subprocess`, `multiprocessing` with "spawn") notice nothing.
"""

import os
import threading
from types import TracebackType

LIMIT_SECONDS = 5.0
"""How long a fork waits for graphs: they take milliseconds, the largest batches some hundred."""


class ForkableLock:
    """A lock for `with` blocks that no forked process finds held by a thread which it does not have.

    It is kept as long as the process, so it is for modules, not for objects that come and go.
    """

    def __init__(self) -> None:
        """Make it, free."""
        self._lock = threading.RLock()  # which knows its thread: that may fork itself, and then holds it in both
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(after_in_child=self._free)

    def __enter__(self) -> None:
        """Wait for it."""
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free it."""
        self._lock.release()

    def _free(self) -> None:
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = threading.RLock()


class _GraphsAndForks:
    """Threads that are in a graph, and forks that wait for them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: list[int] = []
        """Threads in a graph."""
        self._forks = 0
        """Forks that wait, or are under way. No graph begins meanwhile: where some always run, none would ever end."""
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._wait, after_in_parent=self._go_on, after_in_child=self._begin_in_new_process
            )

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._forks)
            self._inside.append(threading.get_ident())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._inside.remove(threading.get_ident())
            if self._forks:
                self._changed.notify_all()

    def _wait(self) -> None:
        self._changed.acquire()  # and held until the fork is done
        self._forks += 1
        me = threading.get_ident()  # a signal's handler may fork in a thread that is about to run a graph
        self._changed.wait_for(lambda: all(thread == me for thread in self._inside), LIMIT_SECONDS)

    def _go_on(self) -> None:
        self._forks -= 1
        self._changed.notify_all()
        self._changed.release()

    def _begin_in_new_process(self) -> None:
        me = threading.get_ident()
        self._changed = threading.Condition()
        self._inside = [thread for thread in self._inside if thread == me]
        self._forks = 0


in_a_graph = _GraphsAndForks()
"""Around each call of ONNX Runtime: `with in_a_graph:`. Any number of threads may be in one at once."""
