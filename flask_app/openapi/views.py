"""`GET /openapi.json` and `GET /docs`."""

from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from apispec import APISpec
from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound

from flask_app.headers import YEAR
from flask_app.openapi.operations import operations
from flask_app.openapi.schemas import SCHEMAS

OPENAPI = "3.1.0"
ASSETS = ("css/swagger-ui.css", "js/swagger-ui-bundle.js")

blueprint = Blueprint("openapi", __name__)


def init_app(app: Flask) -> None:
    """Describe the API; call it when all views are there."""
    app.extensions["digitrec_openapi"] = describe(app).to_dict()
    app.register_blueprint(blueprint)


def describe(app: Flask) -> APISpec:
    """The API of an app: its routes, and what `operations` knows of them.

    The short addresses are left out: a client that reads a description has no need of them.
    """
    spec = APISpec(
        title="digitrec",
        version="1",
        openapi_version=OPENAPI,
        info={
            "summary": "Handwritten digits, recognized.",
            "description": "What stands under /api/v1 stays as it is; fields may be added. /api is short for /api/v1.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
    )
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)
    described = operations(app.config)
    for rule in app.url_map.iter_rules():
        view = rule.endpoint.rpartition(".")[2]
        if view in described and not is_short(rule.rule):
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            spec.path(rule.rule, operations={method.lower(): {"operationId": view} | described[view]})
    return spec


def is_short(path: str) -> bool:
    """Whether an address is one of those without a version, which stand for those with it."""
    return path.startswith("/api/") and not path.startswith("/api/v1/")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description; behind a proxy that serves the app below a path, with that path."""
    below = {"servers": [{"url": request.script_root}]} if request.script_root else {}
    response = jsonify(current_app.extensions["digitrec_openapi"] | below)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/docs")
def docs() -> Response:
    """The description as a page, to read and to try."""
    response = current_app.make_response(render_template("docs.html", version=_version()))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/docs/<version>/<path:name>")
def asset(version: str, name: str) -> Response:
    """A file of Swagger UI, from the package that brings it."""
    if version != _version() or name not in ASSETS:
        raise NotFound
    response = send_from_directory(_assets(), name, max_age=YEAR)
    response.cache_control.immutable = True
    return response


@cache
def _assets() -> Path:
    """Where Swagger UI lies. The package is not imported: it would load a framework that is not needed here."""
    found = find_spec("flask_openapi3_swagger")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0], "templates", "swagger")


@cache
def _version() -> str:
    """Stands in the addresses of its files, which browsers keep for a year."""
    return metadata.version("flask-openapi3-swagger")
