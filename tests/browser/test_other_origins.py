"""Pages of other sites that use the API from a real browser."""

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from benchmarks.servers import serve_web_app
from tests.support.drawings import drawing, encoded

ASK = """
async ([api, image]) => {
  try {
    const body = JSON.stringify({image});
    const answer = await fetch(api, {method: "POST", headers: {"Content-Type": "application/json"}, body});
    return [answer.status, (await answer.json()).digit, answer.headers.get("X-Request-ID") !== null];
  } catch (error) {
    return [0, null, false];
  }
}
"""


class Page(BaseHTTPRequestHandler):
    """A page of another site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Another site</title>")

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The origin of another site."""
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_page_of_another_origin_gets_an_answer_where_it_is_allowed(
    chromium: Any, site: str, tmp_path, is_allowed: bool
) -> None:
    image = "data:image/png;base64," + base64.b64encode(encoded(255 - drawing(4))).decode()
    allowed = {"DIGITREC_ALLOWED_ORIGINS": site} if is_allowed else {}
    with serve_web_app(tmp_path, **allowed) as api:
        page = chromium.new_page()
        page.goto(site)
        answer = page.evaluate(ASK, [f"{api.url}/api/v1/predict", image])
        page.close()
    assert answer == ([200, 4, True] if is_allowed else [0, None, False])
