"""Starting servers for the benchmarks and the tests."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.servers import PORTS, free_port, serve

HTTP_SERVER = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"]


def test_ports_are_different_and_free() -> None:
    with ThreadPoolExecutor(8) as pool:
        ports = list(pool.map(lambda _: free_port(), range(50)))
    assert len(set(ports)) == 50
    assert set(ports) <= set(PORTS)
    for port in ports:
        with socket.socket() as server:
            server.bind(("127.0.0.1", port))


def test_a_port_in_use_is_not_given_away(monkeypatch) -> None:
    with socket.socket() as server:
        port = free_port()
        server.bind(("127.0.0.1", port))
        monkeypatch.setattr("benchmarks.servers.PORTS", range(port, port + 2, 2))
        with pytest.raises(RuntimeError, match="is free"):
            free_port()


def test_a_server_runs_until_the_block_ends(tmp_path) -> None:
    port = free_port()
    with serve([*HTTP_SERVER, str(port)], f"http://127.0.0.1:{port}", tmp_path / "log.txt", {}, cwd=tmp_path) as server:
        assert server.port == port
        assert server.process.poll() is None
    assert server.process.poll() is not None


def test_a_server_that_does_not_start_fails_with_its_log(tmp_path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no room')"]
    with (
        pytest.raises(RuntimeError, match="did not answer:\nno room"),
        serve(command, f"http://127.0.0.1:{free_port()}", tmp_path / "log.txt", {}),
    ):
        pytest.fail("it never answered")
