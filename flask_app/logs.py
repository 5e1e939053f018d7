"""One line a request, to the console and to a rotating file; a traceback for every failure."""

import logging
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from uuid import uuid4

from flask import Flask, Response, g, request

from flask_app.config import MEGABYTE, ConfigError

LINE = "%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s"
REQUEST = "request id=%s method=%s route=%s status=%d ms=%.1f digit=%s confidence=%s doubt=%s"


def init_app(app: Flask) -> None:
    """Set up `app.logger`, and give every request an id and a line.

    A view that answers with a digit leaves its `digitrec.Prediction` in `g.prediction`.

    Raises:
        ConfigError: The log file cannot be written.
    """
    _set_up_handlers(app)

    @app.before_request
    def start() -> None:
        g.request_id = uuid4().hex[:12]
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        prediction = g.get("prediction")
        app.logger.info(
            REQUEST,
            g.request_id,
            request.method,
            route(),
            response.status_code,
            1000 * (time.perf_counter() - g.started),
            "-" if prediction is None else prediction.digit,
            "-" if prediction is None else f"{prediction.confidence:.3f}",
            "-" if prediction is None else f"{prediction.doubt:.3f}",
        )
        return response


def route() -> str:
    """The route that matched, such as `/api/predict`: never the path as the client wrote it."""
    return "-" if request.url_rule is None else request.url_rule.rule


def _set_up_handlers(app: Flask) -> None:
    formatter = logging.Formatter(LINE, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
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
