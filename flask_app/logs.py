"""Log one line per request, to the console and to a rotating file, and a traceback for every failure."""

import logging
import re
import time
from pathlib import Path
from secrets import token_hex
from typing import Any

from flask import Flask, Response, g, request
from pythonjsonlogger.json import JsonFormatter

from flask_app.log_file import LogFile
from flask_app.settings.environment import MEGABYTE, ConfigError

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LINE = "%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s"
SAFE_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""Request ids that are taken over from a proxy. Any other may be text of a client, which does not belong in a log."""


def init_app(app: Flask) -> None:
    """Set up `app.logger`, and give every request an id and a line in the log.

    A view that recognizes a digit stores its `digitrec.Prediction` in `g.prediction`.

    Raises:
        ConfigError: The log file cannot be written.
    """
    _set_up_handlers(app)

    @app.before_request
    def start() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if SAFE_ID.fullmatch(given) else token_hex(6)
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        prediction = g.get("prediction")
        fields = {
            "id": g.request_id,
            "method": request_method(),
            "route": matched_route(),
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.started), 1),
            "digit": None if prediction is None else prediction.digit,
            "confidence": None if prediction is None else round(prediction.confidence, 3),
            "doubt": None if prediction is None else round(prediction.doubt, 3),
        }
        log_event(app, logging.INFO, "request", fields)
        return response


def log_event(app: Flask, level: int, event: str, fields: dict[str, Any], error: Exception | None = None) -> None:
    """Log an event with its fields, as `name=value` or JSON by the settings. No field may hold text of a client."""
    shown = " ".join(f"{name}={'-' if value is None else value}" for name, value in fields.items())
    app.logger.log(level, f"{event} {shown}", extra={"event": event, "fields": fields}, exc_info=error)


class _Json(JsonFormatter):
    """One JSON object per line: time, level, event and its fields, or the message of a record without fields."""

    def process_log_record(self, record: dict[str, Any]) -> dict[str, Any]:
        fields = record.pop("fields", None)
        if fields is not None:
            record.pop("message")
            record |= fields
        return record


def request_method() -> str:
    """The request's method, or `other` for an unknown one: a client could fill the log and the counters with them."""
    name = request.method  # read once: each access to `request` looks up the context
    return name if name in METHODS else "other"


def matched_route() -> str:
    """The route that matched, such as `/api/predict`, and never the path as the client wrote it."""
    rule = request.url_rule
    return "-" if rule is None else rule.rule


def _set_up_handlers(app: Flask) -> None:
    formatter = _formatter(app.config["DIGITREC_LOG_FORMAT"])
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if app.config["DIGITREC_LOG_FILE"]:
        handlers.append(_file_handler(app))
    # All apps share one logger, so the handlers of the newest app replace those of the last.
    for old in app.logger.handlers[:]:
        app.logger.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.setFormatter(formatter)
        app.logger.addHandler(handler)
    app.logger.setLevel(app.config["DIGITREC_LOG_LEVEL"])
    app.logger.propagate = False  # the lines would appear twice where the root logger prints too


def _formatter(kind: str) -> logging.Formatter:
    if kind == "json":
        names = {"levelname": "level"}
        return _Json(["timestamp", "levelname", "message"], rename_fields=names, timestamp=True)
    formatter = logging.Formatter(LINE, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


def _file_handler(app: Flask) -> LogFile:
    path: Path = app.config["DIGITREC_LOG_FILE"]
    try:
        return LogFile(path, app.config["DIGITREC_LOG_FILE_MB"] * MEGABYTE, app.config["DIGITREC_LOG_FILES"])
    except OSError as error:
        raise ConfigError(
            f"DIGITREC_LOG_FILE is {str(path)!r}, which cannot be written ({error.strerror});"
            " name another file, or set it to nothing to log to the console only"
        ) from error
