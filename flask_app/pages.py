"""The page, and the icon in its tab."""

from flask import Blueprint, Response, current_app, make_response, render_template

from flask_app.settings.environment import MEGABYTE

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> Response:
    """The page to draw on."""
    limit = current_app.config["DIGITREC_MAX_UPLOAD_MB"] * MEGABYTE
    takes = current_app.extensions["digitrec_corrections"] is not None
    response = make_response(render_template("index.html", max_upload_bytes=limit, takes_feedback=takes))
    # It names the versioned static files, so it must never be older than they are.
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon, for pages that name none, such as the API's answers opened in a tab."""
    return current_app.send_static_file("favicon.svg")
