"""Servers under test, each in a process of its own on a free port, which end with the block that uses them."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 240  # seconds until one answers; importing Gradio for the first time takes long on a busy machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], url: str, log: Path, environ: Mapping[str, str], cwd: Path = ROOT) -> Iterator[int]:
    """Run a server until the block ends, which begins when it answers at `url`. Yields its process id.

    The environment is this process's, without what could have been meant for another server, and `environ`.
    What it prints is added to `log`.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("DIGITREC_", "GRADIO_", "STREAMLIT_"))}
    with log.open("ab") as console:
        process = subprocess.Popen(command, cwd=cwd, env=clean | environ, stdout=console, stderr=subprocess.STDOUT)
    try:
        wait_until_up(url, process, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers; fail with its log if it ends or never does."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{log.read_text('utf-8')[-3000:]}")


@contextmanager
def web_app(folder: Path, **settings: str) -> Iterator[str]:
    """Serve the web app as in production, its database and its log in `folder`. Yields its address."""
    port = free_port()
    gunicorn = ["gunicorn", "-c", "flask_app/gunicorn.conf.py", "flask_app:create_app()"]
    command = [sys.executable, "-m", *(["flask_app"] if os.name == "nt" else gunicorn)]
    environ = {
        "DIGITREC_PORT": str(port),
        "DIGITREC_LOG_FILE": str(folder / "web.log"),
        "DIGITREC_DATABASE_URL": f"sqlite:///{folder / 'digitrec.db'}",
    }
    url = f"http://127.0.0.1:{port}"
    with serving(command, f"{url}/healthz", folder / "console.txt", environ | settings):
        yield url


@contextmanager
def dashboard(folder: Path, port: int | None = None) -> Iterator[str]:
    """Serve the training dashboard; its runs lie in `folder / "runs"`. Yields its address."""
    port = port or free_port()
    # No other flags: what keeps it on this machine, and to itself, are its own settings.
    command = [sys.executable, "-m", "streamlit", "run", "demos/streamlit_app.py"]
    options = ["--server.port", str(port), "--server.fileWatcherType", "none"]
    data = {k: v for k, v in os.environ.items() if k == "DIGITREC_DATA_DIR"}
    environ = data | {"DIGITREC_RUNS_DIR": str(folder / "runs"), "PYTHONPATH": str(ROOT)}
    url = f"http://127.0.0.1:{port}"
    with serving([*command, *options], f"{url}/_stcore/health", folder / "console.txt", environ):
        yield url
