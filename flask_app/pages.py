"""The page to draw on, the page about accuracy and privacy, and the icon in their tabs."""

from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, render_template

from digitrec.artifacts import list_published_figures
from flask_app import browser_files
from flask_app.extensions import get_corrections, get_recognizer
from flask_app.settings.environment import MEGABYTE

blueprint = Blueprint("pages", __name__)


def init_app(app: Flask) -> None:
    """Serve the page, and what it loads to answer without the server."""
    app.register_blueprint(blueprint)
    browser_files.init_app(app)


@blueprint.get("/")
def index() -> Response:
    """The page to draw on."""
    limit = current_app.config["DIGITREC_MAX_UPLOAD_MB"] * MEGABYTE
    source = current_app.config["DIGITREC_SOURCE_URL"]
    explains = "api_explanations.explain" in current_app.view_functions
    return _render("index.html", max_upload_bytes=limit, source_url=source, explains=explains)


@blueprint.get("/about")
def about() -> Response:
    """How accurate the model is, and what happens to a drawing."""
    return _render("about.html", figures=list_published_figures(get_recognizer().card or {}))


def _render(template: str, **values: Any) -> Response:
    response = make_response(render_template(template, takes_feedback=get_corrections() is not None, **values))
    # A page names the versioned static files, so it must not be older than they are.
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon, for pages that name none, such as an answer of the API opened in a tab."""
    return current_app.send_static_file("favicon.svg")
