"""What clients, proxies, browsers and hosts are used to: base64 of all kinds, gzip, CORS, slashes, prefixes, frames."""

import base64
import errno
import gzip
import io
import logging
import os
import stat
import zlib

import pytest

from flask_app import create_app
from flask_app.log_file import LogFile
from tests.flask_app.test_api import AlwaysSeven
from tests.support.drawings import drawing, encoded

PICTURE = encoded(255 - drawing(4))
QUIET = {"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""}
TEXT = base64.b64encode(PICTURE).decode()


def client_with(**settings: object):
    return create_app(QUIET | settings, AlwaysSeven()).test_client()


@pytest.fixture(scope="module")
def client():
    return create_app(QUIET).test_client()


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        base64.encodebytes(PICTURE).decode(),
        base64.encodebytes(PICTURE).decode().replace("\n", "\r\n"),
        TEXT.rstrip("="),
        base64.urlsafe_b64encode(PICTURE).decode(),
        base64.urlsafe_b64encode(PICTURE).decode().rstrip("="),
        TEXT.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
    ],
    ids=["plain", "lines", "lines of Windows", "no padding", "URL-safe", "URL-safe, no padding", "as in an address"],
)
def test_base64_is_read_as_encoders_write_it(client, text: str) -> None:
    answer = client.post("/api/predict", json={"image": f"data:image/png;base64,{text}"})
    assert (answer.status_code, answer.json.get("digit")) == (200, 4)


@pytest.mark.parametrize("text", ["Zm9vY", "Zm=9v", "Zm*v", "Zm9\u00e9"])
def test_base64_that_is_damaged_is_named(client, text: str) -> None:
    answer = client.post("/api/predict", json={"image": f"data:image/png;base64,{text}"})
    assert answer.status_code == 400


def test_slashes_are_escaped_by_some_encoders_of_json_and_plus_signs_by_others(client) -> None:
    for text in (TEXT.replace("/", "\\/"), TEXT.replace("+", "\\u002B")):
        body = '{"image": "data:image\\/png;base64,' + text + '"}'
        assert client.post("/api/predict", data=body, content_type="application/json").json["digit"] == 4


def test_a_form_may_hold_a_data_url_as_text(client) -> None:
    form = {"image": f"data:image/png;base64,{TEXT}", "note": "a four"}
    assert client.post("/api/predict", data=form, content_type="multipart/form-data").json["digit"] == 4


def test_slashes_at_the_end_and_the_root_of_the_api_lead_somewhere(client) -> None:
    for path in ("/docs", "/docs/", "/api", "/api/", "/api/v1", "/api/v1/"):
        assert client.get(path, follow_redirects=True).status_code == 200, path
    assert client.get("/api/").headers["Location"] == "/docs"
    assert client.post("/api/v1/predict/", data=PICTURE, content_type="image/png").json["digit"] == 4


def post_packed(client, packed: bytes, encoding: str):
    headers = {"Content-Encoding": encoding, "Content-Type": "image/png"}
    return client.post("/api/predict", data=packed, headers=headers)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_body_is_taken(client, encoding: str, pack) -> None:
    assert post_packed(client, pack(PICTURE), encoding).json["digit"] == 4
    chunked = client.post(
        "/api/predict",
        input_stream=io.BytesIO(pack(PICTURE)),
        headers={"Content-Encoding": encoding, "Content-Type": "image/png"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert chunked.json["digit"] == 4


def test_a_compressed_body_is_bounded_and_one_that_is_broken_is_named(client) -> None:
    answer = post_packed(client, gzip.compress(bytes(200_000_000)), "gzip")
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")
    assert post_packed(client, PICTURE, "gzip").status_code == 400
    assert "ends too early" in post_packed(client, gzip.compress(PICTURE)[:-20], "gzip").json["error"]["message"]
    answer = post_packed(client, PICTURE, "br")
    assert (answer.status_code, answer.json["error"]["code"]) == (415, "unsupported_type")
    assert "Content-Encoding" in answer.json["error"]["message"]


SITE = "https://example.org"
PREFLIGHT = {"Origin": SITE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


def cors(headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("Access-Control-")}


def test_no_other_site_may_use_the_api_by_default() -> None:
    client = client_with()
    assert cors(client.options("/api/predict", headers=PREFLIGHT).headers) == {}
    assert cors(client.get("/api/v1/model", headers={"Origin": SITE}).headers) == {}


def test_a_site_that_is_allowed_may_use_the_api_and_nothing_else() -> None:
    client = client_with(DIGITREC_ALLOWED_ORIGINS=f"{SITE} http://localhost:3000")
    answer = client.options("/api/v1/predict", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    answer = client.post("/api/predict", data=b"x", content_type="text/plain", headers={"Origin": SITE})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (415, SITE)  # errors can be read too
    assert "Origin" in answer.headers["Vary"]
    other = client.post("/api/predict", data=b"x", content_type="image/png", headers={"Origin": "https://example.net"})
    assert cors(other.headers) == {}
    assert "Origin" in other.headers["Vary"]
    assert cors(client.get("/", headers={"Origin": SITE}).headers) == {}


def test_all_sites_may_be_allowed() -> None:
    client = client_with(DIGITREC_ALLOWED_ORIGINS="*")
    answer = client.get("/api/v1/model", headers={"Origin": SITE})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def fetch(client, path: str, accepted: str = "", **headers: str):
    """Get a page, and close the file that it may have been read from."""
    with client.get(path, headers={"Accept-Encoding": accepted, **headers}) as response:
        response.get_data()
        return response


def test_large_public_responses_are_compressed() -> None:
    client = create_app(QUIET).test_client()
    page = fetch(client, "/docs").text
    bundle = next(word for word in page.split('"') if word.endswith("swagger-ui-bundle.js"))
    plain = fetch(client, bundle)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    for _ in range(2):
        packed = fetch(client, bundle, "gzip, br")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert len(packed.data) < len(plain.data) / 2
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        assert gzip.decompress(packed.data) == plain.data
        assert "immutable" in packed.headers["Cache-Control"]
    assert fetch(client, bundle, "gzip", **{"If-None-Match": packed.headers["ETag"]}).status_code == 304
    for path in ("/", "/openapi.json", "/api/v1/model"):
        answer = fetch(client, path, "gzip")
        assert answer.headers["Content-Encoding"] == "gzip", path
        assert gzip.decompress(answer.data) == fetch(client, path).data
    for refused in ("identity", "gzip;q=0", "br"):
        assert "Content-Encoding" not in fetch(client, "/docs", refused).headers


def test_what_depends_on_the_client_is_not_compressed() -> None:
    client = client_with()
    answer = client.post(
        "/api/predict?model_input=1", data=PICTURE, content_type="image/png", headers={"Accept-Encoding": "gzip"}
    )
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("setting", "policy"),
    [
        ("", "'self'"),
        ("none", "'none'"),
        ("'self'", "'self'"),
        ("*", "*"),
        ("https://huggingface.co, https://*.hf.space", "https://huggingface.co https://*.hf.space"),
    ],
)
def test_who_may_frame_the_page_is_a_setting(setting: str, policy: str) -> None:
    headers = client_with(DIGITREC_FRAME_ANCESTORS=setting).get("/").headers
    assert headers["Content-Security-Policy"].endswith(f"; frame-ancestors {policy}")


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "https://evil.example", "/a/../b", "/a\\b", "a", "/<script>", "/ok, //evil"]
)
def test_a_forwarded_prefix_that_is_no_path_is_ignored(prefix: str) -> None:
    client = client_with(DIGITREC_TRUSTED_PROXIES=1)
    page = client.get("/", headers={"X-Forwarded-Prefix": prefix}).text
    assert 'data-predict-url="/api/predict?model_input=1&amp;reading=1"' in page
    assert "evil" not in page
    assert "evil" not in client.get("/api", headers={"X-Forwarded-Prefix": prefix}).headers["Location"]


class FullDisk(io.StringIO):
    """A file that nothing can be written to."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_log_file_that_cannot_be_written_costs_one_line(tmp_path, capsys) -> None:
    handler = LogFile(tmp_path / "web.log", 10**6, 1)
    logger = logging.Logger("full")
    logger.addHandler(handler)
    handler.stream.close()
    handler.stream = FullDisk()
    for number in range(50):
        logger.error("line %d", number)
    said = capsys.readouterr().err
    assert said == "the log file cannot be written (No space left on device); lines are lost until it can\n"
    handler.stream = None
    logger.error("there is room again")
    assert "there is room again" in (tmp_path / "web.log").read_text("utf-8")
    handler.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_the_log_is_for_its_user_alone(tmp_path) -> None:
    old = os.umask(0)
    try:
        handler = LogFile(tmp_path / "logs" / "web.log", 100, 2)
        logger = logging.Logger("private")
        logger.addHandler(handler)
        for _ in range(5):
            logger.error("x" * 80)
        handler.close()
    finally:
        os.umask(old)
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700
