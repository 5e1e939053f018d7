"""Cross-origin requests: pages of other sites may use the API from a browser, if the settings allow their origins."""

from flask import Flask, Response, request

MAX_AGE_SECONDS = 86_400
"""How long a browser remembers what it may send."""

API = "/api/"

HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, Content-Encoding, X-Request-ID",
    "Access-Control-Expose-Headers": "X-Request-ID, Retry-After",
    "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
}


def init_app(app: Flask) -> None:
    """Allow the origins of `DIGITREC_ALLOWED_ORIGINS`; by default none.

    No cookies are allowed with such requests, and the API takes none.
    """
    origins: tuple[str, ...] = app.config["DIGITREC_ALLOWED_ORIGINS"]
    if not origins:
        return

    @app.after_request
    def allow_origin(response: Response) -> Response:
        if not request.path.startswith(API):
            return response
        origin = request.headers.get("Origin")
        if "*" in origins:
            response.headers["Access-Control-Allow-Origin"] = "*"
        else:
            response.vary.add("Origin")
            if origin not in origins:
                return response
            response.headers["Access-Control-Allow-Origin"] = origin
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response
