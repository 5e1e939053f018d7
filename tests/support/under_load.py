"""The web app as it runs in production, and people who use it all the while something goes wrong."""

import base64
import contextlib
import http.client
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.servers import PRODUCTION, Server, serve_web_app
from flask_app.corrections.database import Database
from flask_app.corrections.models import Correction
from flask_app.corrections.store import CorrectionStore
from tests.support.drawings import drawing, encoded

PICTURE = encoded(255 - drawing(4))
DATA_URL = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
PAUSE = 0.02  # seconds between what one client asks; without it, two would take a processor for themselves
PATIENCE = 60  # seconds until what must happen has happened, however busy the machine is


class App:
    """A server, and what its clients see of it."""

    def __init__(self, server: Server, url: str | None = None) -> None:
        """Clients of a server, who reach it at its own address or at the one of a proxy before it."""
        self.server = server
        self.url = url or server.url

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def post(self, path: str, body: bytes, kind: str) -> tuple[int, dict, dict]:
        """Returns status, JSON and headers; an OSError where the connection broke."""
        question = urllib.request.Request(self.url + path, body, {"Content-Type": kind})
        try:
            with urllib.request.urlopen(question, timeout=20) as response:
                return response.status, json.load(response), dict(response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error), dict(error.headers)
        except http.client.HTTPException as error:  # cut off in the middle of an answer
            raise ConnectionError(str(error)) from error

    def predict(self) -> int:
        """The status of one question, whose answer must be right if there is one."""
        status, answer, _ = self.post("/api/predict", PICTURE, "image/png")
        assert status != 200 or answer["digit"] == 4
        return status

    def correct(self, key: str) -> tuple[int, dict, dict]:
        """Send a correction, once."""
        sent = {"image": DATA_URL, "label": 9, "key": key, "keep_drawing": True}
        return self.post("/api/feedback", json.dumps(sent).encode(), "application/json")

    def correct_until_taken(self, key: str) -> int:
        """What a good client does: the same key again, until it is acknowledged. Returns the correction's id."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):  # broken connections, and urllib's errors, are OSErrors
                status, answer, _ = self.correct(key)
                if status in (200, 201):
                    return int(answer["id"])
                assert status == 503, (status, answer)
            time.sleep(0.05)
        raise AssertionError(f"the correction {key} was never taken")

    def workers(self) -> list[int]:
        """Process ids of gunicorn's workers."""
        found = subprocess.run(["pgrep", "-P", str(self.server.pid)], capture_output=True, text=True, check=False)
        return [int(line) for line in found.stdout.split()]


@contextlib.contextmanager
def running(
    folder: Path, database: str, command: Sequence[str] = PRODUCTION["gunicorn"], **settings: str
) -> Iterator[App]:
    """Serve the app with this database and without rate limits, until the block ends."""
    folder.mkdir(exist_ok=True)
    limits = {f"DIGITREC_{name}_LIMIT": "" for name in ("PREDICT", "BATCH", "FEEDBACK", "WORK")}
    settings = limits | {"DIGITREC_DATABASE_URL": database} | settings
    with serve_web_app(folder, command, **settings) as server:
        yield App(server)


class Crowd:
    """What people saw who used the app all the while.

    Attributes:
        statuses: Of their questions; 0 stands for a broken connection.
        taken: The key of each correction that was acknowledged, and its id.
    """

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.taken: dict[str, int] = {}

    def wait_for_more(self, *, answers: int = 0, corrections: int = 0) -> None:
        """Wait until so many more questions were answered and corrections acknowledged, from now on."""
        answers += self.statuses.count(200)
        corrections += len(self.taken)
        wait_until(lambda: self.statuses.count(200) >= answers and len(self.taken) >= corrections)


@contextlib.contextmanager
def crowd(app: App, *, asking: int = 2, correcting: int = 2) -> Iterator[Crowd]:
    """Let people use the app until the block ends; each comes to the end of what it is at."""
    people = Crowd()
    enough = threading.Event()

    def ask() -> None:
        while not enough.wait(PAUSE):
            try:
                people.statuses.append(app.predict())
            except OSError:
                people.statuses.append(0)

    def put_right() -> None:
        while not enough.wait(PAUSE):
            key = uuid.uuid4().hex
            people.taken[key] = app.correct_until_taken(key)

    with ThreadPoolExecutor(asking + correcting) as pool:
        at_it = [pool.submit(ask) for _ in range(asking)] + [pool.submit(put_right) for _ in range(correcting)]
        try:
            yield people
        finally:
            enough.set()
        for one in at_it:
            one.result()


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def kept_in(url: str) -> list[Correction]:
    """All corrections in a database, none of them half-written."""
    database = Database(url)
    found = list(CorrectionStore(database).iterate())
    database.close()
    assert all(one.frame and one.drawing for one in found)
    return found


def assert_kept_once(url: str, taken: dict[str, int]) -> None:
    """Whether a database has exactly the corrections that were acknowledged, each once, under the id that was told."""
    kept = kept_in(url)
    assert len(kept) == len({one.key for one in kept})
    assert {one.key: one.id for one in kept} == taken
