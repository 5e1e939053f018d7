"""How much CPU time one client may use: counted in this process, whose time it is, and charged after each answer."""

import contextlib
import math
import threading
import time
from collections.abc import Iterator

from limits import parse_many
from werkzeug.exceptions import TooManyRequests

SWEEP_SECONDS = 10.0


class WorkLimit:
    """A debt of CPU seconds for each client, which time pays back. A client with too much of it has to wait."""

    def __init__(self, rate: str) -> None:
        """Take the limit.

        Args:
            rate: Seconds in a time, such as 20/minute; several, or nothing for no limit.
        """
        self._limits = [(limit.amount, limit.amount / limit.get_expiry()) for limit in parse_many(rate)] if rate else []
        """Of each limit, the most seconds owed, and how many of them a second pays back."""
        self._debts: dict[str, tuple[float, list[float]]] = {}
        """Of each client, when the debts were computed, and the seconds owed by each limit."""
        self._lock = threading.Lock()
        self._next_sweep = 0.0

    def check(self, client: str) -> None:
        """Refuse a client that owes too much.

        Raises:
            TooManyRequests: `retry_after` says for how many seconds.
        """
        if client not in self._debts:
            return
        with self._lock:
            debts = self._debts_now(client, time.monotonic())
        waits = [
            (debt - most) / per_second
            for debt, (most, per_second) in zip(debts, self._limits, strict=True)
            if debt >= most
        ]
        if waits:
            raise TooManyRequests(retry_after=max(1, math.ceil(max(waits))))

    def charge(self, client: str, seconds: float) -> None:
        """Add what a request has used."""
        if not self._limits:
            return
        now = time.monotonic()
        with self._lock:
            self._debts[client] = now, [debt + seconds for debt in self._debts_now(client, now)]
            if now >= self._next_sweep:
                self._next_sweep = now + SWEEP_SECONDS
                for other in [one for one in self._debts if not any(self._debts_now(one, now))]:
                    del self._debts[other]

    @contextlib.contextmanager
    def charged(self, client: str) -> Iterator["Work"]:
        """Charge a client with what this thread uses in a block, and with what is added for other processes."""
        work = Work()
        started = time.thread_time()
        try:
            yield work
        finally:
            self.charge(client, time.thread_time() - started + work.elsewhere)

    def _debts_now(self, client: str, now: float) -> list[float]:
        then, debts = self._debts.get(client, (now, [0.0] * len(self._limits)))
        paid = [(now - then) * per_second for _, per_second in self._limits]
        return [max(0.0, debt - part) for debt, part in zip(debts, paid, strict=True)]


class Work:
    """What a request uses.

    Attributes:
        elsewhere: CPU seconds of other processes.
    """

    elsewhere = 0.0
