"""`GET /healthz` and `/readyz`, for whatever monitors the server."""

import logging
import threading

from flask import Blueprint, Flask, current_app, g
from flask.typing import ResponseReturnValue

from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.corrections.room import StorageFullError
from flask_app.corrections.store import CorrectionStore
from flask_app.extensions import get_readiness
from flask_app.logs import log_event

blueprint = Blueprint("health", __name__)

NO_STORE = {"Cache-Control": "no-store"}
RETRY_SECONDS = 5

DATABASE_OFF, DATABASE_OK, DATABASE_FULL, DATABASE_UNAVAILABLE = "off", "ok", "full", "unavailable"


def init_app(app: Flask) -> None:
    """Serve both addresses."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 while the server answers requests. Its model is loaded, or it would not have started."""
    return {"status": "ok"}, NO_STORE


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """200 while corrections can be stored; 503 while their database is unavailable, or there is no room for them.

    A server that is not ready still recognizes digits: restart it when `/healthz` fails, never for this.
    """
    state = get_readiness().database_state()
    if state in (DATABASE_OFF, DATABASE_OK):
        return {"status": "ready", "model": "ok", "database": state}, NO_STORE
    unready = {"status": "not ready", "model": "ok", "database": state}
    return unready, 503, NO_STORE | {"Retry-After": str(RETRY_SECONDS)}


class Readiness:
    """Whether corrections can be stored. One request at a time finds out; those that come meanwhile get its answer.

    A database that does not answer keeps the one request that asks it, and no other thread.
    """

    def __init__(self, store: CorrectionStore | None) -> None:
        """Nothing is known yet."""
        self._store = store
        self._lock = threading.Lock()
        self._state = DATABASE_UNAVAILABLE

    def database_state(self) -> str:
        """The state of the database: now, or that of the last check while another one is running."""
        if self._store is None:
            return DATABASE_OFF
        if self._lock.acquire(blocking=False):
            try:
                self._state = self._ask(self._store)
            finally:
                self._lock.release()
        return self._state

    def _ask(self, store: CorrectionStore) -> str:
        try:
            store.database.ping()
        except (DatabaseUnavailableError, StorageFullError) as error:
            log_event(current_app, logging.WARNING, "unready", {"id": g.request_id, "reason": str(error)})
            return DATABASE_FULL if isinstance(error, StorageFullError) else DATABASE_UNAVAILABLE
        return DATABASE_OK
