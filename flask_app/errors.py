"""Answer errors: with one shape of JSON under the API, and with a small page elsewhere."""

import logging
from contextlib import suppress
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from digitrec.errors import BlankImageError, DigitrecError, ImageTooLargeError, InvalidImageError, OverloadedError
from flask_app.admission import RETRY_SECONDS, overloaded
from flask_app.logs import log_event, matched_route

STATUS_AND_CODE: dict[type[DigitrecError], tuple[int, str]] = {
    BlankImageError: (422, "blank_image"),
    InvalidImageError: (400, "invalid_image"),
    ImageTooLargeError: (413, "too_large"),
    OverloadedError: (503, "overloaded"),
}
"""Status and code of each error of `digitrec.predict`, whose message is shown to the client."""

CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_type",
    429: "too_many_requests",
    499: "client_closed_request",
    503: "overloaded",
}
MAX_DISCARDED_BYTES = 110_000_000
"""Bytes of a refused body that are received: twice a batch."""

MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method; the Allow header names the methods it takes.",
    429: "Too many requests from this address. Wait a moment, then try again.",
    500: "Something went wrong on the server. Try again; if it happens again, report the request id.",
}
WORDS = {404: "nothingHere", 429: "tooManyRequests", 500: "serverFailed"}
"""Names, in the catalogues of the page's languages, of messages that somebody at a page may see."""


def init_app(app: Flask) -> None:
    """Answer every error, and log the traceback of each unexpected one."""

    @app.errorhandler(DigitrecError)
    def answer_digitrec_error(error: DigitrecError) -> Response:
        if type(error) not in STATUS_AND_CODE:
            return answer_failure(error)
        answer = _answer(STATUS_AND_CODE[type(error)][0], **describe_error(error))
        if answer.status_code == 503:
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer

    @app.errorhandler(MemoryError)
    def answer_memory_error(error: MemoryError) -> Response:
        log_event(app, logging.ERROR, "out_of_memory", {"id": g.request_id, "route": matched_route()})
        return answer_http_error(overloaded())

    @app.errorhandler(HTTPException)
    def answer_http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:  # a redirect
            return make_response(error.get_response())
        _receive_rest()
        if status == 413 and request.max_content_length == app.config["MAX_CONTENT_LENGTH"]:
            error.description = "The request is too large for this address."
        elif status == 413:
            one_mb, batch_mb = app.config["DIGITREC_MAX_UPLOAD_MB"], app.config["DIGITREC_MAX_BATCH_MB"]
            error.description = (
                f"The request is too large: send an image of up to {one_mb} MB, or a batch of up to {batch_mb} MB."
            )
        answer = _answer(status, **describe_error(error))
        for name, value in error.get_headers():
            if name != "Content-Type":  # Allow, with a 405
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def answer_failure(error: Exception) -> Response:
        log_event(app, logging.ERROR, "failure", {"id": g.request_id, "route": matched_route()}, error)
        return _answer(500, "internal_error", MESSAGES[500])

    # Flask calls this where an error handler itself has failed, and would log the path as the client wrote it.
    def log_exception(error: Any) -> None:
        fields = {"id": g.get("request_id"), "route": matched_route()}
        log_event(app, logging.ERROR, "failure", fields, error)

    app.log_exception = log_exception  # type: ignore[method-assign,assignment]


def describe_error(error: DigitrecError | HTTPException) -> dict[str, str]:
    """The code and the message of an error, as the client sees them."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        message = MESSAGES.get(status) or error.description or error.name
        return {"code": CODES.get(status, "http_error"), "message": message}
    return {"code": STATUS_AND_CODE[type(error)][1], "message": as_sentence(str(error))}


def _answer(status: int, code: str, message: str) -> Response:
    if request.path.split("/")[1] in ("api", "healthz", "readyz"):
        error = {"code": code, "message": message, "request_id": g.request_id}
        response = jsonify(error=error)
    else:
        words = WORDS.get(status) if message == MESSAGES.get(status) else None
        page = render_template("error.html", message=message, words=words, request_id=g.request_id)
        response = make_response(page)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _receive_rest() -> None:
    """Receive the unread rest of a refused body, up to `MAX_DISCARDED_BYTES`, and discard it.

    A client that is cut off while it is sending sees a broken connection, not the answer; a proxy answers 502.
    """
    left = MAX_DISCARDED_BYTES
    # Flask's stream knows what was read before, but refuses a body that is too long.
    is_too_long = (request.content_length or 0) > (request.max_content_length or 0)
    if is_too_long:
        left = min(left, request.content_length or 0)
    with suppress(Exception):  # the client may be gone, or what it sends is malformed
        stream = request.environ["wsgi.input"] if is_too_long else request.stream
        while left > 0 and (chunk := stream.read(min(left, 65_536))):
            left -= len(chunk)


def as_sentence(message: str) -> str:
    """Turn a message of the core into a sentence."""
    return message[:1].upper() + message[1:].rstrip(".") + "."
