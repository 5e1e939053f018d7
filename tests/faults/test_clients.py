"""Clients that do harm, on purpose or not, while others use the app: slow ones, some that go away, and nonsense."""

import contextlib
import http.client
import json
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.support.drawings import drawing, encoded
from tests.support.nginx import proxied
from tests.support.under_load import DATA_URL, PICTURE, App, Crowd, assert_kept_once, crowd, kept_in, running

UNFINISHED = json.dumps({"image": DATA_URL, "label": 9, "key": "unfinished", "keep_drawing": True}).encode()


def dawdlers(app: App, count: int, room: contextlib.ExitStack) -> list[socket.socket]:
    """Clients that have told how much they will say, half of them a picture, half of them a correction."""
    made = []
    for number in range(count):
        path, kind = [("predict", "image/png"), ("feedback", "application/json")][number % 2]
        head = f"POST /api/{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 100000\r\n\r\n"
        client = room.enter_context(socket.create_connection(app.address))
        client.sendall(head.encode())
        made.append(client)
    return made


def say(clients: list[socket.socket], start: int, end: int) -> None:
    """Let each say a part of it."""
    for number, client in enumerate(clients):
        client.sendall((PICTURE, UNFINISHED)[number % 2][start:end])


def people_among_dawdlers(app: App, count: int, room: contextlib.ExitStack) -> Crowd:
    """Let others use the app while so many say a byte at a time."""
    with crowd(app) as people:
        people.wait_for_more(corrections=1)  # which makes the tables; slow clients are not waited for so long
        slow = dawdlers(app, count, room)
        for at in range(5):
            say(slow, at, at + 1)
            people.wait_for_more(answers=3, corrections=3)
    return people


def test_clients_that_say_a_byte_at_a_time_do_not_keep_others_from_an_answer(tmp_path, database) -> None:
    with running(tmp_path, database) as app, contextlib.ExitStack() as room:
        people = people_among_dawdlers(app, 15, room)  # as many as may be waited for, and a few fewer
    assert_kept_once(database, people.taken)
    assert set(people.statuses) == {200}


def test_behind_the_proxy_forty_clients_that_say_a_byte_at_a_time_keep_nobody_from_an_answer(
    tmp_path, database
) -> None:
    trusted = {"DIGITREC_TRUSTED_PROXIES": "1"}
    with running(tmp_path, database, **trusted) as app, contextlib.ExitStack() as room:
        front = App(app.server, room.enter_context(proxied(tmp_path, [app.server.port])))
        people = people_among_dawdlers(front, 40, room)
    assert_kept_once(database, people.taken)
    assert set(people.statuses) == {200}


def test_clients_that_go_away_in_the_middle_leave_nothing_behind(tmp_path, database) -> None:
    with running(tmp_path, database) as app, crowd(app) as people:
        for _ in range(20):
            with contextlib.ExitStack() as room:
                say(dawdlers(app, 2, room), 0, 50)
        people.wait_for_more(answers=10, corrections=10)
    assert_kept_once(database, people.taken)
    assert set(people.statuses) == {200}
    assert "Traceback" not in app.server.log.read_text("utf-8")


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
PHOTOGRAPH = encoded(np.random.default_rng(0).integers(0, 256, (1200, 1600), np.uint8), "JPEG")
"""Noise: the detector finds the most in it, all of which is judged."""

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
                made[at:at] = chance.choice((b"\x00", b"\xff\xff\xff\xff", b'"', b"}", b"\r\n", b"IDAT", b"[" * 5000))
    return bytes(made)


def memory(pids: list[int]) -> int:
    """Resident bytes of processes."""
    told = [Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0] for pid in pids]
    return 1024 * sum(map(int, told))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(("database", "bodies"), [("sqlite", 10_000), ("postgresql", 1_000)], indirect=["database"])
def test_spoiled_bodies_get_an_answer_each_and_leave_the_server_as_it_is(tmp_path, database, bodies: int) -> None:
    with running(tmp_path, database) as app, crowd(app, asking=1, correcting=1) as people:

        def send(seed: int, count: int) -> tuple[set[int], set[int]]:
            """Returns the statuses, and the ids of corrections that passed in spite of all."""
            chance, told, passed = random.Random(seed), set(), set()
            connection = http.client.HTTPConnection(*app.address, timeout=20)
            for _ in range(count):
                path, kind, body = chance.choice(SEEDS)
                connection.request("POST", path, spoiled(body, chance), {"Content-Type": kind})
                response = connection.getresponse()
                answer = json.load(response)
                told.add(response.status)
                if "id" in answer:
                    passed.add(answer["id"])
            connection.close()
            return told, passed

        def send_photograph() -> None:
            connection = http.client.HTTPConnection(*app.address, timeout=60)
            connection.request("POST", "/api/predict", PHOTOGRAPH, {"Content-Type": "image/jpeg"})
            assert connection.getresponse().status == 200
            connection.close()

        def send_at_once(seeds: tuple[int, int, int], count: int) -> tuple[set[int], set[int]]:
            with ThreadPoolExecutor(3) as pool:
                statuses, numbers = zip(*pool.map(send, seeds, [count // 3] * 3), strict=True)
            return set().union(*statuses), set().union(*numbers)

        workers = app.workers()
        first = send_at_once((0, 4, 5), bodies // 2)
        # The allocator and ONNX Runtime keep the memory that the most and the largest pictures at once took: it grows
        # less and less for thousands of bodies, then stays. A leak would grow by the later half as by the first.
        for _ in range(3):
            send_photograph()
        before = memory(workers)
        told, passed = map(set.union, first, send_at_once((1, 2, 3), bodies // 2))
        assert told <= {200, 201, 400, 409, 413, 415, 422}  # 409: the same key, and another label
        assert {200, 400} <= told
        assert memory(workers) < before + 40_000_000
        assert app.workers() == workers
    kept = {one.id: one.key for one in kept_in(database)}
    assert passed <= set(kept)
    assert {number: key for number, key in kept.items() if number not in passed} == {
        number: key for key, number in people.taken.items()
    }
    assert set(people.statuses) == {200}
    assert "Traceback" not in app.server.log.read_text("utf-8")
