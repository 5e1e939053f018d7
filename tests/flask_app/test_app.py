"""The app as a whole: its start, its page, its headers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digitrec import ModelNotFoundError
from flask_app import ConfigError, create_app
from flask_app.headers import static_url_path

QUIET = {"TESTING": True, "DIGITREC_LOG_FILE": ""}
PACKAGE = Path(__file__).parents[2] / "flask_app"


class Unasked:
    """A recognizer that no test here comes to ask."""

    def predict(self, image: bytes):
        raise AssertionError("nothing was to be recognized")


@pytest.fixture
def app() -> Flask:
    return create_app(QUIET, Unasked())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_bad_setting_stops_the_start(monkeypatch) -> None:
    monkeypatch.setenv("DIGITREC_PORT", "http")
    with pytest.raises(ConfigError, match="DIGITREC_PORT is 'http'"):
        create_app(QUIET, Unasked())
    with pytest.raises(ConfigError, match="DIGITREC_COLOUR is not a setting"):
        create_app(QUIET | {"DIGITREC_PORT": 5000, "DIGITREC_COLOUR": "red"}, Unasked())


def test_a_model_that_is_not_there_stops_the_start(tmp_path) -> None:
    with pytest.raises(ModelNotFoundError, match=re.escape(str(tmp_path))):
        create_app(QUIET | {"DIGITREC_MODEL": tmp_path / "none.onnx"})


def test_importing_does_nothing(tmp_path) -> None:
    code = (
        "import logging, os, sys\n"
        "os.environ['DIGITREC_PORT'] = 'http'\n"  # would be refused, were it read
        "import flask_app, flask_app.__main__\n"
        "assert not logging.getLogger('flask_app').handlers\n"
        "assert 'keras' not in sys.modules and 'tensorflow' not in sys.modules\n"
        "assert not os.listdir('.')\n"
    )
    environ = {"PYTHONPATH": str(PACKAGE.parent), "PATH": ""}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, check=True, timeout=60)


def test_the_page_has_language_viewport_settings_and_ten_bars(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"
    assert 'lang="en"' in response.text
    assert "width=device-width" in response.text
    assert 'data-max-upload-bytes="20000000"' in response.text
    assert 'data-predict-url="/api/predict?model_input=1&amp;reading=1"' in response.text
    assert len(re.findall(r'class="fill"', response.text)) == 10


def test_the_page_names_no_other_host(client: FlaskClient) -> None:
    texts = [client.get("/").text]
    texts += [path.read_text("utf-8") for path in (PACKAGE / "static").iterdir()]
    for text in texts:
        found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text)
        assert [url for url in found if url != "http://www.w3.org"] == []


def test_the_page_holds_no_inline_script_or_style(client: FlaskClient) -> None:
    for text in (client.get("/").text, client.get("/nothing").text):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)


def test_every_response_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/healthz", "/nothing", "/api/nothing"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert re.fullmatch("[0-9a-f]{12}", headers["X-Request-ID"])


def test_the_page_and_its_modules_are_found_and_kept(client: FlaskClient) -> None:
    linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert len(linked) >= 6
    for address in linked:
        with client.get(address) as response:
            assert response.status_code == 200
            assert "immutable" in response.headers["Cache-Control"]
            assert "max-age=31536000" in response.headers["Cache-Control"]
            text = response.text
        for imported in re.findall(r'from "\./([^"]+)"', text):
            assert f"{address.rpartition('/')[0]}/{imported}" in linked, "preload it"


def test_the_address_of_the_static_files_changes_with_them(tmp_path) -> None:
    (tmp_path / "app.js").write_text("one")
    before = static_url_path(tmp_path)
    assert static_url_path(tmp_path) == before
    (tmp_path / "app.js").write_text("two")
    assert static_url_path(tmp_path) != before


class WithCard(Unasked):
    """A recognizer that is only asked for its card."""

    def __init__(self, card: dict | None) -> None:
        self.card = card


def test_the_page_about_accuracy_has_the_figures_of_the_card() -> None:
    figures = {"mnist_test": {"count": 10_000, "accuracy": 0.99999}, "unpublished": {"count": 1, "accuracy": 1.0}}
    page = create_app(QUIET, WithCard({"figures": figures})).test_client().get("/about")
    assert page.headers["Cache-Control"] == "no-cache"
    assert re.findall(r"<td[^>]*>([^<]+)</td>", page.text) == ["10,000", "99.9%"]  # rounded down
    without = create_app(QUIET, WithCard(None)).test_client().get("/about").text
    assert "<table>" not in without
    assert "whose accuracy is not known here" in without


def test_the_page_about_privacy_says_what_this_server_does() -> None:
    kept = "only if you tick “Keep my drawing”"
    assert kept in create_app(QUIET, WithCard(None)).test_client().get("/about").text
    silent = create_app(QUIET | {"DIGITREC_DATABASE_URL": ""}, WithCard(None)).test_client()
    assert kept not in silent.get("/about").text


def test_the_source_code_is_linked_where_its_address_is_known(client: FlaskClient) -> None:
    assert "Source code" not in client.get("/").text
    linked = create_app(QUIET | {"DIGITREC_SOURCE_URL": "https://example.org/digitrec"}, Unasked()).test_client()
    assert '<a href="https://example.org/digitrec" data-words="sourceCode">Source code</a>' in linked.get("/").text


def test_the_icon_is_ours(client: FlaskClient) -> None:
    with client.get("/favicon.ico") as response:
        assert response.status_code == 200
        assert response.mimetype == "image/svg+xml"


def test_the_health_check_answers(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"


def test_an_unknown_page_is_an_html_page_with_a_way_back(client: FlaskClient) -> None:
    response = client.get("/<script>nothing")
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "<script>nothing" not in response.text
    assert 'href="/"' in response.text


@pytest.mark.parametrize(("proxies", "prefix"), [(0, ""), (1, "/digits")])
def test_forwarded_headers_count_only_behind_a_trusted_proxy(proxies: int, prefix: str) -> None:
    app = create_app(QUIET | {"DIGITREC_TRUSTED_PROXIES": proxies}, Unasked())
    page = app.test_client().get("/", headers={"X-Forwarded-Prefix": "/digits"}).text
    assert f'data-predict-url="{prefix}/api/predict?model_input=1&amp;reading=1"' in page
    assert f'href="{prefix}/static/' in page


def test_hsts_is_sent_over_https_alone() -> None:
    name = "Strict-Transport-Security"
    client = create_app(QUIET | {"DIGITREC_TRUSTED_PROXIES": 1}).test_client()
    by_https = {"X-Forwarded-Proto": "https"}
    assert client.get("/", headers=by_https).headers[name] == "max-age=31536000"
    assert name not in client.get("/").headers
    silent = create_app(QUIET | {"DIGITREC_TRUSTED_PROXIES": 1, "DIGITREC_HSTS_SECONDS": 0}).test_client()
    assert name not in silent.get("/", headers=by_https).headers
    untrusting = create_app(QUIET).test_client()
    assert name not in untrusting.get("/", headers=by_https).headers
