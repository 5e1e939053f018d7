"""Firefox and WebKitGTK, driven by the standards that each speaks: WebDriver BiDi, and WebDriver's classic commands.

Each driver has `open`, `evaluate`, `draw`, `choose_file` and `close`, as far as the tries of a page need them.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from benchmarks.servers import free_port

Points = list[tuple[float, float]]
"""In CSS pixels of the window."""

START_SECONDS = 60


class MissingError(RuntimeError):
    """The browser is not installed; the message says what to install."""


def pen(points: Points) -> list[dict[str, Any]]:
    """What a mouse does to draw a line: the actions of both standards are the same."""
    moves = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 20} for x, y in points]
    actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
    return [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}]


class Firefox:
    """Debian's firefox-esr, over WebDriver BiDi."""

    name = "Firefox"

    def __init__(self) -> None:
        binary = shutil.which("firefox-esr") or shutil.which("firefox")
        if binary is None:
            raise MissingError("apt-get install firefox-esr")
        self._profile = tempfile.mkdtemp(prefix="digitrec-firefox-")
        command = [binary, "--headless", "--no-remote", "--profile", self._profile, "--remote-debugging-port", "0"]
        environ = os.environ | {"HOME": self._profile, "MOZ_CRASHREPORTER_DISABLE": "1"}
        self._process = subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environ
        )
        self._socket = connect(f"{self._address()}/session", open_timeout=START_SECONDS, max_size=None)
        self._number = 0
        self._send("session.new", capabilities={})
        self._context = self._send("browsingContext.getTree")["contexts"][0]["context"]
        self._send("browsingContext.setViewport", context=self._context, viewport={"width": 1200, "height": 900})

    def _address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1]
        raise RuntimeError("Firefox ended before it listened")

    def _send(self, method: str, **params: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(timeout=120))
            if answer.get("id") == self._number:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['message']}")
                return answer["result"]

    def open(self, address: str) -> None:
        """Go to a page and wait until it has loaded."""
        self._send("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression that JSON can hold."""
        wrapped = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        target = {"context": self._context}
        answer = self._send("script.evaluate", expression=wrapped, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])

    def draw(self, points: Points) -> None:
        """Draw a line with the mouse."""
        self._send("input.performActions", context=self._context, actions=pen(points))

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file for an input."""
        expression = f"document.querySelector({json.dumps(selector)})"
        target = {"context": self._context}
        found = self._send("script.evaluate", expression=expression, target=target, awaitPromise=False)
        element = {"sharedId": found["result"]["sharedId"]}
        self._send("input.setFiles", context=self._context, element=element, files=[str(path)])

    def close(self) -> None:
        """End the browser."""
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)


class WebKit:
    """WebKitGTK's own small browser, over classic WebDriver."""

    name = "WebKitGTK"

    def __init__(self) -> None:
        driver = shutil.which("WebKitWebDriver")
        if driver is None:
            raise MissingError("apt-get install webkit2gtk-driver xvfb")
        port = free_port()
        # Its sandbox refuses to run in a container.
        environ = os.environ | {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "NO_AT_BRIDGE": "1"}
        command = [driver, f"--port={port}"]
        if "DISPLAY" not in os.environ:
            xvfb = shutil.which("xvfb-run")
            if xvfb is None:
                raise MissingError("apt-get install xvfb")
            command = [xvfb, "-a", *command]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ)
        self._url = f"http://127.0.0.1:{port}"
        self._wait()
        session = self._post("/session", {"capabilities": {"alwaysMatch": {}}})
        self._url += f"/session/{session['sessionId']}"

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self._url}/status", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self._url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()[:300]}") from error

    def open(self, address: str) -> None:
        """Go to a page and wait until it has loaded."""
        self._post("/url", {"url": address})

    def evaluate(self, expression: str) -> Any:
        """The value of an expression that JSON can hold."""
        script = f"const done = arguments[0]; Promise.resolve({expression}).then(done, (e) => done(String(e)));"
        return self._post("/execute/async", {"script": script, "args": []})

    def draw(self, points: Points) -> None:
        """Draw a line with the mouse."""
        self._post("/actions", {"actions": pen(points)})

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file for an input."""
        element = next(iter(self._post("/element", {"using": "css selector", "value": selector}).values()))
        self._post(f"/element/{element}/value", {"text": str(path)})

    def close(self) -> None:
        """End the browser."""
        urllib.request.urlopen(urllib.request.Request(self._url, method="DELETE"), timeout=60).close()
        self._process.terminate()
        self._process.wait()


class Chromium:
    """Debian's chromium, over Playwright."""

    name = "Chromium"

    def __init__(self) -> None:
        from tests.support.chromium import NoBrowserError, chromium

        self._running = chromium()
        try:
            self._browser = self._running.__enter__()
        except NoBrowserError as error:
            raise MissingError(str(error)) from error
        self._page = self._browser.new_page(viewport={"width": 1200, "height": 900})

    def open(self, address: str) -> None:
        """Go to a page and wait until it has loaded."""
        self._page.goto(address)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression that JSON can hold."""
        return self._page.evaluate(expression)

    def draw(self, points: Points) -> None:
        """Draw a line with the mouse."""
        self._page.mouse.move(*points[0])
        self._page.mouse.down()
        for point in points[1:]:
            self._page.mouse.move(*point, steps=3)
        self._page.mouse.up()

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file for an input."""
        self._page.locator(selector).set_input_files(path)

    def close(self) -> None:
        """End the browser."""
        self._running.__exit__(None, None, None)


Driver = Firefox | WebKit | Chromium
DRIVERS = {"chromium": Chromium, "firefox": Firefox, "webkit": WebKit}
