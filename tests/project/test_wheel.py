"""A wheel carries the model, and predicts in a clean environment far from the checkout, without Keras."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.drawings import drawing, encoded
from tests.support.environments import clean_environ, new_environment, uv

ROOT = Path(__file__).parents[2]


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


def test_the_wheel_predicts_in_a_clean_environment(wheel, tmp_path):
    python = new_environment(tmp_path / "venv", wheel)
    (tmp_path / "four.png").write_bytes(encoded(255 - drawing(4), "PNG"))
    code = (
        "import digitrec, sys; print(digitrec.predict('four.png').digit, digitrec.__file__);"
        " assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    result = subprocess.run(
        [str(python), "-c", code],
        cwd=tmp_path,
        env=clean_environ(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    digit, where = result.stdout.split()
    assert digit == "4"
    assert str(tmp_path) in where
