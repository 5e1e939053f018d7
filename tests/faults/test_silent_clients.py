"""Clients that connect and say nothing, or half of what they have to say, while others use the app."""

import contextlib
import resource
import socket
from collections.abc import Iterator

import pytest

from benchmarks.servers import PRODUCTION
from tests.support.nginx import proxied
from tests.support.under_load import PICTURE, App, running

HEAD = b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
HALVES = [
    b"",
    HEAD,
    HEAD + b"Content-Length: 5000\r\n\r\nabc",
    HEAD + b"Content-Length: 5000000\r\n\r\nabc",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n1000\r\nabc",
]


@pytest.fixture(scope="module", params=PRODUCTION)
def app(request, tmp_path_factory) -> Iterator[App]:
    """Each production server, without a proxy before it."""
    with running(tmp_path_factory.mktemp("silent"), "", command=PRODUCTION[request.param]) as app:
        yield app


def connect(app: App, count: int, said: bytes, room: contextlib.ExitStack) -> list[socket.socket]:
    """Clients that say something, and then nothing more."""
    made = []
    for _ in range(count):
        client = room.enter_context(socket.create_connection(app.address, timeout=60))
        client.sendall(said)
        made.append(client)
    return made


def heard(client: socket.socket) -> bytes:
    """All that a client is told until the server closes the connection."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65_536):
            said += part
    return said


def wait_for_answers(client: socket.socket, count: int) -> None:
    """Read so many answers, none of them an error."""
    said = b""
    while said.count(b'"time_ms"') < count:
        part = client.recv(65_536)
        assert part, said
        said += part
    assert said.count(b'"digit":4') == count


def test_without_a_proxy_a_hundred_silent_clients_keep_nobody_from_an_answer(app: App) -> None:
    with contextlib.ExitStack() as room:
        silent = [client for half in HALVES for client in connect(app, 20, half, room)]
        assert [app.predict() for _ in range(20)] == [200] * 20
        # Each is let go after a while; one that a thread waited for is told why.
        assert {heard(client)[9:12] for client in silent} <= {b"", b"408", b"503"}
        assert app.predict() == 200
    assert "Traceback" not in app.server.log.read_text("utf-8")


def test_clients_that_take_nothing_of_their_answer_keep_nobody_from_one(app: App) -> None:
    with contextlib.ExitStack() as room:
        for _ in range(40):
            client = room.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(app.address)
            client.sendall(b"GET /api/v1/model HTTP/1.1\r\nHost: x\r\n\r\n" * 40)
        assert [app.predict() for _ in range(20)] == [200] * 20


def test_a_client_that_goes_on_in_pieces_is_answered(app: App) -> None:
    whole = HEAD + b"Content-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE
    with socket.create_connection(app.address, timeout=60) as client:
        for _ in range(2):  # on one connection
            for start in range(0, len(whole), len(whole) // 7):
                client.sendall(whole[start : start + len(whole) // 7])
            wait_for_answers(client, 1)
        client.sendall(2 * whole)  # two at once, without waiting for the first answer
        wait_for_answers(client, 2)


def test_behind_the_proxy_1600_half_heads_keep_nobody_from_an_answer(tmp_path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    try:
        with running(tmp_path, "", DIGITREC_TRUSTED_PROXIES="1") as app, contextlib.ExitStack() as room:
            front = App(app.server, room.enter_context(proxied(tmp_path, [app.server.port])))
            silent = connect(front, 1600, HEAD, room)
            assert [front.predict() for _ in range(20)] == [200] * 20
            assert heard(silent[-1]) == b""
            assert front.predict() == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
