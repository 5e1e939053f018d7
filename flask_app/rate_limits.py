"""Rate limits: how often one client may call a view, counted in memory or in a Redis that replicas share."""

import functools
import ipaddress
import logging
import math
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, request
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from flask_app.extensions import get_rate_limiter
from flask_app.logs import log_event
from flask_app.settings.environment import MEGABYTE, ConfigError
from flask_app.work_limit import WorkLimit

SETTINGS = {
    "predict": "DIGITREC_PREDICT_LIMIT",
    "predict_batch": "DIGITREC_BATCH_LIMIT",
    "explain": "DIGITREC_EXPLAIN_LIMIT",
    "feedback": "DIGITREC_FEEDBACK_LIMIT",
}
"""The setting that holds each rate limit; an empty one allows any number of requests."""

KEPT_BYTES = "kept_bytes"
"""The limit of bytes of drawings that are kept of one client in a day, `DIGITREC_DRAWINGS_MB_PER_DAY`."""

LOGIN_RATE = "10/minute"
"""Attempts at the password of /review. Not a setting: people need no more, and it slows down guessing."""

IPV6_PREFIX_BITS = 64
"""Bits of an IPv6 address that identify a client: every household gets at least a /64 network, and could use a new
address for each request."""

ADDRESS_WITH_PORT = re.compile(r"^(?:([0-9.]+)|\[([0-9a-fA-F:.]+)\])(?::[0-9]+)?$")
"""An address as some proxies write it into X-Forwarded-For: 192.0.2.1:4711 or [2001:db8::1]:4711."""

FALLBACK_SECONDS = 5.0
"""How long counting stays in memory after a Redis failed to answer."""

SWEEP_SECONDS = 10.0
"""Time between two sweeps. A counter takes a few hundred bytes, and half a microsecond of a sweep."""


class SweptMemoryStorage(MemoryStorage):
    """Counters in memory whose expired ones are deleted by the requests themselves, every `SWEEP_SECONDS`.

    `MemoryStorage` starts a timer thread for the same purpose every few requests, which costs more than everything
    else that counting does.
    """

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.timer.cancel()
        self.next_sweep = time.monotonic() + SWEEP_SECONDS
        """When the next sweep is due, on the monotonic clock."""

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802  overrides the method that starts the timer
        if time.monotonic() >= self.next_sweep:
            self.next_sweep = time.monotonic() + SWEEP_SECONDS
            for key in list(self.expirations):
                self.get(key)  # deletes the counter if it has expired


class RateLimiter:
    """Counts the requests of each client, in the storage that the settings name; in memory while a Redis is away.

    A sliding window of two counters per client: those of this window and the last, weighted by time. A list of the
    times of all requests would be exact, and grow with the rate that is allowed.
    """

    def __init__(self, app: Flask) -> None:
        """Open the storage.

        Raises:
            ConfigError: There is no such storage, or its driver is not installed.
        """
        self.app = app
        rates = {name: app.config[setting] for name, setting in SETTINGS.items()} | {"login": LOGIN_RATE}
        rates[KEPT_BYTES] = f"{app.config['DIGITREC_DRAWINGS_MB_PER_DAY'] * MEGABYTE}/day"
        self._rates = {name: parse_many(rate) if rate else [] for name, rate in rates.items()}
        self.work = WorkLimit(app.config["DIGITREC_WORK_LIMIT"])
        self._memory = SlidingWindowCounterRateLimiter(SweptMemoryStorage())
        self._shared = _open_shared_storage(app.config["DIGITREC_LIMITS_URL"])
        self._retry_shared_at = 0.0

    def check(self, name: str, cost: int = 1, *, client: str | None = None) -> None:
        """Count a request of a client.

        Args:
            name: The limit: a key of `SETTINGS`, "login", or `KEPT_BYTES`.
            cost: What the request counts as: 1, or so many bytes.
            client: As `client_network` identifies it; by default the one that sent the current request.

        Raises:
            TooManyRequests: The limit is exceeded; `retry_after` says for how many seconds.
        """
        client = client or client_network()
        waits = [wait for rate in self._rates[name] if (wait := self._hit(cost, rate, name, client)) is not None]
        if waits:
            raise TooManyRequests(retry_after=max(waits))

    def _hit(self, cost: int, rate: RateLimitItem, *identifiers: str) -> int | None:
        """Count a request. Returns None if it is within the rate, else the seconds until the next one is allowed."""
        if self._shared is not None and time.monotonic() >= self._retry_shared_at:
            try:
                return _count_hit(self._shared, cost, rate, identifiers)
            except StorageError as error:
                self._retry_shared_at = time.monotonic() + FALLBACK_SECONDS
                fields = {"error": type(error.storage_error).__name__}
                log_event(self.app, logging.WARNING, "limits_away", fields)
        return _count_hit(self._memory, cost, rate, identifiers)


def limited(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Limit the rate of a view: `@limited("predict")`. All addresses of the view count together.

    It limits what the view computes, too. The view adds to `g.work` what other processes compute for it.

    Args:
        name: The limit: a key of `SETTINGS`, or "login".
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def limited_view(**arguments: Any) -> Any:
            limiter, client = get_rate_limiter(), client_network()
            limiter.check(name, client=client)
            limiter.work.check(client)
            with limiter.work.charged(client) as g.work:
                return view(**arguments)

        return limited_view

    return decorate


def client_network() -> str:
    """Identify the client: the IPv4 address or IPv6 network of the connection, or the one that trusted proxies name."""
    return _network_of(request.remote_addr or "")


@functools.lru_cache(4096)
def _network_of(written: str) -> str:
    try:
        address = ipaddress.ip_address(ADDRESS_WITH_PORT.sub(r"\1\2", written))
    except ValueError:  # a Unix socket has no address, and a proxy may send anything
        return "unknown"
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # ::ffff:192.0.2.1, as a socket for both versions writes it
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_PREFIX_BITS), strict=False).network_address)


def _open_shared_storage(url: str) -> SlidingWindowCounterRateLimiter | None:
    """The storage at this address; None for memory, which each process has for itself."""
    try:
        if urlsplit(url).scheme == "memory":
            return None
        storage = storage_from_string(url, wrap_exceptions=True, socket_connect_timeout=1, socket_timeout=1)
        return SlidingWindowCounterRateLimiter(storage)
    except Exception as error:  # each kind of storage raises its own
        raise ConfigError(
            f"DIGITREC_LIMITS_URL cannot be used ({type(error).__name__}); it must be memory:// or the address of a"
            ' Redis, redis://HOST:6379/0, for which digitrec is installed with the extra "redis"'
        ) from None


def _count_hit(
    limiter: SlidingWindowCounterRateLimiter, cost: int, rate: RateLimitItem, identifiers: tuple[str, ...]
) -> int | None:
    if limiter.hit(rate, *identifiers, cost=cost):
        return None
    return max(1, math.ceil(limiter.get_window_stats(rate, *identifiers).reset_time - time.time()))
