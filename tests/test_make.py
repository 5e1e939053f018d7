"""`make serve` as a newcomer types it: a copy of the project, an empty home, nothing installed."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.drawings import drawing, encoded
from tests.servers import free_port

ROOT = Path(__file__).parents[1]
PATIENCE = 400  # seconds until the server answers: the packages are installed first


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


def answer_of(server: subprocess.Popen, port: int) -> dict:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/predict", encoded(255 - drawing(4), "PNG"), {"Content-Type": "image/png"}
    )
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the server never answered")


def test_make_serve_answers_a_drawn_digit(copy, tmp_path):
    port = free_port()
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DIGITREC_", "VIRTUAL_ENV"))
    }
    (tmp_path / "home").mkdir()
    clean |= {"HOME": str(tmp_path / "home"), "DIGITREC_PORT": str(port)}
    with (tmp_path / "serve.log").open("w") as log:
        # A session of its own, so that make and all that it started can be ended together.
        server = subprocess.Popen(
            ["make", "serve"], cwd=copy, env=clean, stdout=log, stderr=log, start_new_session=True
        )
    try:
        assert answer_of(server, port)["digit"] == 4, (tmp_path / "serve.log").read_text()
        installed = {
            path.name.split("-")[0].lower() for path in (copy / ".venv").glob("lib/*/site-packages/*.dist-info")
        }
        assert {"flask", "onnxruntime"} <= installed
        assert not {"tensorflow", "keras", "pandas"} & installed  # the web extra alone is enough
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
