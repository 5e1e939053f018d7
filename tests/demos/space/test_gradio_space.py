"""The folder for the Gradio Space: what is in it, and that it works with nothing but what it asks for."""

import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from gradio_client import Client, handle_file

import digitrec
from benchmarks.servers import free_port, serve
from demos.space import assemble, lock
from tests.support.drawings import drawing, encoded
from tests.support.environments import new_environment
from tests.support.gradio_server import LOCAL

ROOT = Path(__file__).parents[3]
MEMORY = 512  # MB, which the smallest hosts give
SECONDS = 2.0  # of computing, from the end of the imports to the first answer


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    folder = tmp_path_factory.mktemp("build")
    assemble.main(["--out", str(folder)])
    return folder / "space-gradio"


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_has_what_serves_and_nothing_that_trains(space):
    there = names(space)
    assert {"README.md", "app.py", "requirements.txt", "LICENSE", "demos/gradio_app.py"} <= there
    assert {"digitrec/__init__.py", "digitrec/models/digitrec.onnx", "digitrec/models/card.json"} <= there
    assert {f"demos/sketchpad/{name}" for name in ("tabs.py", "style.css", "pad.js")} <= there
    assert not [name for name in there if re.search(r"learning|training/|streamlit|\.keras$|__pycache__|/space/", name)]
    assert (space / "digitrec/models/digitrec.onnx").read_bytes() == (ROOT / "models/digitrec.onnx").read_bytes()


def test_front_matter_pins_gradio_and_python(space):
    _, matter, page = (space / "README.md").read_text("utf-8").split("---\n", 2)
    settings = yaml.safe_load(matter)
    pins = lock.read_pins((ROOT / "constraints.txt").read_text("utf-8"))
    assert (settings["sdk"], settings["app_file"]) == ("gradio", "app.py")
    assert settings["sdk_version"] == pins["gradio"]
    assert settings["python_version"] == "3.11"
    assert len(settings["short_description"]) <= 60
    assert "{" not in matter
    assert page.lstrip().startswith("# digitrec")


def test_requirements_are_pinned_as_tested_and_have_no_keras(space):
    lines = (space / "requirements.txt").read_text("utf-8").splitlines()
    pins = lock.read_pins((ROOT / "constraints.txt").read_text("utf-8"))
    assert all(re.fullmatch(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+", line) for line in lines)
    wanted = lock.read_pins("\n".join(lines))
    assert {"gradio", "mcp", "onnxruntime", "numpy", "pillow", "filelock"} <= set(wanted)
    assert "gradio[mcp]==" + pins["gradio"] in lines
    assert wanted.items() <= pins.items()
    assert not {"tensorflow", "keras", "jax", "streamlit", "flask", "plotly", "matplotlib"} & set(wanted)


def test_packages_that_cannot_be_pinned_are_named(tmp_path):
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("pillow==11.0.0\n")
    assert lock.lock(["pillow"], constraints, "3.11") == "pillow==11.0.0\n"
    with pytest.raises(lock.LockError, match=r"constraints\.txt has no version of filelock; `make lock` adds it"):
        lock.lock(["pillow", "filelock"], constraints, "3.11")
    with pytest.raises(lock.LockError, match=r"uv cannot pin the packages: .*filelock"):
        lock.lock(["filelock<1", "filelock>2"], constraints, "3.11")


def test_assembling_again_keeps_the_git_history(tmp_path):
    target = tmp_path / "space-gradio"
    (target / ".git").mkdir(parents=True)
    (target / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (target / "old").mkdir()
    (target / "old" / "file.py").write_text("")
    assemble.assemble_gradio(target)
    assert (target / ".git" / "HEAD").exists()
    assert not (target / "old").exists()


# Tells when the imports have ended, and every host that is asked for from then on.
WATCHED = """
import json, os, runpy, sys, time
import demos.gradio_app
out = open(sys.argv[1], "w", buffering=1)
print(json.dumps([time.time(), time.process_time()]), file=out)
def note(event, args):
    host = args[1][0] if event == "socket.connect" and isinstance(args[1], tuple) else None
    host = args[0] if event == "socket.getaddrinfo" else host
    if host is not None:
        print(host if isinstance(host, str) else host.decode(), file=out)
sys.addaudithook(note)
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.fixture(scope="module")
def python(space, tmp_path_factory):
    """A clean environment with what the Space's requirements.txt asks for, and nothing else."""
    return new_environment(tmp_path_factory.mktemp("clean") / "venv", "--requirement", space / "requirements.txt")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux' /proc")
def test_the_space_answers_in_time_and_memory_with_its_requirements_alone(space, python, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (tmp_path / "four.png").write_bytes(encoded(255 - drawing(4)))
    environ = {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port), "PYTHONPATH": ""}
    environ |= {"GRADIO_TEMP_DIR": str(tmp_path / "files")}
    command = [str(python), "-c", WATCHED, str(tmp_path / "watched.txt")]
    with serve(command, url, tmp_path / "log.txt", environ, cwd=space) as server:
        client = Client(url, verbose=False, download_files=False)
        answer = client.predict(handle_file(str(tmp_path / "four.png")), api_name="/predict")
        first, *hosts = (tmp_path / "watched.txt").read_text("utf-8").splitlines()
        imported, computed = json.loads(first)
        seconds = process_seconds(server.pid) - computed
        megabytes = int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())[1]) / 1000
        wall = time.time() - imported
    expected = digitrec.predict(tmp_path / "four.png")
    np.testing.assert_allclose(answer["probabilities"], expected.probabilities, rtol=0, atol=1e-6)
    assert answer["digit"] == 4
    print(
        f"\nfirst answer {wall:.2f} s after the imports at most, {seconds:.2f} s of computing; peak {megabytes:.0f} MB"
    )
    assert hosts, "the watch slept: the server checks its own address when it starts"
    assert set(hosts) <= LOCAL
    assert megabytes < MEMORY
    # Of computing, because a busy machine makes everybody wait, which says nothing about the Space.
    assert seconds < SECONDS


def process_seconds(pid: int) -> float:
    """Seconds that a process has computed, all threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
