"""What requests may hold and compute at once: bodies, turns of large images, CPU time of a client, time of a batch."""

import base64
import contextlib
import io
import json
import socket
import threading
import time

import numpy as np
import pytest
from flask import Request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests
from werkzeug.test import EnvironBuilder

from digitrec import Prediction, Reading
from digitrec.errors import OverloadedError
from flask_app import admission, api, create_app
from flask_app.admission import Admission, ClientClosedRequest, check_client
from flask_app.work_limit import WorkLimit
from tests.support.drawings import drawing, encoded

SMALL = encoded(255 - drawing(4))
LARGE = encoded(np.full((3000, 3000), 255, np.uint8))
SETTINGS = {"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""}


class Held:
    """A recognizer and reader whose answers wait until they are let go."""

    sha256, card = "ab" * 32, None

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Semaphore(0), threading.Event()

    def predict(self, image: bytes) -> Prediction:
        self.asked.release()
        assert self.go_on.wait(20)
        return Prediction(4, 0.9, np.full(10, 0.1, np.float32), 0.1, np.zeros((28, 28), np.float32))

    def read(self, image: bytes) -> Reading:
        self.predict(image)
        return Reading()


def request_of(size: int, kind: str = "image/png") -> Request:
    environ = EnvironBuilder(method="POST", content_type=kind).get_environ()
    return Request(environ | {"CONTENT_LENGTH": str(size)})


def test_bodies_hold_no_more_memory_than_there_is(monkeypatch) -> None:
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.05)
    admitting = Admission(threads=16)
    half = admission.MAX_BYTES_HELD // 2 // 4
    with (
        admitting.hold_body(request_of(half, "application/json")),
        admitting.hold_body(request_of(2 * half, "multipart/form-data")),
    ):
        with pytest.raises(ServiceUnavailable) as refused, admitting.hold_body(request_of(200_000)):
            pass
        assert refused.value.retry_after
        with admitting.hold_body(request_of(50_000)):  # a drawing is let through
            pass
    with admitting.hold_body(request_of(10 * half)):  # one that is larger than all there is comes alone
        pass


def test_large_requests_leave_threads_for_others() -> None:
    admitting = Admission(threads=16)
    with contextlib.ExitStack() as room:
        for _ in range(12):
            room.enter_context(admitting.hold_body(request_of(200_000)))
            admitting._mine = threading.local()  # as if in another thread
        with pytest.raises(ServiceUnavailable), admitting.hold_body(request_of(200_000)):
            pass


@pytest.mark.parametrize("path", ["predict", "read"])
def test_large_images_take_turns_and_small_ones_do_not_wait(monkeypatch, path: str) -> None:
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.05)
    held = Held()
    client = create_app(SETTINGS, held, held).test_client()
    post = lambda image: client.post(f"/api/{path}", data=image, content_type="image/png")  # noqa: E731
    first = threading.Thread(target=post, args=(LARGE,))
    first.start()
    assert held.asked.acquire(timeout=20)
    refused = post(LARGE)
    assert (refused.status_code, refused.json["error"]["code"]) == (503, "overloaded")
    assert int(refused.headers["Retry-After"]) > 0
    small = threading.Thread(target=post, args=(SMALL,))
    small.start()
    assert held.asked.acquire(timeout=20)  # while the large one is at it
    held.go_on.set()
    first.join()
    small.join()
    assert post(LARGE).status_code == 200


class Failing:
    sha256, card = "ab" * 32, None

    def __init__(self, error: Exception) -> None:
        self.error = error

    def predict(self, image: bytes) -> Prediction:
        raise self.error


@pytest.mark.parametrize("error", [OverloadedError("busy"), MemoryError()])
def test_timeouts_and_lack_of_memory_get_503(error: Exception) -> None:
    client = create_app(SETTINGS, Failing(error)).test_client()
    answer = client.post("/api/predict", data=SMALL, content_type="image/png")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0


def batch(client, images: list[bytes]):
    urls = ["data:image/png;base64," + base64.b64encode(image).decode() for image in images]
    return client.post("/api/v1/predict/batch", json={"images": urls})


def test_a_batch_has_one_deadline_and_what_is_left_says_so(monkeypatch) -> None:
    monkeypatch.setattr(api, "BATCH_SECONDS", -1.0)
    answers = batch(create_app(SETTINGS).test_client(), [SMALL, SMALL]).json["answers"]
    assert [one["error"]["code"] for one in answers] == ["overloaded"] * 2
    assert "in a smaller batch" in answers[0]["error"]["message"]


def test_an_image_that_the_server_has_no_time_for_fails_alone() -> None:
    client = create_app(SETTINGS, Failing(OverloadedError("busy"))).test_client()
    assert batch(client, [SMALL]).json["answers"][0]["error"]["code"] == "overloaded"


def test_a_client_that_hung_up_is_noticed() -> None:
    mine, theirs = socket.socketpair()
    request = Request(EnvironBuilder().get_environ() | {"gunicorn.socket": mine})
    check_client(request)
    theirs.sendall(b"GET / HTTP/1.1")
    check_client(request)
    assert mine.recv(100) == b"GET / HTTP/1.1"
    theirs.close()
    with pytest.raises(ClientClosedRequest):
        check_client(request)
    mine.close()
    with pytest.raises(ClientClosedRequest):
        check_client(Request(EnvironBuilder().get_environ() | {"waitress.client_disconnected": lambda: True}))


def test_a_batch_ends_where_its_client_has_hung_up() -> None:
    mine, theirs = socket.socketpair()

    class HangsUp(Failing):
        count = 0

        def predict(self, image: bytes) -> Prediction:
            self.count += 1
            theirs.close()
            raise self.error

    recognizer = HangsUp(OverloadedError("busy"))
    body = json.dumps({"images": ["data:image/png;base64," + base64.b64encode(SMALL).decode()] * 5}).encode()
    environ = EnvironBuilder(
        path="/api/v1/predict/batch", method="POST", content_type="application/json", input_stream=io.BytesIO(body)
    ).get_environ()
    environ |= {"CONTENT_LENGTH": str(len(body)), "gunicorn.socket": mine}
    statuses: list[str] = []
    list(create_app(SETTINGS, recognizer)(environ, lambda status, _headers: statuses.append(status)))
    assert statuses[0].startswith("499")
    assert recognizer.count == 1
    mine.close()


def test_work_is_charged_after_the_answer_and_paid_back_by_time(monkeypatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    limit = WorkLimit("20/minute; 100/hour")
    limit.check("a")
    limit.charge("a", 50.0)  # what a request costs is known when it has been answered
    with pytest.raises(TooManyRequests) as refused:
        limit.check("a")
    assert refused.value.retry_after == 90
    limit.check("b")
    now[0] += 91
    limit.check("a")
    limit.charge("a", 60.0)
    with pytest.raises(TooManyRequests) as refused:
        limit.check("a")
    assert refused.value.retry_after == pytest.approx((110 - 91 / 36 - 100) * 36, abs=120)
    now[0] += 36_000
    limit.charge("b", 0.001)
    assert set(limit._debts) == {"b"}  # who owes nothing is forgotten


def test_a_costly_client_gets_429_and_others_are_answered() -> None:
    class Slow(Failing):
        def predict(self, image: bytes) -> Prediction:
            end = time.thread_time() + 0.05
            while time.thread_time() < end:
                pass
            raise self.error

    app = create_app(SETTINGS | {"DIGITREC_WORK_LIMIT": "1/hour"}, Slow(OverloadedError("busy")))
    post = lambda address: (  # noqa: E731
        app.test_client()
        .post("/api/predict", data=SMALL, content_type="image/png", environ_base={"REMOTE_ADDR": address})
        .status_code
    )
    statuses = [post("192.0.2.1") for _ in range(40)]
    assert statuses[:10] == [503] * 10
    assert statuses[-1] == 429
    assert post("192.0.2.2") == 503


def test_no_limit_on_work_is_none() -> None:
    limit = WorkLimit("")
    limit.charge("a", 10**6)
    limit.check("a")
