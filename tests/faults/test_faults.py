"""What goes wrong in a year on the internet, under load, on SQLite and PostgreSQL.

The promise: a correction that was acknowledged is in the database, once; and digits are recognized all the while.
"""

import base64
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flask_app.corrections.database import Database
from flask_app.corrections.store import CorrectionStore
from tests.drawings import drawing, encoded
from tests.postgres import Server
from tests.servers import free_port, serving

PICTURE = encoded(255 - drawing(4))
DATA_URL = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
PATIENCE = 60  # seconds until a correction must have been taken, whatever happens meanwhile


class App:
    """A server, and what its clients see of it."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid

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
        sent = {"image": DATA_URL, "label": 9, "key": key, "keep_drawing": True}
        return self.post("/api/feedback", json.dumps(sent).encode(), "application/json")

    def correct_until_taken(self, key: str) -> int:
        """What a good client does: the same key again, until it is acknowledged. Returns the correction's id."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):  # broken connections, and urllib's errors, are OSErrors
                status, answer, _ = self.correct(key)
                if status in (200, 201):
                    return answer["id"]
                assert status == 503, (status, answer)
            time.sleep(0.05)
        raise AssertionError(f"the correction {key} was never taken")

    def workers(self) -> list[int]:
        """Process ids of gunicorn's workers."""
        found = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True)
        return [int(line) for line in found.stdout.split()]


@contextlib.contextmanager
def running(folder: Path, database: str, wrapped: tuple[str, ...] = ()) -> Iterator[App]:
    folder.mkdir(exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "flask_app/gunicorn.conf.py", "flask_app:create_app()"]
    environ = {
        "DIGITREC_PORT": str(port),
        "DIGITREC_LOG_FILE": "",
        "DIGITREC_DATABASE_URL": database,
        "DIGITREC_PREDICT_LIMIT": "",
        "DIGITREC_BATCH_LIMIT": "",
        "DIGITREC_FEEDBACK_LIMIT": "",
    }
    with serving([*wrapped, *gunicorn], f"{url}/healthz", folder / "console.txt", environ) as pid:
        yield App(url, pid)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/digitrec.db"
    return request.getfixturevalue("postgres").database()


def keys_in(url: str) -> list[str]:
    kept = Database(url)
    found = [one.key for one in CorrectionStore(kept).each()]
    kept.close()
    return found


@contextlib.contextmanager
def load(app: App, people: int = 3) -> Iterator[list[int]]:
    """Ask for digits all the while; yields the list of statuses, of which 0 stands for a broken connection."""
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            try:
                statuses.append(app.predict())
            except OSError:
                statuses.append(0)
                time.sleep(0.02)

    with ThreadPoolExecutor(people) as crowd:
        asked = [crowd.submit(ask) for _ in range(people)]
        try:
            yield statuses
        finally:
            enough.set()
        for one in asked:
            one.result()


def test_a_worker_that_is_killed_is_replaced_and_nothing_acknowledged_is_lost(tmp_path, database) -> None:
    with running(tmp_path, database) as app, load(app) as statuses, ThreadPoolExecutor(4) as crowd:
        keys = [uuid.uuid4().hex for _ in range(60)]
        taken = [crowd.submit(app.correct_until_taken, key) for key in keys]
        taken[9].result()
        (worker,) = app.workers()
        os.kill(worker, signal.SIGKILL)
        numbers = [one.result() for one in taken]
        assert app.workers() != [worker]
    assert len(set(numbers)) == 60
    assert sorted(keys_in(database)) == sorted(keys)
    assert set(statuses) <= {200, 0}
    assert 200 in statuses[-3:]


def test_while_postgresql_is_away_digits_are_recognized_and_corrections_told_to_wait(tmp_path, postgres) -> None:
    database = postgres.database()
    with running(tmp_path, database) as app, load(app, 2) as statuses, ThreadPoolExecutor(4) as crowd:
        keys = [uuid.uuid4().hex for _ in range(60)]
        taken = [crowd.submit(app.correct_until_taken, key) for key in keys]
        taken[9].result()
        postgres.stop()
        try:
            before = len(statuses)
            status, answer, headers = app.correct("while-away")
            assert (status, answer["error"]["code"]) == (503, "database_unavailable")
            assert int(headers["Retry-After"]) > 0
            deadline = time.monotonic() + 20
            while len(statuses) < before + 20:
                assert time.monotonic() < deadline, "digits were not recognized"
                time.sleep(0.02)
        finally:
            postgres.start()
        for one in taken:
            one.result()
        assert app.correct_until_taken("while-away") > 0
    assert sorted(keys_in(database)) == sorted([*keys, "while-away"])
    assert set(statuses) == {200}


def test_a_full_disk_stops_corrections_alone_and_loses_none(tmp_path) -> None:
    database = f"sqlite:///{tmp_path}/digitrec.db"
    # No file may become larger than 400 kB, which is to the server what a full disk is.
    wrapped = ("bash", "-c", 'ulimit -f 400; exec "$@"', "bash")
    acknowledged = []
    with running(tmp_path, database, wrapped) as app, load(app, 1) as statuses:
        for i in range(2000):
            status, answer, headers = app.correct(f"key-{i}")
            if status != 201:
                break
            acknowledged.append(f"key-{i}")
        assert (status, answer["error"]["code"]) == (503, "database_unavailable")
        assert int(headers["Retry-After"]) > 0
        assert app.predict() == 200
    assert len(acknowledged) > 10
    assert keys_in(database) == acknowledged
    assert set(statuses) == {200}


def test_two_servers_on_one_postgresql_keep_each_correction_once(tmp_path, postgres) -> None:
    database = postgres.database()
    keys = [uuid.uuid4().hex for _ in range(50)]
    one, two = running(tmp_path / "1", database), running(tmp_path / "2", database)
    with one as first, two as second, ThreadPoolExecutor(8) as crowd:
        pairs = [[crowd.submit(app.correct_until_taken, key) for app in (first, second)] for key in keys]
        numbers = [{asked.result() for asked in pair} for pair in pairs]
    assert all(len(pair) == 1 for pair in numbers), "the two servers gave one correction two numbers"
    assert sorted(keys_in(database)) == sorted(keys)


def test_clients_that_dawdle_or_go_away_do_not_keep_others_from_an_answer(tmp_path) -> None:
    head = b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n"
    with running(tmp_path, "") as app:
        address = ("127.0.0.1", int(app.url.rpartition(":")[2]))
        with contextlib.ExitStack() as open_ones:
            slow = [open_ones.enter_context(socket.create_connection(address)) for _ in range(3)]
            for client in slow:
                client.sendall(head + PICTURE[:1])
            for byte in PICTURE[1:6]:
                for client in slow:
                    client.sendall(bytes([byte]))
                assert app.predict() == 200
        for _ in range(40):  # these go away in the middle of what they say
            with socket.create_connection(address) as client:
                client.sendall(head + PICTURE[:50])
        assert [app.predict() for _ in range(10)] == [200] * 10
        assert "Traceback" not in (tmp_path / "console.txt").read_text("utf-8")


BOUNDARY = "edge"
FORM = (
    (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="4.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode()
    + PICTURE
    + f"\r\n--{BOUNDARY}--\r\n".encode()
)
CORRECTION = json.dumps({"image": DATA_URL, "label": 4, "key": "fuzz", "keep_drawing": True}).encode()
SEEDS = [
    ("/api/predict", "image/png", PICTURE),
    ("/api/predict", "image/jpeg", encoded(255 - drawing(7), "JPEG")),
    ("/api/predict", "image/gif", encoded(255 - drawing(7), "GIF")),
    ("/api/predict", "image/tiff", encoded(255 - drawing(7), "TIFF", compression="tiff_lzw")),
    ("/api/predict", "image/webp", encoded(255 - drawing(7), "WEBP")),
    ("/api/predict", "application/json", json.dumps({"image": DATA_URL}).encode()),
    ("/api/predict", f"multipart/form-data; boundary={BOUNDARY}", FORM),
    ("/api/v1/predict/batch", "application/json", json.dumps({"images": [DATA_URL, DATA_URL]}).encode()),
    ("/api/v1/predict/batch", f"multipart/form-data; boundary={BOUNDARY}", FORM),
    ("/api/feedback", "application/json", CORRECTION),
]


def spoiled(body: bytes, chance: random.Random) -> bytes:
    """The body with some bytes changed, cut out, doubled or put in, mostly near the beginning, where headers are."""
    made = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        at = chance.randrange(max(1, len(made) if chance.random() < 0.5 else min(len(made), 80)))
        match chance.randrange(4):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del made[at : at + chance.choice((1, 4, 1000))]
            case 2:
                made[at:at] = made[at : at + chance.choice((4, 100))]
            case 3:
                made[at:at] = chance.choice((b"\x00", b"\xff\xff\xff\xff", b'"', b"}", b"\r\n", b"IDAT"))
    return bytes(made)


def memory(pid: int) -> int:
    """Resident bytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_ten_thousand_spoiled_bodies_get_an_answer_each_and_the_server_stays_as_it_is(tmp_path) -> None:
    database = f"sqlite:///{tmp_path}/digitrec.db"
    with running(tmp_path, database) as app, load(app, 1) as statuses:

        def send(seed: int, count: int) -> set[int]:
            chance, told = random.Random(seed), set()
            connection = http.client.HTTPConnection(app.url.rpartition("/")[2], timeout=20)
            for _ in range(count):
                path, kind, body = chance.choice(SEEDS)
                connection.request("POST", path, spoiled(body, chance), {"Content-Type": kind})
                response = connection.getresponse()
                response.read()
                told.add(response.status)
            connection.close()
            return told

        (worker,) = app.workers()
        send(0, 1000)
        before = memory(worker)
        with ThreadPoolExecutor(3) as crowd:
            told = set().union(*crowd.map(send, (1, 2, 3), (3000, 3000, 3000)))
        assert told <= {200, 201, 400, 413, 415, 422}
        assert {200, 400} <= told
        assert memory(worker) < before + 100_000_000
        assert app.workers() == [worker]
    assert set(statuses) == {200}
    assert "Traceback" not in (tmp_path / "console.txt").read_text("utf-8")
