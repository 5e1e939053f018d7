"""The two production servers, each started as a user starts it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.servers import PRODUCTION, ROOT, Server, free_port, serve
from tests.support.drawings import drawing, encoded
from tests.support.under_load import wait_until

COMMANDS = {name: command for name, command in PRODUCTION.items() if name != "gunicorn" or os.name != "nt"}


@contextlib.contextmanager
def started(name: str, folder: Path) -> Iterator[Server]:
    """A server until the block ends. Its log file is `web.log` in the folder; what it prints is in `server.log`."""
    port = free_port()
    log = folder / "web.log"
    settings = {"DIGITREC_PORT": str(port), "DIGITREC_LOG_FILE": str(log), "DIGITREC_MAX_UPLOAD_MB": "10"}
    with serve(
        COMMANDS[name], f"http://127.0.0.1:{port}", folder / "console.txt", settings, ready="/healthz"
    ) as running:
        yield running


@pytest.fixture(params=COMMANDS)
def server(request, tmp_path: Path) -> Iterator[Server]:
    """A server that the test may stop."""
    with started(request.param, tmp_path) as running:
        yield running


@pytest.fixture(scope="module", params=COMMANDS)
def shared_server(request, tmp_path_factory) -> Iterator[Server]:
    """A server that goes on."""
    with started(request.param, tmp_path_factory.mktemp("server")) as running:
        yield running


def app_log(server: Server) -> Path:
    """The app's log file."""
    return server.log.with_name("web.log")


def post(url: str, data: bytes, kind: str = "image/png") -> tuple[int, dict]:
    request = urllib.request.Request(f"{url}/api/predict", data, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_server_answers_logs_and_stops(server: Server) -> None:
    url, process = server.url, server.process
    assert post(url, b"no picture")[0] == 400
    # Larger than allowed, by little: the answer must arrive, not a broken connection.
    status, body = post(url, bytes(20_000_000))
    assert (status, body["error"]["code"]) == (413, "too_large")
    # Nor where it is refused by its head.
    status, body = post(url, bytes(10_000_000), "text/plain")
    assert (status, body["error"]["code"]) == (415, "unsupported_type")
    if os.name != "nt":
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
    lines = app_log(server).read_text("utf-8").splitlines()
    assert [line.split(" status=")[1][:3] for line in lines][-3:] == ["400", "413", "415"]


@pytest.mark.skipif(os.name == "nt", reason="gunicorn does not run on Windows")
@pytest.mark.parametrize("shared_server", ["gunicorn"], indirect=True)
def test_invalid_http_is_logged_without_its_text(shared_server: Server) -> None:
    server = shared_server
    before = server.log.read_text("utf-8").count("invalid HTTP request")
    for line in (b"GET /my-secret HTTP/9.9", b"my-secret", b"GET / HTTP/1.1\r\nmy secret: 1"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as stranger:
            stranger.sendall(line + b"\r\n\r\n")
            assert stranger.recv(4096).startswith(b"HTTP/1.1 ")
    wait_until(lambda: server.log.read_text("utf-8").count("invalid HTTP request") == before + 3)
    written = server.log.read_text("utf-8")
    assert "secret" not in written
    assert "from ip" not in written


@pytest.mark.parametrize("path", ["/api/predict", "/%0A2026-01-01T00:00:00.000Z%20ERROR%20forged"])
def test_a_malformed_chunk_is_answered_with_400_and_forges_no_line_of_the_log(shared_server: Server, path: str) -> None:
    server = shared_server
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    expected = b"404" if "forged" in path else b"400"
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as stranger:
        stranger.sendall(head.encode() + b"no size\r\n")
        answer = stranger.recv(4096)
    assert answer[9:12] in (b"400", expected)  # waitress refuses it before the app sees it
    assert post(server.url, encoded(drawing(4)))[0] == 200
    written = app_log(server).read_text("utf-8") + server.log.read_text("utf-8")
    assert "forged" not in written
    assert "Traceback" not in written


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "http"}, "DIGITREC_PORT is 'http'; it must be a whole number"),
        ({"MODEL": "nowhere.onnx"}, "no model at nowhere.onnx"),
        ({"MODEL": "README.md"}, "README.md is not a readable ONNX model"),
        (
            {"LOG_FILE": "README.md/digitrec.log"},
            "DIGITREC_LOG_FILE is 'README.md/digitrec.log', which cannot be written",
        ),
    ],
)
def test_a_start_that_cannot_be_ends_in_one_clear_line(name: str, settings: dict, words: str) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("DIGITREC_")} | {"DIGITREC_LOG_FILE": ""}
    environ |= {f"DIGITREC_{setting}": value for setting, value in settings.items()}
    done = subprocess.run(
        COMMANDS[name], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert f"digitrec cannot start: {words}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="gunicorn does not run on Windows")
@pytest.mark.parametrize("server", ["gunicorn"], indirect=True)
def test_requests_under_way_are_finished_when_it_is_stopped(server: Server) -> None:
    process, address = server.process, ("127.0.0.1", server.port)
    picture = encoded(drawing(4))
    head = (
        f"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: {len(picture)}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(address, timeout=20) as slow, socket.create_connection(address, timeout=20) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in idle.recv(4096)  # and the connection stays open: that must not hold up the stop
        slow.sendall(head.encode())
        assert b"100 Continue" in slow.recv(4096)  # the server has it, and waits for the rest
        slow.sendall(picture[:100])
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in server.log.read_text("utf-8"))
        assert process.poll() is None
        slow.sendall(picture[100:])
        answer = b"".join(iter(lambda: slow.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["digit"] == 4
    assert process.wait(15) == 0
    # ONNX Runtime aborts, or waits for good, in a process that was forked after it had been imported.
    said = server.log.read_text("utf-8")
    assert "Worker exiting" in said
    assert "SIG" not in said
