"""Compress what is large and the same for everybody: the page, its assets, the API's description and the model card.

Answers that depend on the client are not compressed: they are small, and the length of a compressed answer that holds
both a secret and something of the client's tells of the secret (the BREACH attack). So /review never is.
"""

import gzip
import threading

from flask import Flask, Response, request

PUBLIC_VIEWS = ("static", "browser_files", "api.model", "v1.model")
PUBLIC_PARTS = ("pages", "openapi")
"""Views, and blueprints, whose answers are the same for everybody."""

TYPES = ("text/", "application/json", "application/javascript", "image/svg+xml")
MIN_BYTES = 1_000
LEVEL = 6
MAX_KEPT = 128
"""Compressed answers that are kept: there are fewer static files, with those of the recognizer in the browser."""


def init_app(app: Flask) -> None:
    """Compress public answers for clients that take gzip."""
    kept: dict[tuple[str, str], bytes] = {}
    lock = threading.Lock()

    @app.after_request
    def compress(response: Response) -> Response:
        if not _is_public(response):
            return response
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] <= 0 or request.range is not None:
            return response
        tag = response.get_etag()[0]
        key = (request.path, tag or "")
        with lock:
            packed = kept.get(key) if tag else None
        if packed is None:
            response.direct_passthrough = False  # a static file is read here
            packed = gzip.compress(response.get_data(), LEVEL, mtime=0)
            with lock:
                if tag and len(kept) < MAX_KEPT:
                    kept[key] = packed
        else:
            response.close()  # the file that was opened
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
        if tag:
            response.set_etag(tag, weak=True)  # the same content, in other bytes
        return response


def _is_public(response: Response) -> bool:
    endpoint = request.endpoint or ""
    return (
        request.method == "GET"
        and response.status_code == 200
        and (endpoint in PUBLIC_VIEWS or endpoint.partition(".")[0] in PUBLIC_PARTS)
        and (response.mimetype or "").startswith(TYPES)
        and (response.content_length is None or response.content_length >= MIN_BYTES)
        and "Content-Encoding" not in response.headers
    )
