"""The description of the API: whole, valid, and true of what the server answers."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from benchmarks.servers import serve_web_app
from digitrec.artifacts import read_card
from flask_app import create_app
from tests.support.openapi_hooks import URLS

TESTS = Path(__file__).parents[1]
NO_LIMITS = {f"DIGITREC_{name}_LIMIT": "" for name in ("PREDICT", "BATCH", "EXPLAIN", "FEEDBACK")}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    database = tmp_path_factory.mktemp("openapi") / "digitrec.db"
    config = {"DIGITREC_LOG_FILE": "", "DIGITREC_LOG_LEVEL": "ERROR", "DIGITREC_METRICS": "on"}
    return create_app({"DIGITREC_DATABASE_URL": f"sqlite:///{database}", **config, **NO_LIMITS})


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def schemathesis(tmp_path: Path) -> list[str]:
    """The command line, which has its configuration from here and leaves its files elsewhere."""
    program = shutil.which("schemathesis", path=sysconfig.get_path("scripts"))
    assert program, "the dependency group `test` brings it"
    return [program, "--no-color", "--config-file", str(TESTS / "support" / "schemathesis.toml"), "run"]


def test_schemathesis_finds_no_failure_and_no_undocumented_answer(schemathesis, tmp_path: Path) -> None:
    """Whatever is sent, in accordance with the description or against it, to the server as it runs in production."""
    settings = NO_LIMITS | {"DIGITREC_METRICS": "on", "DIGITREC_LOG_LEVEL": "ERROR"}
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.openapi_hooks", "PYTHONPATH": str(TESTS.parent)}
    with serve_web_app(tmp_path, **settings) as server:
        command = [*schemathesis, f"{server.url}/openapi.json", "--max-examples", "50", "--generation-deterministic"]
        run = subprocess.run(
            command, cwd=tmp_path, env=os.environ | hooks, capture_output=True, text=True, timeout=300, check=False
        )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "Tested: 12" in run.stdout
    assert "ERROR" not in server.log.read_text("utf-8")


@pytest.mark.parametrize("path", ["predict", "predict/batch", "read", "read/batch", "explain", "feedback"])
@pytest.mark.parametrize("nested", ["[", '{"image":'])
def test_json_of_any_depth_is_no_failure_of_the_server(client, path: str, nested: str) -> None:
    answer = client.post(f"/api/v1/{path}", data=nested * 100_000, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")


def test_the_description_is_valid_openapi(client) -> None:
    described = client.get("/openapi.json").json
    assert described["openapi"] == "3.1.0"
    validate(described)


def test_every_address_of_the_api_is_described_once(app, client) -> None:
    there = {
        (rule.rule.replace("/api/v1", "/api").replace("<key>", "{key}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if (rule.rule.startswith("/api/") and rule.endpoint != "openapi.api_root")
        or rule.rule in ("/healthz", "/readyz", "/metrics")
    }
    paths = client.get("/openapi.json").json["paths"]
    told = [(path.replace("/api/v1", "/api"), method) for path, methods in paths.items() for method in methods]
    assert sorted(told) == sorted(there)
    assert not [path for path in paths if path.startswith("/api/") and not path.startswith("/api/v1/")]


def test_disabled_features_are_not_described() -> None:
    bare = create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": "", **NO_LIMITS}).test_client()
    described = bare.get("/openapi.json").json
    assert set(described["paths"]) == {
        "/api/v1/predict",
        "/api/v1/predict/batch",
        "/api/v1/read",
        "/api/v1/read/batch",
        "/api/v1/explain",
        "/api/v1/model",
        "/healthz",
        "/readyz",
    }
    assert '"429"' not in json.dumps(described)


def test_limits_are_described_where_there_are_any() -> None:
    limited = create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""}).test_client()
    paths = limited.get("/openapi.json").json["paths"]
    assert "429" in paths["/api/v1/predict"]["post"]["responses"]
    assert "429" not in paths["/api/v1/model"]["get"]["responses"]


def test_answers_have_no_field_that_is_not_described(client) -> None:
    schemas = client.get("/openapi.json").json["components"]["schemas"]
    four = {"image": URLS[4]}
    told = {
        "Prediction": client.post("/api/v1/predict?model_input=1&reading=1", json=four),
        "Batch": client.post("/api/v1/predict/batch", json={"images": [URLS[4]]}),
        "TimedReading": client.post("/api/v1/read", json=four),
        "Readings": client.post("/api/v1/read/batch", json={"images": [URLS[4]]}),
        "Model": client.get("/api/v1/model"),
        "Stored": client.post("/api/v1/feedback", json=four | {"label": 4, "key": "described"}),
        "Readiness": client.get("/readyz"),
        "Error": client.post("/api/v1/predict", json={}),
    }
    for name, answer in told.items():
        assert set(answer.json) == set(schemas[name]["properties"]), name
    assert told["Model"].json["card"] == read_card()


def test_below_a_path_prefix_the_description_names_it(client) -> None:
    assert "servers" not in client.get("/openapi.json").json
    below = client.get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/digits"}).json
    assert below["servers"] == [{"url": "/digits"}]


def test_the_docs_page_loads_its_files_from_this_server(client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert 'data-url="/openapi.json"' in page.text
    script = next(part for part in page.text.split('"') if part.endswith("swagger-ui-bundle.js"))
    with client.get(script) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["", "../__init__.py", "css/../../../plugins.py", "images/swagger.svg"])
def test_no_other_file_can_be_had_through_it(client, name: str) -> None:
    script = next(part for part in client.get("/docs").text.split('"') if part.endswith("swagger-ui-bundle.js"))
    assert client.get(script.replace("js/swagger-ui-bundle.js", name)).status_code == 404
