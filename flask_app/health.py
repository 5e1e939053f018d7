"""A sign of life, for whatever watches over the server."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 while requests are answered. The model was loaded, or the app would not have started."""
    return {"status": "ok"}, {"Cache-Control": "no-store"}
