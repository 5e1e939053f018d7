"""Importing does nothing, and serving loads neither Keras nor anything else that is not needed for it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.drawings import drawing, encoded

ROOT = Path(__file__).parents[2]

HEAVY = (
    "keras tensorflow jax torch pandas scipy matplotlib plotly flask gradio streamlit onnx tf2onnx digitrec.learning"
)

PREDICT = f"""
import json, sys
import digitrec
digit = digitrec.predict(sys.argv[1]).digit
loaded = [name for name in {HEAVY.split()} if name in sys.modules]
print(json.dumps([digit, loaded]))
"""

IMPORT = """
import json, logging, os, sys, threading
import numpy, numpy.typing, onnxruntime, PIL.ExifTags, PIL.Image, PIL.ImageOps  # what they do is their own business

class Spy(dict):
    asked = []
    def __getitem__(self, name): self.asked.append(name); return super().__getitem__(name)
    def get(self, name, default=None): self.asked.append(name); return super().get(name, default)
    def __contains__(self, name): self.asked.append(name); return super().__contains__(name)
    def __iter__(self): self.asked.append("all of them"); return super().__iter__()

def state():
    loggers = [str(name) for name in logging.Logger.manager.loggerDict]
    root = logging.getLogger()
    return [len(root.handlers), root.level, logging.root.manager.disable, loggers, threading.active_count()]

opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
os.environ = Spy(os.environ)
before = state()
import digitrec
after = state()
asked, opened = list(Spy.asked), list(opened)
os.getenv("canary")
open(digitrec.__file__).close()
seen = Spy.asked[len(asked):]
print(json.dumps({"asked": asked, "opened": opened, "before": before, "after": after, "seen": seen,
                  "shared": digitrec.recognizer._shared is not None}))
"""


def python(code: str, *arguments: str, cwd: Path) -> Any:
    """Run code in an interpreter of its own, far from the checkout, with warnings as errors. Returns what it prints."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-B", "-W", "error", "-c", code, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_a_prediction_loads_only_what_serves(tmp_path: Path) -> None:
    (tmp_path / "four.png").write_bytes(encoded(255 - drawing(4)))
    digit, loaded = python(PREDICT, "four.png", cwd=tmp_path)
    assert digit == 4
    assert loaded == []


def test_importing_does_nothing(tmp_path: Path) -> None:
    told = python(IMPORT, cwd=tmp_path)
    assert told["seen"] == ["canary"]  # the spy was awake
    assert told["asked"] == []
    assert [path for path in told["opened"] if not path.endswith((".py", ".pyc"))] == []
    assert any("recognizer" in path for path in told["opened"])  # the hook was awake, too
    assert told["before"] == told["after"]
    assert told["shared"] is False


def test_the_top_of_the_package_is_what_it_says(tmp_path: Path) -> None:
    names, public = python(
        "import json, digitrec; print(json.dumps([digitrec.__all__, [n for n in dir(digitrec) if n[0] != '_']]))",
        cwd=tmp_path,
    )
    assert set(names) <= set(public)
    assert set(public) - set(names) == {
        "artifacts",
        "batch",
        "decoding",
        "detection",
        "display",
        "errors",
        "explanation",
        "files",
        "forks",
        "ink",
        "prediction",
        "reader",
        "recognizer",
        "sheets",
    }  # the modules, and nothing by accident


SERVE = (
    """
import base64, json, sys
unpickled = []
sys.addaudithook(lambda event, args: unpickled.append(args) if event == "pickle.find_class" else None)
from flask_app import create_app
app = create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_LOG_LEVEL": "ERROR", "DIGITREC_DATABASE_URL": "sqlite:///kept.db"})
client = app.test_client()
with open("four.png", "rb") as file:
    picture = file.read()
url = "data:image/png;base64," + base64.b64encode(picture).decode()
statuses = [
    client.post("/api/v1/predict?model_input=1", data=picture, content_type="image/png").status_code,
    client.post("/api/v1/predict/batch", json={"images": [url]}).status_code,
    client.post("/api/v1/feedback", json={"image": url, "label": 4, "key": "k", "keep_drawing": True}).status_code,
    *(client.get(path).status_code for path in ("/", "/docs", "/openapi.json", "/api/v1/model", "/healthz", "/readyz")),
]
answers = len(unpickled)
import collections, pickle
pickle.loads(pickle.dumps(collections.Counter))
"""
    + f"""
loaded = [name for name in {[name for name in HEAVY.split() if name != "flask"]} if name in sys.modules]
print(json.dumps([statuses, loaded, answers, len(unpickled)]))
"""
)


def test_serving_unpickles_nothing_and_loads_nothing_that_trains(tmp_path: Path) -> None:
    """No request, model or correction can bring code along: nothing is unpickled, Keras is not there."""
    (tmp_path / "four.png").write_bytes(encoded(255 - drawing(4)))
    statuses, loaded, unpickled, with_one_more = python(SERVE, cwd=tmp_path)
    assert statuses == [200, 200, 201] + [200] * 6
    assert loaded == []
    assert unpickled == 0
    assert with_one_more == 1  # the hook was awake
