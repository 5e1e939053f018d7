"""Signs of life, for whatever watches over the server."""

import logging

from flask import Blueprint, current_app, g
from flask.typing import ResponseReturnValue

from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.corrections.store import CorrectionStore
from flask_app.logs import note

blueprint = Blueprint("health", __name__)

FRESH = {"Cache-Control": "no-store"}
RETRY_SECONDS = 5


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 while requests are answered. The model was loaded, or the app would not have started."""
    return {"status": "ok"}, FRESH


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """200 while the model is loaded and corrections can be kept; 503 while their database is away.

    A server that is not ready still recognizes digits: restart one for `/healthz`, never for this.
    """
    store: CorrectionStore | None = current_app.extensions["digitrec_corrections"]
    try:
        if store is not None:
            store.database.ping()
    except DatabaseUnavailableError as error:
        note(current_app, logging.WARNING, "unready", {"id": g.request_id, "reason": str(error)})
        unready = {"status": "not ready", "model": "ok", "database": "unavailable"}
        return unready, 503, FRESH | {"Retry-After": str(RETRY_SECONDS)}
    return {"status": "ready", "model": "ok", "database": "off" if store is None else "ok"}, FRESH
