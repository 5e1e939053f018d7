"""digitrec in a browser: a page to draw on, and an API that names the digit."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import digitrec
from flask_app import api, errors, headers, health, logs, metrics, pages, rate_limits
from flask_app.corrections import feedback, review
from flask_app.openapi import views as openapi
from flask_app.settings.environment import ConfigError, misspelt, read_settings

__all__ = ["ConfigError", "create_app"]


def create_app(config: Mapping[str, Any] | None = None, recognizer: api.Predicts | None = None) -> Flask:
    """Make the app, its model loaded.

    Args:
        config: Settings by name, before those of the environment, and Flask's own.
        recognizer: Whatever has `predict`; by default the model that `DIGITREC_MODEL` names.

    Raises:
        ConfigError: A setting is not allowed, or there is no such setting.
        digitrec.ModelNotFoundError: No model there.
        digitrec.ModelIntegrityError: Not a model that can be served.
    """
    settings = read_settings(os.environ, config)
    static_folder = Path(__file__).with_name("static")
    app = Flask(__name__, static_url_path=headers.static_url_path(static_folder))
    app.config.from_mapping(config)
    app.config.from_mapping(settings)

    logs.init_app(app)
    for name, meant in misspelt(os.environ).items():
        app.logger.warning("the variable %s is no setting; is %s meant?", name, meant)
    headers.init_app(app)
    errors.init_app(app)
    api.init_app(app, recognizer or digitrec.Recognizer(settings["DIGITREC_MODEL"]))
    feedback.init_app(app)
    review.init_app(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(pages.blueprint)
    metrics.init_app(app)
    rate_limits.init_app(app)
    openapi.init_app(app)

    proxies = settings["DIGITREC_TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, proxies, proxies, proxies, x_prefix=proxies
        )
    return app
