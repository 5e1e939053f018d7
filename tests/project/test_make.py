"""What a newcomer types, make serve or demo or dashboard or space: in a copy of the project, with nothing installed.

All but the first take minutes, for they install a lot; they are left out with -m "not slow".
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

from tests.support.drawings import drawing, encoded
from tests.support.servers import free_port

ROOT = Path(__file__).parents[2]
LOG = "make.log"
PATIENCE = 500  # seconds until the server answers: the packages are installed first


@pytest.fixture
def copy(tmp_path):
    """The files that git knows or would take, and nothing that was built or installed."""
    if os.name != "posix" or not shutil.which("make") or not shutil.which("git"):
        pytest.skip("needs make, git and a POSIX system")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "copy" / name)
    return tmp_path / "copy"


@contextlib.contextmanager
def made(copy: Path, *words: str, **environ: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run make until the block ends. Yields its process."""
    strange = ("PYTHON", "DIGITREC_", "VIRTUAL_ENV", "GRADIO_", "STREAMLIT_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    home = copy.parent / "home"
    home.mkdir()
    with (copy.parent / LOG).open("w") as console:
        # A session of its own, so that make and all that it started can be ended together.
        process = subprocess.Popen(
            ["make", *words],
            cwd=copy,
            env=clean | {"HOME": str(home)} | environ,
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


def fetched(copy: Path, process: "subprocess.Popen[bytes]", request: urllib.request.Request | str) -> bytes:
    """What the server answers that make starts, as soon as it does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return bytes(response.read())
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"the server never answered:\n{(copy.parent / LOG).read_text()[-3000:]}")


def installed(copy: Path) -> set[str]:
    return {path.name.split("-")[0].lower() for path in (copy / ".venv").glob("lib/*/site-packages/*.dist-info")}


def test_make_serve_answers_a_drawn_digit(copy):
    port = free_port()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/predict", encoded(255 - drawing(4), "PNG"), {"Content-Type": "image/png"}
    )
    with made(copy, "serve", DIGITREC_PORT=str(port)) as process:
        assert json.loads(fetched(copy, process, request))["digit"] == 4
    assert {"flask", "onnxruntime"} <= installed(copy)
    assert not {"tensorflow", "keras", "pandas"} & installed(copy)  # the web extra alone is enough


@pytest.mark.slow
def test_make_demo_answers_a_drawn_digit(copy, tmp_path):
    url = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "four.png").write_bytes(encoded(255 - drawing(4), "PNG"))
    with made(copy, "demo", f"ARGS=--port {url.rpartition(':')[2]}") as process:
        fetched(copy, process, url)
        client = Client(url, verbose=False, analytics_enabled=False)
        assert client.predict(handle_file(str(tmp_path / "four.png")), api_name="/predict")["digit"] == 4
        client.close()
    assert not {"tensorflow", "keras"} & installed(copy)  # nothing is trained here


@pytest.mark.slow
def test_make_dashboard_opens(copy):
    url = f"http://127.0.0.1:{free_port()}"
    with made(copy, "dashboard", f"ARGS=--server.port {url.rpartition(':')[2]}") as process:
        assert fetched(copy, process, f"{url}/_stcore/health") == b"ok"
        assert b"<title>" in fetched(copy, process, url)
    assert {"tensorflow", "streamlit"} <= installed(copy)


@pytest.mark.slow
def test_make_space_builds_both_folders(copy):
    with made(copy, "space") as process:
        assert process.wait(PATIENCE) == 0, (copy.parent / LOG).read_text()[-3000:]
    for name in ("space-gradio/app.py", "space-flask/Dockerfile"):
        assert (copy / "build" / name).is_file()
    assert not {"tensorflow", "keras"} & installed(copy)
