"""The folder for the Docker Space: its Dockerfile's own commands, in order, in a clean folder, not as root.

What they install with pip, uv installs here from its cache: the same versions, as each is pinned.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml

import digitrec
from benchmarks.servers import free_port
from demos.space import assemble, lock
from tests.support.drawings import drawing, encoded
from tests.support.environments import uv

ROOT = Path(__file__).parents[3]
MEMORY = 512  # MB, which the smallest hosts give
UID = 1000  # as whom Spaces run


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that another user can reach, which pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="digitrec-docker-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def space(place):
    assemble.main(["--out", str(place / "build")])
    return place / "build" / "space-flask"


def test_the_docker_space_can_be_assembled_alone(tmp_path):
    assemble.main(["--out", str(tmp_path), "--only", "space-flask"])
    assert [folder.name for folder in tmp_path.iterdir()] == ["space-flask"]


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """The Dockerfile as pairs of a word and what follows it."""
    text = re.sub(r"\\\n", " ", dockerfile.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in lines]


def test_the_folder_has_what_serves_and_nothing_that_trains(space):
    there = {path.relative_to(space).as_posix() for path in space.rglob("*") if path.is_file()}
    assert {"Dockerfile", "README.md", "requirements.txt", "LICENSE", "digitrec/models/digitrec.onnx"} <= there
    assert {"flask_app/__init__.py", "flask_app/gunicorn.conf.py", "flask_app/templates/index.html"} <= there
    assert "flask_app/corrections/migrations/versions/0001_corrections.py" in there
    assert not [name for name in there if re.search(r"learning|^training/|streamlit|gradio|\.keras$|__pycache__", name)]
    lines = (space / "requirements.txt").read_text("utf-8").splitlines()
    pins = lock.read_pins((ROOT / "constraints.txt").read_text("utf-8"))
    assert all(re.fullmatch(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+", line) for line in lines)
    wanted = lock.read_pins("\n".join(lines))
    assert {"flask", "gunicorn", "onnxruntime", "sqlalchemy", "alembic"} <= set(wanted)
    assert wanted.items() <= pins.items()
    assert not {"tensorflow", "keras", "jax", "gradio", "streamlit", "plotly"} & set(wanted)


def test_front_matter_and_dockerfile_agree(space):
    settings = yaml.safe_load((space / "README.md").read_text("utf-8").split("---\n")[1])
    assert settings["sdk"] == "docker"
    assert len(settings["short_description"]) <= 60
    steps = instructions(space / "Dockerfile")
    assert ("EXPOSE", str(settings["app_port"])) in steps
    assert any(word == "ENV" and f" PORT={settings['app_port']} " in rest for word, rest in steps)
    # Hugging Face shows a Space in a frame of its own page.
    assert any(word == "ENV" and " DIGITREC_FRAME_ANCESTORS=https://huggingface.co " in rest for word, rest in steps)
    assert ("FROM", "python:3.11-slim") in steps
    (health,) = [rest for word, rest in steps if word == "HEALTHCHECK"]
    assert 'e["PORT"]}/healthz' in json.loads(health.split("CMD", 1)[1])[2]


def python_for_all() -> Path:
    """A Python that another user can run too: this one, unless it lies in somebody's home, or the system's."""
    for found in (Path(sys.base_prefix) / "bin" / "python3", Path("/usr/local/bin/python3"), Path("/usr/bin/python3")):
        path = found.resolve()
        if path.exists() and all(folder.stat().st_mode & 0o001 for folder in path.parents):
            return path
    pytest.fail("no Python on this machine can be run by another user than root")


class Container:
    """What Docker does with a Dockerfile, as far as this one needs it, below a folder and without its root."""

    def __init__(self, space: Path, root: Path, port: int) -> None:
        self.space, self.root, self.folder = space, root, root
        self.user: dict[str, int] = {}
        self.health: list[str] = []
        self.command: list[str] = []
        # The image's own Python comes first on its path.
        image = root / "image" / "bin"
        image.mkdir(parents=True)
        (image / "python").symlink_to(python_for_all())
        self.environ = {"PATH": f"{image}:/usr/bin:/bin", "LANG": "C.UTF-8"}
        for word, rest in instructions(space / "Dockerfile"):
            getattr(self, "_" + word.lower())(rest.replace("7860", str(port)))

    def run(self, command: list[str], **options):
        return subprocess.Popen(command, cwd=self.folder, env=self.environ, **self.user, **options)

    def _from(self, rest: str) -> None:
        assert rest.startswith("python:")

    def _expose(self, rest: str) -> None:
        pass

    def _user(self, rest: str) -> None:
        assert rest == "user"
        if os.geteuid() == 0:
            self.user = {"user": UID, "group": UID}
        home = self._inside("/home/user")
        home.mkdir(parents=True)
        if self.user:
            os.chown(home, UID, UID)

    def _inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _env(self, rest: str) -> None:
        for pair in shlex.split(rest):
            name, _, value = pair.partition("=")
            value = value.replace("/home/user", str(self._inside("/home/user")))
            self.environ[name] = value.replace("$PATH", self.environ["PATH"])

    def _workdir(self, rest: str) -> None:
        self.folder = self._inside(rest)
        self.folder.mkdir(parents=True)
        if self.user:  # as Docker's builder does for the user that builds
            os.chown(self.folder, UID, UID)

    def _copy(self, rest: str) -> None:
        owner, source, target = rest.split()
        assert (owner, target) == ("--chown=user", ".")
        if source == ".":
            shutil.copytree(self.space, self.folder, dirs_exist_ok=True)
        else:
            shutil.copy(self.space / source, self.folder)
        self._give_to_user(self.folder)

    def _give_to_user(self, folder: Path) -> None:
        for path in (folder, *folder.rglob("*")):
            if self.user:
                os.chown(path, UID, UID, follow_symlinks=False)

    def _run(self, rest: str) -> None:
        if not self.environ.get("HOME"):
            assert rest == f"useradd --create-home --uid {UID} user"  # which needs the container's root
            return
        environment = self._inside("/home/user/venv")
        if rest == "python -m venv /home/user/venv":
            uv("venv", "--quiet", "--python", self.root / "image" / "bin" / "python", environment)
        else:
            assert rest == "pip install --no-cache-dir -r requirements.txt"
            # Not linked to the cache, whose files would get another owner too.
            install = ["pip", "install", "--quiet", "--link-mode", "copy", "--python", environment / "bin" / "python"]
            uv(*install, "-r", self.folder / "requirements.txt")
        self._give_to_user(environment)

    def _healthcheck(self, rest: str) -> None:
        self.health = json.loads(rest.split("CMD", 1)[1])

    def _cmd(self, rest: str) -> None:
        self.command = json.loads(rest)


def peak_megabytes(leader: int) -> float:
    """The most memory that the processes of a session have taken, each at its own peak."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            session = int((status.parent / "stat").read_text().rsplit(")", 1)[1].split()[3])
            if session == leader:
                total += int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])
        except (OSError, TypeError):
            continue
    return total / 1000


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux' /proc")
def test_the_dockerfiles_commands_serve_the_app_and_not_as_root(space, place):
    port = free_port()
    container = Container(space, place / "root", port)
    container.environ["DIGITREC_HOST"] = "127.0.0.1"  # of a test, nobody else need know
    url = f"http://127.0.0.1:{port}"
    log = place / "log.txt"
    started = time.monotonic()
    with log.open("wb") as console:
        server = container.run(container.command, stdout=console, stderr=console, start_new_session=True)
    try:
        picture = encoded(255 - drawing(4))
        request = urllib.request.Request(f"{url}/api/predict", picture, {"Content-Type": "image/png"})
        answer = None
        while answer is None:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() - started < 60, log.read_text()
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    answer = json.load(response)
            except OSError:
                time.sleep(0.05)
        seconds = time.monotonic() - started
        health = container.run(container.health)
        assert health.wait(20) == 0
        megabytes = peak_megabytes(server.pid)
        owner = Path(f"/proc/{server.pid}").stat().st_uid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    print(f"\nfirst answer {seconds:.2f} s after the start, imports included; peak {megabytes:.0f} MB")
    np.testing.assert_allclose(answer["probabilities"], digitrec.predict(picture).probabilities, rtol=0, atol=1e-6)
    assert owner == (UID if os.geteuid() == 0 else os.geteuid())
    assert owner != 0
    assert 0 < megabytes < MEMORY
    assert health.args == container.health
    refused = container.run(container.health)
    assert refused.wait(20) != 0, "the health check must notice that the server is gone"
