"""How often one client may ask; counted in memory, or in a Redis that replicas share."""

import ipaddress
import math
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from limits.storage import MemoryStorage

from flask_app.config import ConfigError

LOGINS = "10/minute"
"""Tries at the password of /review. No setting: whoever types needs no more, and who guesses shall get no further."""

LIMITED = {"predict": "PREDICT", "predict_batch": "BATCH", "feedback": "FEEDBACK"}
"""Views, and the setting that limits each: `DIGITREC_PREDICT_LIMIT` and so on."""

NETWORK = 64
"""Bits of an IPv6 address that stand for one client: a household gets at least so large a network, and could take a
new address for every question."""

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
        ConfigError: There is no such place to count in, or its driver is not installed.
    """
    url = app.config["DIGITREC_LIMITS_URL"]
    try:
        limiter = Limiter(
            client,
            storage_uri=url,
            storage_options={} if url == "memory://" else {"socket_connect_timeout": 1, "socket_timeout": 1},
            # Two counters a client. A list of its questions would be exact, and in memory it is searched through a
            # hundred times a second, which cost more than the answers.
            strategy="sliding-window-counter",
            # A Redis that is away costs its one count, not the answers.
            in_memory_fallback=[],
            in_memory_fallback_enabled=True,
            swallow_errors=True,
        )
        limiter.init_app(app)
        if isinstance(limiter.storage, MemoryStorage):
            limiter.storage.timer.cancel()
            limiter.storage.timer = Sweep(limiter.storage)
    except Exception as error:  # each kind of storage has its own
        raise ConfigError(
            f"DIGITREC_LIMITS_URL cannot be used ({type(error).__name__}); it must be memory:// or the address of a"
            ' Redis, redis://HOST:6379/0, for which digitrec is installed with the extra "redis"'
        ) from None

    @app.after_request
    def say_when(response: Response) -> Response:
        limit = limiter.current_limit if response.status_code == 429 else None
        if limit is not None:
            response.headers["Retry-After"] = str(max(1, math.ceil(limit.reset_at - time.time())))
        return response

    if "review.enter" in app.view_functions:
        slowed: Callable[[Any], Any] = limiter.limit(LOGINS)
        app.view_functions["review.enter"] = slowed(app.view_functions["review.enter"])
    for endpoint, view in list(app.view_functions.items()):
        name = LIMITED.get(endpoint.rpartition(".")[2])
        if name and app.config[f"DIGITREC_{name}_LIMIT"]:
            # One count for both addresses of a view.
            limited: Callable[[Any], Any] = limiter.shared_limit(app.config[f"DIGITREC_{name}_LIMIT"], scope=name)
            app.view_functions[endpoint] = limited(view)
