"""`GET /healthz` and `/readyz`, for whatever monitors the server."""

import logging

from flask import Blueprint, Flask, current_app, g
from flask.typing import ResponseReturnValue

from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.extensions import get_corrections
from flask_app.logs import log_event

blueprint = Blueprint("health", __name__)

NO_STORE = {"Cache-Control": "no-store"}
RETRY_SECONDS = 5


def init_app(app: Flask) -> None:
    """Serve both addresses."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 while the server answers requests. Its model is loaded, or it would not have started."""
    return {"status": "ok"}, NO_STORE


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """200 while corrections can be stored; 503 while their database is unavailable.

    A server that is not ready still recognizes digits: restart it when `/healthz` fails, never for this.
    """
    store = get_corrections()
    try:
        if store is not None:
            store.database.ping()
    except DatabaseUnavailableError as error:
        log_event(current_app, logging.WARNING, "unready", {"id": g.request_id, "reason": str(error)})
        unready = {"status": "not ready", "model": "ok", "database": "unavailable"}
        return unready, 503, NO_STORE | {"Retry-After": str(RETRY_SECONDS)}
    return {"status": "ready", "model": "ok", "database": "off" if store is None else "ok"}, NO_STORE
