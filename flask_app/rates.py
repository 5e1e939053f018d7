"""How often one client may ask; counted in memory, or in a Redis that replicas share."""

import ipaddress
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from flask_app.config import ConfigError

LOGINS = "10/minute"
"""Tries at the password of /review. No setting: whoever types needs no more, and who guesses shall get no further."""

LIMITED = {"predict": "PREDICT", "predict_batch": "BATCH", "feedback": "FEEDBACK"}
"""Views, and the setting that limits each: `DIGITREC_PREDICT_LIMIT` and so on."""

NETWORK = 64
"""Bits of an IPv6 address that stand for one client: a household gets at least so large a network, and could take a
new address for every question."""


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
            strategy="moving-window",
            headers_enabled=True,
            # A Redis that is away costs its one count, not the answers.
            in_memory_fallback=[],
            in_memory_fallback_enabled=True,
            swallow_errors=True,
        )
        limiter.init_app(app)
    except Exception as error:  # each kind of storage has its own
        raise ConfigError(
            f"DIGITREC_LIMITS_URL cannot be used ({type(error).__name__}); it must be memory:// or the address of a"
            ' Redis, redis://HOST:6379/0, for which digitrec is installed with the extra "redis"'
        ) from None
    if "review.enter" in app.view_functions:
        slowed: Callable[[Any], Any] = limiter.limit(LOGINS)
        app.view_functions["review.enter"] = slowed(app.view_functions["review.enter"])
    for endpoint, view in list(app.view_functions.items()):
        name = LIMITED.get(endpoint.rpartition(".")[2])
        if name and app.config[f"DIGITREC_{name}_LIMIT"]:
            # One count for both addresses of a view.
            limited: Callable[[Any], Any] = limiter.shared_limit(app.config[f"DIGITREC_{name}_LIMIT"], scope=name)
            app.view_functions[endpoint] = limited(view)
