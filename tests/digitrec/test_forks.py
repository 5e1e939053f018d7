"""A process forked while other threads predict, load or explain answers as they do; so does one forked in between."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

SCRIPT = """
import importlib, io, os, signal, sys, threading
import numpy as np
from PIL import Image
import digitrec
from digitrec.decoding import helper

page = np.full((60, 60), 255, np.uint8)
page[10:50, 28:33] = 0
file = io.BytesIO()
Image.fromarray(page).save(file, "TIFF")
{before}
module = importlib.import_module({module!r})
target = {target}
original = getattr(target, {name!r})
held, over = threading.Event(), threading.Event()

def wait(*arguments, **options):
    if threading.current_thread() is thread:
        held.set()
        over.wait()
    return original(*arguments, **options)

def ask():
    return {question}

setattr(target, {name!r}, wait)
thread = threading.Thread(target=ask)
thread.start()
held.wait()
child = os.fork()
if not child:
    signal.alarm(30)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    ask()
    os._exit(0)
status = os.waitpid(child, 0)[1]
over.set()
thread.join()
ask()
print(status)
"""

HELD = {
    "while ink is found": ("digitrec.recognizer", "module", "ink_from_pixels", "digitrec.predict(page)"),
    "while the model is loaded": ("digitrec.recognizer", "module", "Recognizer", "digitrec.predict(page)"),
    "while what explains is loaded": (
        "digitrec.explanation.explainer",
        "module",
        "Explainer",
        "digitrec.explain(page)",
    ),
    "while a file is decoded": (
        "digitrec.decoding.helper",
        "module._Turns",
        "_decode",
        "digitrec.predict(file.getvalue())",
    ),
}


def run(script: str) -> str:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("when", HELD)
def test_a_process_forked_while_another_thread_is_at_it_answers(when: str) -> None:
    module, target, name, question = HELD[when]
    before = "" if "loaded" in when else "digitrec.predict(page)"
    script = SCRIPT.format(module=module, target=target, name=name, question=question, before=before)
    assert run(script) == "0"


GRAPHS = """
import os, signal, threading, time
from digitrec import forks
forks.LIMIT_SECONDS = {limit}

held, over, order = threading.Event(), threading.Event(), []
waiting = threading.Event()
os.register_at_fork(before=waiting.set)  # the last one registered is the first that is called

def stay():
    with forks.in_a_graph:
        held.set()
        over.wait()
        order.append("graph")

def go_on():
    waiting.wait()
    if {ends}:
        over.set()

threads = [threading.Thread(target=stay), threading.Thread(target=go_on)]
for thread in threads:
    thread.start()
held.wait()
child = os.fork()
order.append("fork")
if not child:
    signal.alarm(30)
    with forks.in_a_graph:
        os._exit(0)
status = os.waitpid(child, 0)[1]
over.set()
for thread in threads:
    thread.join()
with forks.in_a_graph:
    print(status, *order)
"""


def test_a_fork_waits_until_no_thread_is_in_a_graph() -> None:
    """What ONNX Runtime holds there, no new process could free."""
    assert run(GRAPHS.format(limit=60, ends=True)) == "0 graph fork"


def test_it_does_not_wait_for_ever() -> None:
    assert run(GRAPHS.format(limit=0.05, ends=False)) == "0 fork graph"


def test_a_thread_that_forks_within_keeps_what_it_holds() -> None:
    """As the handler of a signal may, wherever its thread is."""
    script = (
        "import os\nfrom digitrec import forks\nlock = forks.ForkableLock()\n"
        "with lock, forks.in_a_graph:\n    child = os.fork()\n"
        "with lock, forks.in_a_graph:\n    pass\n"
        "if not child:\n    os._exit(0)\n"
        "print(os.waitpid(child, 0)[1])"
    )
    assert run(script) == "0"


@pytest.mark.parametrize(
    "asked",
    ["Recognizer().run(ink)", "Recognizer().detector.maps(ink[:, :32, :32])", "Explainer().graph.place(ink[0])"],
)
def test_graphs_are_loaded_and_run_where_forks_wait_for_them(asked: str) -> None:
    script = (
        "import numpy as np, onnxruntime as ort\nfrom digitrec import Explainer, Recognizer, forks\n"
        "ink = np.zeros((1, 40, 40), np.float32)\nink[:, 10:30, 20] = 1\ninside = []\n"
        "class Session(ort.InferenceSession):\n"
        "    def __init__(self, *arguments, **options):\n"
        "        inside.append(bool(forks.in_a_graph._inside))\n"
        "        super().__init__(*arguments, **options)\n"
        "    def run(self, *arguments):\n"
        "        inside.append(bool(forks.in_a_graph._inside))\n"
        "        return super().run(*arguments)\n"
        f"ort.InferenceSession = Session\n{asked}\nprint(all(inside), len(inside) > 1)"
    )
    assert run(script) == "True True"
