"""The notice that is posted when a run ends."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from digitrec.learning.runs.webhook import WebhookError, check_address, make_notice, notice_at_end
from tests.support.run_directories import made_run


@pytest.fixture
def listener():
    """A server that keeps what is posted to it; yields its address and what came."""
    came = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", came
    server.shutdown()
    server.server_close()


def test_a_run_that_ends_is_posted(listener, tmp_path):
    address, came = listener
    run = made_run(tmp_path, "mine")
    with notice_at_end(address) as runs:
        runs.append(run)
        assert came == []
    (notice,) = came
    assert (notice["run"], notice["state"], notice["val_accuracy"]) == (run.name, "done", pytest.approx(0.902))
    assert notice["text"] == notice["content"] == f"{run.name} is done, 90.20% right on validation"


def test_a_run_that_fails_is_posted_with_its_reason(listener, tmp_path):
    address, came = listener

    def fail():
        with notice_at_end(address) as runs:
            runs.append(made_run(tmp_path, "mine", state="failed", reason="the loss became nan", done=0))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert came[0]["reason"] == "the loss became nan"
    assert came[0]["val_accuracy"] is None


def test_an_address_that_does_not_answer_is_a_warning_without_the_address(tmp_path, capsys):
    with notice_at_end("http://127.0.0.1:9/secret") as runs:
        runs.append(made_run(tmp_path, "mine"))
    said = capsys.readouterr().err
    assert said.startswith("warning: no notice was sent to 127.0.0.1: ")
    assert "secret" not in said


def test_without_an_address_or_a_run_nothing_is_sent(listener):
    address, came = listener
    for where in ("", address):
        with notice_at_end(where):
            pass
    assert came == []


@pytest.mark.parametrize("address", ["x", "ftp://a/b", "http://", "file:///etc/passwd", "http://[", "http://a b/"])
def test_webhooks_without_an_http_address_are_refused(address):
    with pytest.raises(WebhookError, match="http://"):
        check_address(address)


def test_a_notice_is_plain_json(tmp_path):
    json.dumps(make_notice(made_run(tmp_path, "mine")), allow_nan=False)
