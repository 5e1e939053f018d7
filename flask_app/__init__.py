"""The web app: a page to draw on, and an API that recognizes digits."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from flask_app import api, compression, cors, errors, explanations, headers, health, logs, metrics, pages, reading
from flask_app.admission import Admission
from flask_app.challenger import Challenger
from flask_app.corrections import feedback, review
from flask_app.corrections.room import Room
from flask_app.corrections.store import open_store
from flask_app.extensions import DigitReader, DigitRecognizer, Extensions
from flask_app.health import Readiness
from flask_app.metrics import Metrics
from flask_app.openapi import views as openapi
from flask_app.proxies import trust_proxies
from flask_app.rate_limits import RateLimiter
from flask_app.request_body import RequestBodyMiddleware
from flask_app.served_models import FixedModel, FollowedModel
from flask_app.settings.environment import MEGABYTE, ConfigError, find_misspelt_settings, read_settings

__all__ = ["ConfigError", "create_app"]


def create_app(
    config: Mapping[str, Any] | None = None,
    recognizer: DigitRecognizer | None = None,
    reader: DigitReader | None = None,
) -> Flask:
    """Make the app, with its model loaded.

    Args:
        config: Settings by name, which override those in the environment, and Flask's own.
        recognizer: What recognizes one digit; by default the model that `DIGITREC_MODEL` names.
        reader: What reads whole numbers; by default the recognizer's detector, with the recognizer.

    Raises:
        ConfigError: The value of a setting is not allowed, or there is no such setting.
        digitrec.ModelNotFoundError: The model file does not exist.
        digitrec.ModelIntegrityError: The file is not a model that can be served.
    """
    settings = read_settings(os.environ, config)
    app = Flask(__name__, static_url_path=headers.static_url_path(Path(__file__).with_name("static")))
    app.config.from_mapping(config)
    app.config.from_mapping(settings)
    app.url_map.strict_slashes = False  # /docs/ is /docs
    logs.init_app(app)
    for name, meant in find_misspelt_settings(os.environ).items():
        app.logger.warning("the variable %s is not a setting; did you mean %s?", name, meant)
    room = Room(
        max_bytes=settings["DIGITREC_CORRECTIONS_MB"] * MEGABYTE,
        min_free_bytes=settings["DIGITREC_FREE_DISK_MB"] * MEGABYTE,
    )
    corrections = open_store(settings["DIGITREC_DATABASE_URL"], room)
    metrics_of_app = Metrics()
    challenger = settings["DIGITREC_CHALLENGER"]
    Extensions(
        champion=FixedModel(recognizer) if recognizer else FollowedModel(settings["DIGITREC_MODEL"]),
        reader=reader,
        metrics=metrics_of_app,
        rate_limiter=RateLimiter(app),
        admission=Admission(settings["DIGITREC_THREADS"]),
        corrections=corrections,
        readiness=Readiness(corrections),
        challenger=Challenger(FollowedModel(challenger), metrics_of_app) if challenger else None,
    ).init_app(app)
    # The description of the API comes last: it lists the views of the others.
    answering = (api, reading, explanations, feedback, review, health, pages, metrics)
    for module in (compression, headers, cors, errors, *answering, openapi):
        module.init_app(app)
    app.wsgi_app = RequestBodyMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = trust_proxies(  # type: ignore[method-assign,assignment]
        app.wsgi_app, settings["DIGITREC_TRUSTED_PROXIES"]
    )
    return app
