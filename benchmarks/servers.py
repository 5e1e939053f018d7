"""Servers in processes of their own, each on a free port: for the benchmarks, and for the tests."""

import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB_APP = "flask_app:create_app()"
GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "flask_app/gunicorn.conf.py")
"""How docs/deploy.md starts the web app; the app's name follows."""

PRODUCTION = {"gunicorn": (*GUNICORN, WEB_APP), "waitress": (sys.executable, "-m", "flask_app")}
"""How the web app is started in production, by the name of the server."""

START_SECONDS = 240
"""Until a server answers. Importing Gradio for the first time takes long on a busy machine."""

PORTS = range(20_000, 32_700, 2)
"""Systems give ports to outgoing connections from 32768 up, so none of these is taken by one."""

_guards: list[socket.socket] = []


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        url: Its address, without a slash at the end.
        process: The process that was started.
        log: The file that it prints to.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The process id; gunicorn's master."""
        return self.process.pid

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])


def free_port() -> int:
    """Find a port that nothing listens on, and that no other process gets from this function.

    The port after it is bound, and stays so until this process ends: that marks the pair as taken.

    Raises:
        RuntimeError: All ports are taken.
    """
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        guard = socket.socket()
        try:
            guard.bind(("127.0.0.1", port + 1))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            guard.close()
            continue
        _guards.append(guard)
        return port
    raise RuntimeError(f"no port from {PORTS[0]} to {PORTS[-1]} is free; end the servers that nobody needs any more")


@contextmanager
def serve(
    command: Sequence[str], url: str, log: Path, environ: Mapping[str, str], *, ready: str = "/", cwd: Path = ROOT
) -> Iterator[Server]:
    """Run a server until the block ends, which begins when the server answers.

    Args:
        command: What starts it, in the foreground.
        url: Its address, without a slash at the end.
        log: What it prints is added to this file.
        environ: Its environment is this process's, without what may have been meant for another server, and these.
        ready: The path to ask until it answers. That there is no such page is an answer too.
        cwd: Its working directory.

    Raises:
        RuntimeError: It ended, or did not answer in time; the message has the end of its log.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("DIGITREC_", "GRADIO_", "STREAMLIT_"))}
    with log.open("ab") as console:
        process = subprocess.Popen(command, cwd=cwd, env={**clean, **environ}, stdout=console, stderr=console)
    server = Server(url, process, log)
    try:
        _wait_for(server, ready)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serve_web_app(folder: Path, command: Sequence[str] = PRODUCTION["gunicorn"], **settings: str) -> Iterator[Server]:
    """Serve the web app, as in production, until the block ends.

    Args:
        folder: Where its database and its console's log are, unless settings say otherwise. It must exist.
        command: What starts it.
        settings: `DIGITREC_` variables.

    Raises:
        RuntimeError: It did not start.
    """
    port = free_port()
    environ = {
        "DIGITREC_PORT": str(port),
        "DIGITREC_LOG_FILE": "",
        "DIGITREC_DATABASE_URL": f"sqlite:///{folder / 'digitrec.db'}",
    }
    url, log = f"http://127.0.0.1:{port}", folder / f"console-{port}.txt"
    with serve(command, url, log, environ | settings, ready="/healthz") as server:
        yield server


def _wait_for(server: Server, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(server.url + path, timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                return
            time.sleep(0.05)
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{server.url} did not answer:\n{server.log.read_text('utf-8', 'replace')[-3000:]}")
