"""`/review`: look through corrections; accept, fix or reject each."""

import io
import logging
from typing import Any

import numpy as np
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
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
from flask_app.logs import note
from flask_app.png import png

blueprint = Blueprint("review", __name__, url_prefix="/review")

AT_ONCE = 24
THUMBNAIL = 280  # pixels: the side of a canvas
NUMBER = f"int(max={2**31 - 1})"
"""A correction's id in an address: any larger number would be an error of the database's."""
OPEN = {"review.login", "review.enter"}


def init_app(app: Flask) -> None:
    """Serve the page, where a password is set and corrections are kept.

    Raises:
        ConfigError: There is no key to sign sessions with.
    """
    if app.config["DIGITREC_REVIEW_PASSWORD_HASH"] and app.extensions["digitrec_corrections"] is not None:
        auth.init_app(app)
        app.register_blueprint(blueprint)


@blueprint.before_request
def guard() -> Response | None:
    """Let nobody in who has not logged in, and no form that another site has sent."""
    if request.endpoint not in OPEN and not auth.is_open():
        return auth.to_login()
    if request.method == "POST":
        auth.csrf.protect()
    return None


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """What is shown here stays in no cache, and no other page may frame it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = "DENY"
    return response


@blueprint.get("/login")
def login() -> str:
    """The door."""
    return render_template("login.html", wrong=False)


@blueprint.post("/login")
def enter() -> Response:
    """Log in."""
    if auth.enter(request.form.get("password", "")):
        return _see(url_for("review.index"))
    return make_response(render_template("login.html", wrong=True), 401)


@blueprint.post("/logout")
def logout() -> Response:
    """Log out."""
    auth.leave()
    return auth.to_login()


@blueprint.get("/")
def index() -> str:
    """Corrections in the order they came, a page at a time."""
    wanted, chosen = filters.corrections()
    after, before = filters.place()
    store = _store()
    found = store.page(wanted, after=after, before=before, limit=AT_ONCE + 1)
    more = len(found) > AT_ONCE
    shown = found[-AT_ONCE:] if before else found[:AT_ONCE]
    is_first, is_last = (not more, False) if before else (after == 0, not more)
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value or name == "state"}
    return render_template(
        "review.html",
        corrections=shown,
        counts=store.counts(),
        chosen=chosen,
        labels=[*range(10), NOT_A_DIGIT],
        no_digit=NOT_A_DIGIT,
        here={**chosen, "after": after or None, "before": before or None},
        first=None if is_first else url_for("review.index", **kept),
        previous=None if is_first or not shown else url_for("review.index", **kept, before=shown[0].id),
        following=None if is_last or not shown else url_for("review.index", **kept, after=shown[-1].id),
    )


@blueprint.post(f"/<{NUMBER}:number>")
def decide(number: int) -> Response:
    """Accept, fix, reject, or take that back. Answers a script with JSON, a form with the page it came from."""
    try:
        correction = _store().get(number)
        decision = filters.decision(request.form.get("decision", ""), correction or abort(404))
        now = _store().review(number, decision, seen=request.form.get("seen"))
    except ReviewedMeanwhileError:
        raise Conflict("Somebody has decided on this one meanwhile; load the page again to see what.") from None
    if now is None:
        abort(404)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(state=now.state, label=now.reviewed_label, seen=now.version)
    kept = {*filters.FILTERS, *filters.PLACE}
    back: dict[str, Any] = {name: value for name, value in request.args.items() if name in kept}
    return _see(url_for("review.index", **back, _anchor=f"c{number}"))


@blueprint.get(f"/<{NUMBER}:number>/drawing.png")
def drawing(number: int) -> Response:
    """The picture that was sent, made small."""
    correction = _store().get(number)
    if correction is None or correction.drawing is None:
        abort(404)
    picture = Image.open(io.BytesIO(correction.drawing), formats=("PNG",))
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    return Response(png(picture), mimetype="image/png")


@blueprint.get(f"/<{NUMBER}:number>/frame.png")
def frame(number: int) -> Response:
    """The 28 by 28 pixels that the model saw."""
    correction = _store().get(number)
    if correction is None or correction.frame is None:
        abort(404)
    seen = Image.fromarray(np.frombuffer(correction.frame, np.uint8).reshape(28, 28))
    return Response(png(seen), mimetype="image/png")


@blueprint.errorhandler(DatabaseUnavailableError)
def unavailable(error: DatabaseUnavailableError) -> tuple[str, int]:
    """Say so; the log says why."""
    note(current_app, logging.ERROR, "database", {"id": g.request_id, "reason": str(error)})
    message = "The database cannot be used now. Nothing was changed: try again in a moment."
    return render_template("error.html", message=message, request_id=g.request_id), 503


def _store() -> CorrectionStore:
    store: CorrectionStore = current_app.extensions["digitrec_corrections"]
    return store


def _see(address: str) -> Response:
    response: Any = redirect(address, 303)
    return make_response(response)
