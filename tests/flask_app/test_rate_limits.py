"""How often a client may ask, who a client is, and where it is counted."""

import os
import shutil
import subprocess
import threading
import time

import pytest

from benchmarks.servers import free_port
from flask_app import ConfigError, create_app
from flask_app.rate_limits import SweptMemoryStorage
from tests.flask_app.test_api import AlwaysSeven
from tests.support.drawings import drawing, encoded

FEW = {"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": "", "DIGITREC_PREDICT_LIMIT": "3/hour"}
PICTURE = encoded(drawing(7))


def statuses(client, count: int, address: str = "192.0.2.1", path: str = "/api/predict") -> list[int]:
    send = {"data": PICTURE, "content_type": "image/png", "environ_base": {"REMOTE_ADDR": address}}
    return [client.post(path, **send).status_code for _ in range(count)]


@pytest.fixture
def client():
    return create_app(FEW, AlwaysSeven()).test_client()


def test_429_names_the_seconds_to_wait(client) -> None:
    assert statuses(client, 4) == [200, 200, 200, 429]
    response = client.post("/api/predict", data=PICTURE, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert response.json["error"]["code"] == "too_many_requests"
    assert response.json["error"]["message"].startswith("Too many requests")
    assert 1 <= int(response.headers["Retry-After"]) <= 3600
    assert statuses(client, 1, "192.0.2.2") == [200]
    assert "Retry-After" not in client.get("/api/v1/model").headers
    assert client.get("/healthz", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_both_addresses_of_the_api_count_together(client) -> None:
    assert statuses(client, 2) + statuses(client, 2, path="/api/v1/predict") == [200, 200, 200, 429]


def test_a_household_of_ipv6_is_one_client(client) -> None:
    assert statuses(client, 3, "2001:db8:1:2::1") == [200] * 3
    assert statuses(client, 1, "2001:db8:1:2:ffff::9") == [429]
    assert statuses(client, 1, "2001:db8:1:3::1") == [200]


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("192.0.2.1:4711", "192.0.2.2:4711"),
        ("[2001:db8::1]:4711", "[2001:db8:0:1::1]:4711"),
        ("[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1"),
    ],
)
def test_addresses_are_known_however_they_are_written(client, one: str, another: str) -> None:
    assert statuses(client, 3, one) == [200] * 3
    assert statuses(client, 1, one.replace(":4711", ":4712")) == [429]
    assert statuses(client, 1, another) == [200]


def test_two_apps_count_clients_independently() -> None:
    for _ in range(2):
        assert statuses(create_app(FEW, AlwaysSeven()).test_client(), 3) == [200] * 3


def test_counting_starts_no_thread(client, monkeypatch) -> None:
    def start(thread: threading.Thread) -> None:
        pytest.fail(f"{thread} was started")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert statuses(client, 4) == [200, 200, 200, 429]


def test_what_has_expired_is_forgotten() -> None:
    storage = SweptMemoryStorage()
    storage.incr("gone", -1)
    storage.incr("there", 60)
    assert set(storage.storage) == {"gone", "there"}
    storage.next_sweep = 0.0
    storage.incr("there", 60)
    assert dict(storage.storage) == {"there": 2}
    assert storage.next_sweep > time.monotonic()


def test_no_limit_is_no_limit() -> None:
    client = create_app({**FEW, "DIGITREC_PREDICT_LIMIT": ""}, AlwaysSeven()).test_client()
    assert set(statuses(client, 50)) == {200}


def test_a_client_cannot_pass_for_others_unless_a_trusted_proxy_says_so() -> None:
    asked = {"data": PICTURE, "content_type": "image/png"}
    for proxies, last in ((0, 429), (1, 200)):
        client = create_app({**FEW, "DIGITREC_TRUSTED_PROXIES": proxies}, AlwaysSeven()).test_client()
        for i in range(4):
            response = client.post("/api/predict", headers={"X-Forwarded-For": f"192.0.2.{i}"}, **asked)
        assert response.status_code == last


def test_a_place_that_is_none_stops_the_start() -> None:
    with pytest.raises(ConfigError, match=r"DIGITREC_LIMITS_URL is .paper://desk.; it must be memory"):
        create_app({**FEW, "DIGITREC_LIMITS_URL": "paper://desk"}, AlwaysSeven())


@pytest.fixture
def redis(tmp_path):
    """The address of a Redis, and the process."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is not installed; CI must count in it", pytrace=False)
        pytest.skip("redis-server is not installed")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    import redis

    with redis.Redis(port=port) as asked:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                asked.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0", process
    process.terminate()
    process.wait(10)


def test_replicas_count_together_in_redis_and_separately_without_it(redis) -> None:
    url, process = redis
    one, two = (create_app({**FEW, "DIGITREC_LIMITS_URL": url}, AlwaysSeven()).test_client() for _ in range(2))
    assert statuses(one, 2) + statuses(two, 2) == [200, 200, 200, 429]
    process.terminate()
    process.wait(10)
    assert statuses(two, 4) == [200, 200, 200, 429]
