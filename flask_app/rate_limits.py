"""How often one client may ask; counted in memory, or in a Redis that replicas share."""

import functools
import ipaddress
import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from flask_app.logs import note
from flask_app.settings.environment import ConfigError

LOGINS = "10/minute"
"""Tries at the password of /review. No setting: whoever types needs no more, and who guesses shall get no further."""

LIMITED = {"predict": "PREDICT", "predict_batch": "BATCH", "feedback": "FEEDBACK"}
"""Views, and the setting that limits each: `DIGITREC_PREDICT_LIMIT` and so on."""

NETWORK = 64
"""Bits of an IPv6 address that stand for one client: a household gets at least so large a network, and could take a
new address for every question."""

AWAY_SECONDS = 5.0
"""Time for which a Redis that did not answer is not asked again."""

SWEEP_SECONDS = 10.0
"""Time between two sweeps. A count takes a few hundred bytes, and half a microsecond of a sweep."""


class Sweep(threading.Timer):
    """Forgets the counts of clients that have long been gone, in the threads of those that ask.

    `MemoryStorage` asks at each count whether its timer runs, and starts another if not: a thread for every few
    requests, which cost more than all else that counting does. This one is never started and always says that it runs.
    """

    def __init__(self, storage: MemoryStorage) -> None:
        """Take the counts to be swept."""
        super().__init__(SWEEP_SECONDS, lambda: None)
        self.storage = storage
        self.due = time.monotonic() + SWEEP_SECONDS

    def is_alive(self) -> bool:
        """Sweep if it is time; True."""
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + SWEEP_SECONDS
            for key in list(self.storage.expirations):
                self.storage.get(key)  # which forgets it if it has expired
        return True


class Counts:
    """How often each client has asked, of each kind of question; in memory for as long as a Redis is away.

    Two counters a client, those of this window and the last, weighed by time. A list of its questions would be exact,
    and grow with what is allowed.
    """

    def __init__(self, app: Flask) -> None:
        """Find the place that the settings name.

        Raises:
            ConfigError: There is no such place, or its driver is not installed.
        """
        self.app = app
        url = app.config["DIGITREC_LIMITS_URL"]
        patience = {} if url == "memory://" else {"socket_connect_timeout": 1, "socket_timeout": 1}
        try:
            storage = storage_from_string(url, wrap_exceptions=True, **patience)
            self._usual = _counting_in(storage)
        except Exception as error:  # each kind of storage has its own
            raise ConfigError(
                f"DIGITREC_LIMITS_URL cannot be used ({type(error).__name__}); it must be memory:// or the address of a"
                ' Redis, redis://HOST:6379/0, for which digitrec is installed with the extra "redis"'
            ) from None
        in_memory = isinstance(storage, MemoryStorage)
        self._meanwhile = self._usual if in_memory else _counting_in(MemoryStorage())
        self._asked_again = 0.0

    def hit(self, limit: RateLimitItem, *who: str) -> int | None:
        """Count a question. Returns None if it is within the limit, else the seconds until the next one may be."""
        if time.monotonic() >= self._asked_again:
            try:
                return _hit(self._usual, limit, who)
            except StorageError as error:
                self._asked_again = time.monotonic() + AWAY_SECONDS
                note(self.app, logging.WARNING, "limits_away", {"error": type(error.storage_error).__name__})
        return _hit(self._meanwhile, limit, who)


def _counting_in(storage: Any) -> SlidingWindowCounterRateLimiter:
    if isinstance(storage, MemoryStorage):
        storage.timer.cancel()
        storage.timer = Sweep(storage)
    return SlidingWindowCounterRateLimiter(storage)


def _hit(counting: SlidingWindowCounterRateLimiter, limit: RateLimitItem, who: tuple[str, ...]) -> int | None:
    if counting.hit(limit, *who):
        return None
    return max(1, math.ceil(counting.get_window_stats(limit, *who).reset_time - time.time()))


def client() -> str:
    """The client's address: that of the connection, or what as many proxies as are trusted say it is."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:  # a socket of the file system has none, a proxy may send anything
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, NETWORK), strict=False).network_address)


def init_app(app: Flask) -> None:
    """Limit what the settings limit; call it when all views are there.

    Raises:
        ConfigError: They cannot be counted in the place that the settings name.
    """
    counts = Counts(app)
    for endpoint, view in list(app.view_functions.items()):
        name = LIMITED.get(endpoint.rpartition(".")[2], "")
        rate = LOGINS if endpoint == "review.enter" else app.config.get(f"DIGITREC_{name}_LIMIT")
        if rate:
            # By the name of the setting, not of the endpoint: one count for both addresses of a view.
            app.view_functions[endpoint] = _limited(view, counts, parse_many(rate), name or endpoint)


def _limited(view: Callable[..., Any], counts: Counts, limits: list[RateLimitItem], scope: str) -> Callable[..., Any]:
    """The view, for those who have not asked too often."""

    @functools.wraps(view)
    def answer(**arguments: Any) -> Any:
        who = client()
        waits = [wait for limit in limits if (wait := counts.hit(limit, scope, who)) is not None]
        if waits:
            raise TooManyRequests(retry_after=max(waits))
        return view(**arguments)

    return answer
