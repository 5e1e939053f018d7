"""Security headers, caching, and the versioned address of static files."""

import hashlib
from pathlib import Path

from flask import Flask, Response, request

from flask_app.browser_files import SCRIPTS, find_assets

CSP = "Content-Security-Policy"
SECURITY_HEADERS = {
    # Inline scripts and styles are refused too. An uploaded image is shown from a blob: URL, and what the model saw
    # from a data: URL.
    CSP: ("default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
YEAR = 31_536_000  # seconds


def static_url_path(folder: Path) -> str:
    """The path of static files, which changes when any of them does.

    The version is in the path and not in the query, because modules import each other by relative addresses, which
    keep the folder and lose the query.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return f"/static/{digest.hexdigest()[:10]}"


def init_app(app: Flask) -> None:
    """Let static files be cached for a year, and add the headers above to every response."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
    scripts = SCRIPTS if find_assets(app.config["DIGITREC_BROWSER_FOLDER"]) else ""
    policy = f"{scripts}{SECURITY_HEADERS[CSP]}; frame-ancestors {app.config['DIGITREC_FRAME_ANCESTORS']}"
    security_headers = {**SECURITY_HEADERS, CSP: policy}
    hsts = app.config["DIGITREC_HSTS_SECONDS"]

    @app.after_request
    def add_headers(response: Response) -> Response:
        # One pass over the headers instead of one for each name, because this runs for every response.
        present = {name.lower() for name, _ in response.headers}
        for name, value in security_headers.items():
            if name.lower() not in present:
                response.headers.add(name, value)
        if request.is_secure and hsts:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={hsts}")
        if request.endpoint == "static" and response.status_code < 400:
            response.cache_control.immutable = True
        return response
