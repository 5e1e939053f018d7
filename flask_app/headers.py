"""What every response carries: security headers, caching, and the address of the static files."""

import hashlib
from pathlib import Path

from flask import Flask, Response, request

SECURITY_HEADERS = {
    # Inline script and style are refused too. A picture being uploaded is shown from a blob: URL,
    # and what the model saw comes as a data: URL.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
YEAR = 31_536_000  # seconds


def static_url_path(folder: Path) -> str:
    """Where static files are served: a path that changes when any of them does.

    The version stands in the path, not behind a question mark, because modules import each other
    by relative address: `./pad.js` keeps the folder and would lose the query.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return f"/static/{digest.hexdigest()[:10]}"


def init_app(app: Flask) -> None:
    """Send static files to be kept for a year, and the headers above with every response."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
    hsts = app.config["DIGITREC_HSTS_SECONDS"]

    @app.after_request
    def add_headers(response: Response) -> Response:
        # To look one up goes through all of them, and this is done for every answer: one pass instead of five.
        there = {name.lower() for name, _ in response.headers}
        for name, value in SECURITY_HEADERS.items():
            if name.lower() not in there:
                response.headers.add(name, value)
        if request.is_secure and hsts:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={hsts}")
        if request.endpoint == "static" and response.status_code < 400:
            response.cache_control.immutable = True
        return response
