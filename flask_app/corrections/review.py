"""`/review`: look through corrections; accept, fix or reject each."""

import io
from typing import Any

import numpy as np
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from PIL import Image
from werkzeug.exceptions import BadRequest, Conflict

from digitrec.decoding import FORMATS
from flask_app.corrections import gate
from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.corrections.store import (
    ACCEPTED,
    PENDING,
    REJECTED,
    CorrectionStore,
    Decision,
    ReviewedMeanwhileError,
    Wanted,
)
from flask_app.corrections.tables import NO_DIGIT, STATES, Correction

blueprint = Blueprint("review", __name__, url_prefix="/review")

AT_ONCE = 24
THUMBNAIL = 280  # pixels: the side of a canvas
OPEN = {"review.login", "review.enter"}


def init_app(app: Flask) -> None:
    """Serve the page, where a password is set and corrections are kept.

    Raises:
        ConfigError: There is no key to sign sessions with.
    """
    if app.config["DIGITREC_REVIEW_PASSWORD_HASH"] and app.extensions["digitrec_corrections"] is not None:
        gate.init_app(app)
        app.register_blueprint(blueprint)


@blueprint.before_request
def guard() -> Response | None:
    """Let nobody in who has not logged in, and no form that another site has sent."""
    if request.endpoint not in OPEN and not gate.is_open():
        return gate.to_login()
    if request.method == "POST":
        gate.csrf.protect()
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
    if gate.enter(request.form.get("password", "")):
        return _see(url_for("review.index"))
    return make_response(render_template("login.html", wrong=True), 401)


@blueprint.post("/logout")
def logout() -> Response:
    """Log out."""
    gate.leave()
    return gate.to_login()


@blueprint.get("/")
def index() -> str:
    """Corrections in the order they came, a page at a time."""
    wanted, chosen = _wanted()
    after = request.args.get("after", 0, int)
    store = _store()
    found = store.page(wanted, after=after, limit=AT_ONCE + 1)
    shown, more = found[:AT_ONCE], len(found) > AT_ONCE
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value or name == "state"}
    return render_template(
        "review.html",
        corrections=shown,
        counts=store.counts(),
        chosen=chosen,
        states=STATES,
        labels=[*range(10), NO_DIGIT],
        no_digit=NO_DIGIT,
        after=after,
        first=url_for("review.index", **kept),
        following=url_for("review.index", **kept, after=shown[-1].id) if more else None,
    )


@blueprint.post("/<int:number>")
def decide(number: int) -> Response:
    """Accept, fix, reject, or take that back. Answers a script with JSON, a form with the page it came from."""
    try:
        correction = _store().get(number)
        decision = _decision(request.form.get("decision", ""), correction or abort(404))
        now = _store().review(number, decision, seen=request.form.get("seen"))
    except ReviewedMeanwhileError:
        raise Conflict("Somebody has decided on this one meanwhile; load the page again to see what.") from None
    if now is None:
        abort(404)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(state=now.state, label=now.reviewed_label, seen=now.version)
    back: dict[str, Any] = {name: value for name, value in request.args.items() if name in FILTERS or name == "after"}
    return _see(url_for("review.index", **back, _anchor=f"c{number}"))


@blueprint.get("/<int:number>/drawing.png")
def drawing(number: int) -> Response:
    """The picture as it was sent, made small, and anew: nothing of a stranger's file is handed on."""
    correction = _store().get(number)
    if correction is None or correction.drawing is None:
        abort(404)
    picture = Image.open(io.BytesIO(correction.drawing), formats=FORMATS)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    return _png(picture.convert("RGBA"))


@blueprint.get("/<int:number>/frame.png")
def frame(number: int) -> Response:
    """The 28 by 28 pixels that the model saw."""
    correction = _store().get(number)
    if correction is None or correction.frame is None:
        abort(404)
    return _png(Image.fromarray(np.frombuffer(correction.frame, np.uint8).reshape(28, 28)))


@blueprint.errorhandler(DatabaseUnavailableError)
def unavailable(error: DatabaseUnavailableError) -> tuple[str, int]:
    """Say so; the log says why."""
    current_app.logger.error("database reason=%s", error)
    return render_template("error.html", message="The database cannot be reached now.", request_id="-"), 503


FILTERS = ("state", "label", "predicted", "model", "outcome", "kept")


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """What the address asks for, and the same as text. Without a state, what is pending."""
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    chosen["state"] = request.args.get("state", PENDING)
    if chosen["state"] not in (*STATES, "") or chosen["outcome"] not in ("", "right", "wrong"):
        raise BadRequest("This address asks for corrections of a kind that there is not.")
    return Wanted(
        state=chosen["state"] or None,
        label=_number(chosen["label"]),
        predicted=_number(chosen["predicted"]),
        model=chosen["model"] or None,
        disagrees={"right": False, "wrong": True}.get(chosen["outcome"]),
        kept=True if chosen["kept"] else None,
    ), chosen


def _number(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and int(text[:3]) <= NO_DIGIT):
        raise BadRequest("A label is a number from 0 to 10, of which 10 stands for no digit.")
    return int(text) if text else None


def _decision(word: str, correction: Correction) -> Decision:
    if word == "accept":
        return Decision(ACCEPTED, correction.label)
    if word in ("reject", "undo"):
        return Decision(REJECTED if word == "reject" else PENDING)
    label = _number(word)
    if label is None:
        raise BadRequest("A decision is accept, reject, undo, or the right label.")
    return Decision(ACCEPTED, label)


def _store() -> CorrectionStore:
    store: CorrectionStore = current_app.extensions["digitrec_corrections"]
    return store


def _see(address: str) -> Response:
    response: Any = redirect(address, 303)
    return make_response(response)


def _png(picture: Image.Image) -> Response:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return Response(file.getvalue(), mimetype="image/png")
