"""Errors as the client sees them: one JSON shape under the API, a small page elsewhere."""

import logging
from contextlib import suppress

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from digitrec.errors import BlankImageError, DigitrecError, ImageTooLargeError, InvalidImageError
from flask_app.logs import note, route

KINDS: dict[type[DigitrecError], tuple[int, str]] = {
    BlankImageError: (422, "blank_image"),
    InvalidImageError: (400, "invalid_image"),
    ImageTooLargeError: (413, "too_large"),
}
"""What `predict` refuses: its status and code. Its messages are written to be shown."""

CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_type",
    429: "too_many_requests",
}
MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method; the Allow header names those it takes.",
    429: "That was too much at once from this address. Wait a moment, and try again.",
    500: "Something went wrong on the server. Try again; if it stays, report the request id.",
}


def init_app(app: Flask) -> None:
    """Answer every error in the one shape, and log a traceback for those nobody expected."""

    @app.errorhandler(DigitrecError)
    def refused(error: DigitrecError) -> Response:
        if type(error) not in KINDS:
            return failed(error)
        return _answer(KINDS[type(error)][0], **described(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:  # a redirect
            return make_response(error.get_response())
        _let_it_arrive(request.max_content_length or 0)
        if status == 413:
            limit, all_of_them = app.config["DIGITREC_MAX_UPLOAD_MB"], app.config["DIGITREC_MAX_BATCH_MB"]
            one = f"The request is too large: a picture may have up to {limit} MB"
            error.description = f"{one}, all pictures of a batch up to {all_of_them} MB."
        answer = _answer(status, **described(error))
        for name, value in error.get_headers():
            if name != "Content-Type":  # Allow, with a 405
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        note(app, logging.ERROR, "failure", {"id": g.request_id, "route": route()}, error)
        return _answer(500, "internal_error", MESSAGES[500])


def described(error: DigitrecError | HTTPException) -> dict[str, str]:
    """The code and the message of an error that a client may be told of."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        message = MESSAGES.get(status) or error.description or error.name
        return {"code": CODES.get(status, "http_error"), "message": message}
    return {"code": KINDS[type(error)][1], "message": _sentence(str(error))}


def _answer(status: int, code: str, message: str) -> Response:
    if request.path.split("/")[1] in ("api", "healthz", "readyz"):
        error = {"code": code, "message": message, "request_id": g.request_id}
        response = jsonify(error=error)
    else:
        page = render_template("error.html", message=message, request_id=g.request_id)
        response = make_response(page)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _let_it_arrive(limit: int) -> None:
    """Receive what nobody has read of a body that was refused, up to twice the limit, and forget it.

    A client that is cut off while it still sends sees a broken connection, not the answer; a proxy makes a 502 of it.
    """
    # Flask's own stream knows what was read already, but refuses a body that is too long.
    too_long = (request.content_length or 0) > limit
    left = min(request.content_length or 0, 2 * limit) if too_long else limit
    with suppress(HTTPException, OSError):  # the client may be gone
        stream = request.environ["wsgi.input"] if too_long else request.stream
        while left > 0 and (chunk := stream.read(min(left, 65_536))):
            left -= len(chunk)


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].rstrip(".") + "."
