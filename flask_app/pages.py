"""The page to draw on, and the icon in its tab."""

from flask import Blueprint, Flask, Response, current_app, make_response, render_template

from flask_app.extensions import get_corrections
from flask_app.settings.environment import MEGABYTE

blueprint = Blueprint("pages", __name__)


def init_app(app: Flask) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/")
def index() -> Response:
    """The page to draw on."""
    limit = current_app.config["DIGITREC_MAX_UPLOAD_MB"] * MEGABYTE
    takes_feedback = get_corrections() is not None
    response = make_response(render_template("index.html", max_upload_bytes=limit, takes_feedback=takes_feedback))
    # The page names the versioned static files, so it must not be older than they are.
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon, for pages that name none, such as an answer of the API opened in a tab."""
    return current_app.send_static_file("favicon.svg")
