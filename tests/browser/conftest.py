"""A real server, a real Chromium, and a desk to draw at.

Every test here also fails if the console shows an error, a request fails that was not expected
to, or the page asks any other host for anything.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.servers import serve_web_app
from tests.support.chromium import PHONE, NoBrowserError, chromium
from tests.support.dashboard_server import IDLE

if os.environ.get("CI"):
    import playwright.sync_api  # noqa: F401  the tests skip themselves without it, which CI must not


PATIENCE = 60_000
"""Milliseconds until what is expected has come: a busy machine is slow, and one that is quick does not wait."""

# Before each page's own script: keep what it posts, and notice every spoken answer. A question that a later one has
# overtaken before it was sent is none.
SPY = """
const send = window.fetch;
window.sent = [];
window.unanswered = 0;
window.current = null;
window.fetch = (url, options) => {
  if (options?.signal?.aborted) return send(url, options);
  if (String(url).includes("/predict")) window.current = options.signal;
  window.sent.push(options.body);
  window.unanswered += 1;
  const reply = send(url, options);
  reply.then((response) => response.clone().text()).catch(() => {}).finally(() => {
    window.unanswered -= 1;
    window.answered = performance.now();
  });
  return reply;
};
"""


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    sync_api.expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def web_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server has its files."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def database(web_folder: Path) -> Path:
    """The SQLite file that the server keeps corrections in."""
    return web_folder / "digitrec.db"


@pytest.fixture(scope="session")
def server(web_folder: Path) -> Iterator[str]:
    """The address of the app, served as in production, with the model that ships."""
    with serve_web_app(web_folder) as running:
        yield running.url


@pytest.fixture(scope="session", name="chromium")
def chromium_fixture() -> Iterator[Any]:
    """One browser for all tests."""
    with contextlib.ExitStack() as stack:
        try:
            browser = stack.enter_context(chromium())
        except NoBrowserError as error:
            if os.environ.get("CI"):
                pytest.fail(f"{error}; CI must run the browser tests", pytrace=False)
            pytest.skip(str(error))
        yield browser


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Open a page of the dashboard at `address`, which the module that asks has to provide, by its path.

    The arguments are Playwright's. The test fails if a page asks another host for anything, or a script of it breaks.
    """
    contexts, strangers, broken = [], [], []

    def ask(request: Any) -> None:
        if not request.url.startswith((address, address.replace("http", "ws"), "blob:", "data:")):
            strangers.append(request.url)

    def open_page(path: str = "", **options: Any) -> Any:
        # Streamlit shows by an animation that a run is trained, which takes a third of the time of a page.
        usual = {"viewport": {"width": 1280, "height": 1000}, "reduced_motion": "reduce"}
        context = chromium.new_context(**usual | options)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", ask)
        page.on("websocket", ask)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(f"{address}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        page.locator(IDLE).wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert (strangers, broken) == ([], [])


class Desk:
    """The page, with hands to draw on it. Strokes are lists of (x, y), fractions of the canvas."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("console", self._on_console)
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)

    def open(self) -> None:
        self.page.goto(self.address)

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "blob:" + self.address, "data:")):
            self.problems.append(f"another host: {request.url}")

    def _on_failure(self, request: Any) -> None:
        # Given up on purpose: a question that a later one overtakes, and the icon of a page that is left before the
        # icon has come. A page counts as loaded without it.
        given_up = re.search("/api/(predict|explain)", request.url) or request.url.endswith("/favicon.svg")
        if not (given_up and request.failure == "net::ERR_ABORTED"):
            self.problems.append(f"request failed: {request.url} {request.failure}")

    def _on_response(self, response: Any) -> None:
        if response.status >= 400:
            self.problems.append(f"status {response.status}: {response.url}")

    def expect_problems(self, *patterns: str) -> None:
        """Take away the problems a test provoked; each pattern must match one, and none is left."""
        for pattern in patterns:
            assert any(re.search(pattern, problem) for problem in self.problems), self.problems
        self.problems = [p for p in self.problems if not any(re.search(x, p) for x in patterns)]

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        box = self.page.locator("#canvas").bounding_box()
        return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]

    def draw(self, *strokes: list[tuple[float, float]], lift: bool = True) -> None:
        """Draw with the mouse."""
        for stroke in strokes:
            self.page.mouse.move(*self.at(stroke[0]))
            self.page.mouse.down()
            for point in stroke[1:]:
                self.page.mouse.move(*self.at(point), steps=5)
            if lift:
                self.page.mouse.up()

    def touch(self, *strokes: list[tuple[float, float]]) -> None:
        """Draw with a finger."""
        for stroke in strokes:
            self.swipe([self.at(point) for point in stroke])

    def swipe(self, points: list[tuple[float, float]]) -> None:
        """Drag a finger along points of the window, in CSS pixels."""
        cdp = self.page.context.new_cdp_session(self.page)
        for i, (x, y) in enumerate(points):
            kind = "touchMove" if i else "touchStart"
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        cdp.detach()

    def ink(self) -> int:
        """How many of the canvas's pixels are painted."""
        # Two frames, for the page paints in one.
        script = """async () => {
          for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
          const { width, height } = canvas;
          const copy = new OffscreenCanvas(width, height);
          const context = copy.getContext("2d", { willReadFrequently: true });
          context.drawImage(canvas, 0, 0);
          const { data } = context.getImageData(0, 0, width, height);
          return data.filter((value, i) => i % 4 === 3 && value > 127).length;
        }"""
        return int(self.page.evaluate(script))

    def sent(self) -> bytes:
        """The body of the page's last question."""
        script = """async () => {
          const bytes = new Uint8Array(await window.sent.at(-1).arrayBuffer());
          return Array.from(bytes);
        }"""
        return bytes(self.page.evaluate(script))

    def submit(self) -> None:
        """Press Enter, and wait until the whole drawing has been sent."""
        before = self.questions()
        self.page.keyboard.press("Enter")
        self.until(f"window.sent.length > {before} && window.current && !window.current.aborted")

    def settle(self) -> None:
        """Wait for the answer to all that is drawn: a test is quick enough to correct an earlier one."""
        self.submit()
        self.until("window.unanswered === 0")

    def until(self, expression: str) -> None:
        """Wait until the expression holds. Playwright's own wait needs eval, which the page forbids."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"never true: {expression}"
            self.page.wait_for_timeout(20)

    def change_answers(self, **changes: Any) -> None:
        """From here on, change these fields in what the server answers; without any, let answers be."""
        self.page.unroute_all(behavior="wait")

        def changed(route: Any) -> None:
            response = route.fetch()
            route.fulfill(response=response, json=response.json() | changes)

        if changes:
            self.page.route("**/api/predict*", changed)

    def questions(self) -> int:
        """How many questions the page has asked so far."""
        return int(self.page.evaluate("window.sent.length"))


@pytest.fixture
def new_desk(chromium: Any, server: str) -> Iterator[Callable[..., Desk]]:
    """Make a desk in a browser context of its own; the arguments are Playwright's."""
    desks: list[Desk] = []

    def make(**options: Any) -> Desk:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(SPY)
        desk = Desk(context.new_page(), server)
        desks.append(desk)
        desk.open()
        return desk

    yield make
    for desk in desks:
        # An answer may still be on its way through a route, whose failure would be the next test's.
        desk.page.unroute_all(behavior="ignoreErrors")
        desk.page.context.close()
    assert [problem for desk in desks for problem in desk.problems] == []


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A desk with a mouse."""
    return new_desk()


@pytest.fixture
def phone(new_desk: Callable[..., Desk]) -> Desk:
    """A desk on a phone, with three device pixels to one of CSS."""
    return new_desk(**PHONE, device_scale_factor=3)
