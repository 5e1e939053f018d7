"""One line a request, to the console and to a rotating file; a traceback for every failure."""

import logging
import re
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from secrets import token_hex
from typing import Any

from flask import Flask, Response, g, request
from pythonjsonlogger.json import JsonFormatter

from flask_app.settings.environment import MEGABYTE, ConfigError

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LINE = "%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s"
SANE_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""A request's id that a proxy may have given it. Any other is a stranger's text, which has no place in a log."""


def init_app(app: Flask) -> None:
    """Set up `app.logger`, and give every request an id and a line.

    A view that answers with a digit leaves its `digitrec.Prediction` in `g.prediction`.

    Raises:
        ConfigError: The log file cannot be written.
    """
    _set_up_handlers(app)

    @app.before_request
    def start() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if SANE_ID.fullmatch(given) else token_hex(6)
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        prediction = g.get("prediction")
        fields = {
            "id": g.request_id,
            "method": method(),
            "route": route(),
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.started), 1),
            "digit": None if prediction is None else prediction.digit,
            "confidence": None if prediction is None else round(prediction.confidence, 3),
            "doubt": None if prediction is None else round(prediction.doubt, 3),
        }
        note(app, logging.INFO, "request", fields)
        return response


def note(app: Flask, level: int, event: str, fields: dict[str, Any], error: Exception | None = None) -> None:
    """Log an event with its fields, none of them a client's own words: as `name=value`, or as JSON by the setting."""
    shown = " ".join(f"{name}={'-' if value is None else value}" for name, value in fields.items())
    app.logger.log(level, f"{event} {shown}", extra={"event": event, "fields": fields}, exc_info=error)


class _Json(JsonFormatter):
    """One JSON object a line: time, level, event, the event's fields; or message, where it has none."""

    def process_log_record(self, record: dict[str, Any]) -> dict[str, Any]:
        fields = record.pop("fields", None)
        if fields is not None:
            record.pop("message")
            record |= fields
        return record


def method() -> str:
    """The request's method, or `other` for one that a client made up: no words of its own, and no counter for good."""
    name = request.method  # each look at `request` finds out anew whose thread this is
    return name if name in METHODS else "other"


def route() -> str:
    """The route that matched, such as `/api/predict`: never the path as the client wrote it."""
    rule = request.url_rule
    return "-" if rule is None else rule.rule


def _set_up_handlers(app: Flask) -> None:
    formatter = _formatter(app.config["DIGITREC_LOG_FORMAT"])
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if app.config["DIGITREC_LOG_FILE"]:
        handlers.append(_file_handler(app))
    # Python has one logger of a name, however many apps are made: the newest app's handlers stay.
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


def _file_handler(app: Flask) -> RotatingFileHandler:
    path: Path = app.config["DIGITREC_LOG_FILE"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(
            path,
            maxBytes=app.config["DIGITREC_LOG_FILE_MB"] * MEGABYTE,
            backupCount=app.config["DIGITREC_LOG_FILES"],
            encoding="utf-8",
        )
    except OSError as error:
        raise ConfigError(
            f"DIGITREC_LOG_FILE is {str(path)!r}, which cannot be written ({error.strerror});"
            " name another file, or set it to nothing to log to the console only"
        ) from error
