"""`/review`: list corrections, and accept, relabel or reject each."""

import io
import logging
import math
from typing import Any

import numpy as np
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from PIL import Image
from werkzeug.exceptions import Conflict

from digitrec.training_rows import NOT_A_DIGIT
from flask_app.corrections import auth, filters
from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.corrections.store import CorrectionStore, ReviewedMeanwhileError
from flask_app.extensions import get_corrections, get_metrics, get_model_digests, get_rate_limiter
from flask_app.logs import log_event
from flask_app.png import KEPT_SIDE, encode_png

blueprint = Blueprint("review", __name__, url_prefix="/review")

PAGE_SIZE = 24
ID = f"int(max={2**31 - 1})"
"""Converter for a correction's id in an address: PostgreSQL refuses larger numbers."""
PUBLIC = {"review.login", "review.log_in"}
"""Views that need no login."""


def init_app(app: Flask) -> None:
    """Serve the page if a password is set and corrections are stored.

    Raises:
        ConfigError: The key that signs sessions is missing.
    """
    if app.config["DIGITREC_REVIEW_PASSWORD_HASH"] and get_corrections(app) is not None:
        auth.init_app(app)
        app.register_blueprint(blueprint)


@blueprint.before_request
def require_login() -> Response | None:
    """Redirect visitors who have not logged in, and refuse forms sent by other sites."""
    if request.endpoint not in PUBLIC and not auth.is_logged_in():
        return auth.redirect_to_login()
    if request.endpoint == "review.log_in":
        get_rate_limiter().check("login")  # before the form is read
    if request.method == "POST":
        auth.csrf.protect()
    return None


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Forbid caching, and framing by other pages."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = "DENY"
    return response


@blueprint.get("/login")
def login() -> str:
    """The login form."""
    return render_template("login.html", wrong=False)


@blueprint.post("/login")
def log_in() -> Response:
    """Log in."""
    if auth.log_in(request.form.get("password", "")):
        return _redirect(url_for("review.index"))
    return make_response(render_template("login.html", wrong=True), 401)


@blueprint.post("/logout")
def logout() -> Response:
    """Log out."""
    auth.log_out()
    return auth.redirect_to_login()


@blueprint.get("/")
def index() -> str:
    """Corrections, one page at a time: what teaches most first, or in the order they arrived."""
    where, chosen = filters.read_filter()
    order = filters.read_order()
    after, before = filters.read_position()
    store = _get_store()
    found = store.page(where, after=after, before=before, limit=PAGE_SIZE + 1, order=order)
    counts = store.counts()
    more = len(found) > PAGE_SIZE
    shown = found[-PAGE_SIZE:] if before else found[:PAGE_SIZE]
    is_first, is_last = (not more, False) if before else (after == 0, not more)
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value or name in ("state", "kept")}
    kept[filters.ORDER] = order
    return render_template(
        "review.html",
        corrections=shown,
        counts=counts["state"],
        models=counts["model"],
        chosen={**chosen, filters.ORDER: order},
        comparison=_compare_models(),
        labels=[*range(10), NOT_A_DIGIT],
        not_a_digit=NOT_A_DIGIT,
        percent=_percent,
        here={**kept, "after": after or None, "before": before or None},
        first=None if is_first else url_for("review.index", **kept),
        previous=None if is_first or not shown else url_for("review.index", **kept, before=shown[0].id),
        following=None if is_last or not shown else url_for("review.index", **kept, after=shown[-1].id),
    )


@blueprint.post(f"/<{ID}:number>")
def decide(number: int) -> Response:
    """Accept, relabel or reject a correction, or undo that. Answers a script with JSON, a form with its page."""
    store = _get_store()
    correction = store.get(number) or abort(404)
    decision = filters.parse_decision(request.form.get("decision", ""), correction)
    undo = filters.decision_word(correction)
    try:
        reviewed = store.review(number, decision, seen=request.form.get("seen") or correction.version)
    except ReviewedMeanwhileError:
        raise Conflict("Another reviewer has decided on this correction. Reload the page to see how.") from None
    if reviewed is None:
        abort(404)
    outcome = {"state": reviewed.state, "label": reviewed.reviewed_label, "seen": reviewed.version, "undo": undo}
    if request.accept_mimetypes.best == "application/json":
        return jsonify(outcome | {"counts": store.counts()["state"]})
    flash(outcome | {"number": number})  # type: ignore[arg-type]  # any JSON
    kept = {*filters.FILTERS, filters.ORDER, *filters.POSITION}
    back: dict[str, Any] = {name: value for name, value in request.args.items() if name in kept}
    return _redirect(url_for("review.index", **back, _anchor=f"c{number}"))


@blueprint.get(f"/<{ID}:number>/drawing.png")
def drawing(number: int) -> Response:
    """A thumbnail of the image that was sent."""
    correction = _get_store().get(number)
    if correction is None or correction.drawing is None:
        abort(404)
    image = Image.open(io.BytesIO(correction.drawing), formats=("PNG",))
    image.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return Response(encode_png(image), mimetype="image/png")


@blueprint.get(f"/<{ID}:number>/frame.png")
def frame(number: int) -> Response:
    """The 28 by 28 pixels that the model saw."""
    correction = _get_store().get(number)
    if correction is None or correction.frame is None:
        abort(404)
    seen = Image.fromarray(np.frombuffer(correction.frame, np.uint8).reshape(28, 28))
    return Response(encode_png(seen), mimetype="image/png")


@blueprint.errorhandler(DatabaseUnavailableError)
def unavailable(error: DatabaseUnavailableError) -> tuple[str, int]:
    """Answer that trying again may help, and log why."""
    log_event(current_app, logging.ERROR, "database", {"id": g.request_id, "reason": str(error)})
    message = "The database is not available now. Nothing has changed; try again in a moment."
    return render_template("error.html", message=message, request_id=g.request_id), 503


def _compare_models() -> dict[str, Any] | None:
    """How often champion and challenger have answered differently since the start; None without a challenger."""
    roles = get_model_digests()
    if "challenger" not in roles:
        return None
    differing, both = get_metrics().share_differing(roles["champion"], roles["challenger"])
    return roles | {"differing": differing, "both": both}


def _percent(probability: float) -> str:
    """A percentage, rounded down so that it is never 100: no answer is certain."""
    return f"{math.floor(1000 * min(probability, 0.9999)) / 10:.1f}%"


def _get_store() -> CorrectionStore:
    store = get_corrections()
    assert store is not None, "the page is served only where corrections are stored"
    return store


def _redirect(address: str) -> Response:
    response: Any = redirect(address, 303)
    return make_response(response)
