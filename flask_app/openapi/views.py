"""`GET /openapi.json` and `GET /docs`."""

import re
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from apispec import APISpec
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from flask_app.extensions import get_api_description
from flask_app.headers import YEAR
from flask_app.openapi.operations import describe_operations
from flask_app.openapi.schemas import SCHEMAS

OPENAPI = "3.1.0"
ASSETS = ("css/swagger-ui.css", "js/swagger-ui-bundle.js")

blueprint = Blueprint("openapi", __name__)


def init_app(app: Flask) -> None:
    """Serve both addresses; call it when the app has all other views."""
    app.register_blueprint(blueprint)
    get_api_description(app).update(describe_api(app).to_dict())


def describe_api(app: Flask) -> APISpec:
    """Describe the API of an app: its routes, with the parameters and answers that `describe_operations` gives.

    The short addresses are left out, because a client that reads the description does not need them.
    """
    spec = APISpec(
        title="digitrec",
        version="1",
        openapi_version=OPENAPI,
        info={
            "summary": "Handwritten digits, recognized.",
            "description": "Under /api/v1, fields may be added, and nothing else changes. /api is short for /api/v1.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
    )
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)
    described = describe_operations(app.config)
    for rule in app.url_map.iter_rules():
        view = rule.endpoint.rpartition(".")[2]
        if view in described and not is_unversioned(rule.rule):
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            spec.path(
                re.sub(r"<(\w+)>", r"{\1}", rule.rule),
                operations={method.lower(): {"operationId": view} | described[view]},
            )
    return spec


def is_unversioned(path: str) -> bool:
    """Whether an address is a short one, without the version."""
    return path.startswith("/api/") and not path.startswith("/api/v1/")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description, with the path of the app if a proxy serves it below one."""
    below = {"servers": [{"url": request.script_root}]} if request.script_root else {}
    response = jsonify(get_api_description() | below)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/docs")
def docs() -> Response:
    """The description as a page, where requests can be tried."""
    response = current_app.make_response(render_template("docs.html", version=_version()))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/api")
@blueprint.get("/api/v1")
def api_root() -> BaseResponse:
    """Where the API begins there is nothing but the way to its description."""
    return redirect(url_for("openapi.docs"))


@blueprint.get("/docs/<version>/<path:name>")
def asset(version: str, name: str) -> Response:
    """A file of Swagger UI, from the package that contains it."""
    if version != _version() or name not in ASSETS:
        raise NotFound
    response = send_from_directory(_assets(), name, max_age=YEAR)
    response.cache_control.immutable = True
    return response


@cache
def _assets() -> Path:
    """The folder of Swagger UI. Its package is not imported, which would load a framework that is not used here."""
    found = find_spec("flask_openapi3_swagger")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0], "templates", "swagger")


@cache
def _version() -> str:
    """The version of the package, which is in the addresses of its files because browsers cache them for a year."""
    return metadata.version("flask-openapi3-swagger")
