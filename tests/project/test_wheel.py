"""A wheel carries the models, and predicts and serves in a clean environment far from the checkout, without Keras."""

import json
import subprocess
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from benchmarks.servers import free_port
from tests.support.drawings import drawing, encoded
from tests.support.environments import clean_environ, new_environment, uv

ROOT = Path(__file__).parents[2]

PATIENCE = 600
"""Times that a server is asked until it answers; a tenth of a second lies between."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--quiet", "--wheel", "--out-dir", folder, ROOT)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_the_model_and_the_page(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "digitrec/models/digitrec.onnx" in names
    assert "digitrec/models/card.json" in names
    assert "digitrec/py.typed" in names
    assert "flask_app/templates/index.html" in names
    assert "demos/streamlit_app.py" in names
    assert "demos/.streamlit/config.toml" in names
    assert "demos/sketchpad/pad.js" in names
    assert any(name.startswith("flask_app/static/") for name in names)
    assert "flask_app/corrections/migrations/versions/0001_corrections.py" in names
    assert not [name for name in names if name.startswith(("tests/", "runs/", "benchmarks/", "demos/space/"))]


def test_the_wheel_has_every_model_that_serves(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for model in (ROOT / "models").glob("*.onnx"):
        assert f"digitrec/models/{model.name}" in names


class Environment:
    """A virtual environment far from the checkout, with the wheel and nothing of the test run around it."""

    def __init__(self, folder, *requirements):
        self.folder = folder
        self.python = new_environment(folder / "venv", *requirements)
        self.environ = clean_environ(folder)
        (folder / "four.png").write_bytes(encoded(255 - drawing(4), "PNG"))

    def run(self, *arguments):
        """Run `digitrec arguments`, or Python with `-c`; returns the finished process."""
        program = [self.python] if arguments[0] == "-c" else [self.python.with_name("digitrec")]
        return subprocess.run(
            [*map(str, program), *arguments], cwd=self.folder, env=self.environ, capture_output=True, text=True
        )


@pytest.fixture(scope="module")
def base(wheel, tmp_path_factory):
    """An environment with the base package alone."""
    return Environment(tmp_path_factory.mktemp("base"), wheel)


def test_the_wheel_predicts_in_a_clean_environment(base):
    code = (
        "import digitrec, sys; print(digitrec.predict('four.png').digit, digitrec.__file__);"
        " assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    digit, where = base.run("-c", code).stdout.split()
    assert digit == "4"
    assert str(base.folder) in where


def test_the_command_predicts_with_the_base_package_alone(base):
    done = base.run("predict", "four.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("four.png: 4, ")
    (base.folder / "drawings").mkdir()
    (base.folder / "drawings" / "seven.png").write_bytes(encoded(255 - drawing(7), "PNG"))
    assert base.run("predict", "drawings", "--out", "answers.csv").returncode == 0
    assert (base.folder / "answers.csv").read_text().splitlines()[1].startswith("drawings/seven.png,7,")
    assert "99." in base.run("model").stdout


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("serve", "web"),
        ("train", "train"),
        ("evaluate", "train"),
        ("export", "train"),
        ("demo", "demos"),
        ("dashboard", "demos,train"),
    ],
)
def test_a_command_names_the_extra_that_it_lacks(base, command, extra):
    done = base.run(command)
    assert done.returncode == 1
    assert done.stderr.endswith(f'python -m pip install "digitrec[{extra}]"\n')
    assert len(done.stderr.splitlines()) == 1


def test_help_needs_no_extra(base):
    done = base.run("--help")
    assert done.returncode == 0
    assert "  serve " in done.stdout


def test_the_wheel_serves_in_a_clean_environment(wheel, tmp_path):
    environment = Environment(tmp_path, f"digitrec[web] @ {wheel.as_uri()}")
    port = free_port()
    command = [str(environment.python.with_name("digitrec")), "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment.environ, stderr=subprocess.DEVNULL)
    try:
        answer = None
        for _ in range(PATIENCE):
            assert server.poll() is None
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1/predict",
                (tmp_path / "four.png").read_bytes(),
                {"Content-Type": "image/png"},
            )
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    answer = json.load(response)
                break
            except OSError:
                time.sleep(0.1)
        assert answer is not None
        assert answer["digit"] == 4
    finally:
        server.terminate()
        assert server.wait(30) == 0
