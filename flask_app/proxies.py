"""What reverse proxies say of a request, as far as they are trusted."""

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.middleware.proxy_fix import ProxyFix

PREFIX = re.compile(r"(/[A-Za-z0-9_.~-]+)*/?")
"""A path. Anything else in X-Forwarded-Prefix would lead the page's addresses to another host."""


class PrefixMiddleware:
    """Drops an X-Forwarded-Prefix that is not a path: a proxy may pass on what a client sent."""

    def __init__(self, app: WSGIApplication) -> None:
        """Wrap an app."""
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        prefixes = environ.get("HTTP_X_FORWARDED_PREFIX", "").split(",")
        if not all(PREFIX.fullmatch(prefix.strip()) and ".." not in prefix for prefix in prefixes):
            del environ["HTTP_X_FORWARDED_PREFIX"]
        return self.app(environ, start_response)


def trust_proxies(app: WSGIApplication, count: int) -> WSGIApplication:
    """Have an app believe the headers of so many proxies in front of it; none, if that is 0."""
    return PrefixMiddleware(ProxyFix(app, count, count, count, x_prefix=count)) if count else app
