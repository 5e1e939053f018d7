"""What a newcomer types, make serve or demo or space or dashboard: in a copy of the project, with nothing installed.

The targets share the copy and its .venv, as a newcomer's do. So each is checked for what it adds to them.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from benchmarks.servers import free_port
from demos.browser.packages import INSTALLED
from tests.support.drawings import drawing, encoded
from tests.support.environments import clean_environ

ROOT = Path(__file__).parents[2]
PATIENCE = 500  # seconds until the server answers: the packages are installed first
KERAS = {"tensorflow", "keras"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git knows or would add, and nothing that was built or installed."""
    if os.name != "posix" or not shutil.which("make") or not shutil.which("git"):
        pytest.skip("needs make, git and a POSIX system")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    folder = tmp_path_factory.mktemp("make") / "copy"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    # Where the checkout has what comes from npm, it is neither installed nor packed a second time.
    modules = Path("demos/browser/node_modules")
    if (ROOT / modules / INSTALLED).exists():
        (folder / modules).symlink_to(ROOT / modules)
    return folder


@contextlib.contextmanager
def running_make(copy: Path, log: Path, *words: str, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run make, with an empty home directory, until the block ends. Yields its process."""
    home = log.parent / "home"
    home.mkdir()
    with log.open("w") as console:
        # A session of its own, so that make and all that it started can be ended together.
        process = subprocess.Popen(
            ["make", *words],
            cwd=copy,
            env=clean_environ(home, **settings),
            stdout=console,
            stderr=console,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def first_answer(process: "subprocess.Popen[bytes]", log: Path, request: urllib.request.Request | str) -> bytes:
    """What the server that make starts answers, as soon as it does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return bytes(response.read())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server never answered:\n{log.read_text()[-3000:]}")


def installed(copy: Path) -> set[str]:
    return {path.name.split("-")[0].lower() for path in (copy / ".venv").glob("lib/*/site-packages/*.dist-info")}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "make.log"


def test_make_serve_answers_a_drawn_digit(copy, log):
    before = installed(copy)
    port = free_port()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/predict", encoded(255 - drawing(4), "PNG"), {"Content-Type": "image/png"}
    )
    with running_make(copy, log, "serve", DIGITREC_PORT=str(port)) as process:
        assert json.loads(first_answer(process, log, request))["digit"] == 4
    assert {"flask", "onnxruntime"} <= installed(copy)
    assert not (KERAS | {"pandas"}) & (installed(copy) - before)  # the web extra alone is enough


@pytest.mark.slow
def test_make_demo_answers_a_drawn_digit(copy, log, tmp_path):
    before = installed(copy)
    url = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "four.png").write_bytes(encoded(255 - drawing(4), "PNG"))
    with running_make(copy, log, "demo", f"ARGS=--port {url.rpartition(':')[2]}") as process:
        first_answer(process, log, url)
        client = Client(url, verbose=False, analytics_enabled=False)
        assert client.predict(handle_file(str(tmp_path / "four.png")), api_name="/predict")["digit"] == 4
        client.close()
    assert not KERAS & (installed(copy) - before)  # nothing is trained here


@pytest.mark.slow
def test_make_space_builds_both_folders(copy, log):
    before = installed(copy)
    with running_make(copy, log, "space") as process:
        assert process.wait(PATIENCE) == 0, log.read_text()[-3000:]
    for name in ("space-gradio/app.py", "space-flask/Dockerfile"):
        assert (copy / "build" / name).is_file()
    assert not KERAS & (installed(copy) - before)


@pytest.mark.slow
def test_make_dashboard_opens(copy, log):
    url = f"http://127.0.0.1:{free_port()}"
    with running_make(copy, log, "dashboard", f"ARGS=--server.port {url.rpartition(':')[2]}") as process:
        assert first_answer(process, log, f"{url}/_stcore/health") == b"ok"
        assert b"<title>" in first_answer(process, log, url)
    assert {"tensorflow", "streamlit"} <= installed(copy)
