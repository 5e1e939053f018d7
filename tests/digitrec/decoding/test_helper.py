"""The helper process: when there is one, what ends it, and whose failure it is."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import digitrec
from digitrec import ImageTooLargeError, InvalidImageError, OverloadedError
from digitrec.decoding import codec, helper, limits, pixels_from
from tests.support.drawings import drawing, encoded, painted, sketched

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no helper process on this system")

ROOT = Path(__file__).parents[3]
PAGE = 255 - drawing(4)
SMALL = encoded(PAGE, "TIFF", compression="tiff_lzw")
LARGE = encoded(255 - drawing(4, size=1500, thickness=150, canvas=(4000, 4000)), "GIF")


@pytest.fixture(autouse=True)
def _begin_without_one() -> Iterator[None]:
    helper.close()
    yield
    helper.close()


def process() -> subprocess.Popen[bytes]:
    assert helper._turns.helper
    return helper._turns.helper.process


# When there is one


def test_canvases_and_usual_photographs_need_none() -> None:
    photograph = np.kron(painted(drawing(4, canvas=(336, 252))), np.ones((12, 12, 1), np.uint8))  # 12 megapixels
    for picture in (PAGE, encoded(PAGE), encoded(sketched(255 - PAGE)), encoded(photograph, "JPEG"), photograph):
        assert digitrec.predict(picture).digit == 4
    assert helper._turns.helper is None


def test_others_share_one_for_a_while() -> None:
    processes = set()
    for _ in range(2 * codec.PICTURES + 1):
        np.testing.assert_array_equal(pixels_from(SMALL), PAGE)
        processes.add(process().pid)
    assert len(processes) == 3


def test_threads_take_turns() -> None:
    pictures: list[Any] = []
    threads = [threading.Thread(target=lambda: pictures.append(pixels_from(SMALL))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pictures) == 20
    for pixels in pictures:
        np.testing.assert_array_equal(pixels, PAGE)


SCRIPT = """
import json, os, sys
import digitrec
from digitrec.decoding import helper

print("a script without a guard")
digit = digitrec.predict(sys.argv[1]).digit
print(json.dumps([digit, helper._turns.helper.process.pid]))
"""


def test_a_script_needs_no_guard_and_leaves_no_process_behind(tmp_path: Path) -> None:
    (tmp_path / "four.tiff").write_bytes(SMALL)
    (tmp_path / "script.py").write_text(SCRIPT)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "script.py", "four.tiff"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    digit, number = json.loads(second)
    assert (first, digit, done.stderr) == ("a script without a guard", 4, "")
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_it_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "four.tiff").write_bytes(SMALL)
    script = SCRIPT + "sys.stdout.flush(); os.kill(os.getpid(), 9)"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, str(tmp_path / "four.tiff")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    status = Path(f"/proc/{json.loads(done.stdout.splitlines()[1])[1]}/stat")
    ended = threading.Event()
    for _ in range(100):  # it reads the end of its input as soon as it is scheduled
        if not status.exists() or ") Z " in status.read_text():
            break
        ended.wait(0.1)
    assert not status.exists() or ") Z " in status.read_text()


def test_a_fork_has_one_of_its_own() -> None:
    pixels_from(SMALL)
    before = process().pid
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        pixels = pixels_from(SMALL)
        os.write(writer, json.dumps([process().pid, int(pixels.sum())]).encode())
        helper.close()
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        number, total = json.load(answer)
    os.waitpid(child, 0)
    assert number != before
    assert total == PAGE.sum()
    np.testing.assert_array_equal(pixels_from(SMALL), PAGE)
    assert process().pid == before


def test_it_sees_little_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITREC_SECRET_KEY", "a secret")
    pixels_from(SMALL)
    environment = Path(f"/proc/{process().pid}/environ")
    if environment.exists():
        assert b"a secret" not in environment.read_bytes()


# What ends it


def test_too_much_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CPU_SECONDS", 0.001)
    with pytest.raises(ImageTooLargeError, match=r"takes more than 0.001 seconds to decode; scale it down first"):
        pixels_from(LARGE)
    monkeypatch.setattr(limits, "CPU_SECONDS", 1.0)
    assert max(pixels_from(LARGE).shape) <= 1024


def test_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMORY", 12_000_000)
    with pytest.raises(ImageTooLargeError, match="takes more than 12 MB to decode; scale it down first"):
        pixels_from(LARGE)
    np.testing.assert_array_equal(pixels_from(SMALL), PAGE)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(signal.SIGSEGV, InvalidImageError), (signal.SIGABRT, InvalidImageError), (signal.SIGKILL, OverloadedError)],
)
def test_a_crash_is_the_pictures_and_a_kill_is_the_systems(number: int, kind: type[Exception]) -> None:
    pixels_from(SMALL)
    process().send_signal(number)
    with pytest.raises(kind):
        pixels_from(SMALL)
    np.testing.assert_array_equal(pixels_from(SMALL), PAGE)


def test_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels_from(SMALL)
    process().send_signal(signal.SIGSTOP)
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.2)
    with pytest.raises(OverloadedError, match="too much to do to decode this picture; try again in a moment"):
        pixels_from(SMALL)
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 20.0)
    np.testing.assert_array_equal(pixels_from(SMALL), PAGE)


def test_no_turn_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TURN_SECONDS", 0.1)
    with helper._turns.lock, pytest.raises(OverloadedError):
        pixels_from(SMALL)


def test_a_canvas_waits_for_nobody() -> None:
    with helper._turns.lock:
        assert digitrec.predict(encoded(PAGE)).digit == 4


def test_no_process_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def popen(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(OverloadedError):
        pixels_from(SMALL)
    assert helper._turns.possible


@pytest.mark.parametrize("picture", [encoded(PAGE), SMALL], ids=["here", "in the helper"])
def test_no_memory_here_is_no_invalid_picture(picture: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(codec, "decode", fail)
    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(MemoryError):
        digitrec.predict(picture)


@pytest.mark.parametrize("executable", ["/bin/false", "/bin/true", "/nowhere/python", "", None])
def test_where_no_helper_can_run_pictures_are_decoded_here(
    executable: str | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(helper, "_turns", helper._Turns())
    for _ in range(2):
        np.testing.assert_array_equal(pixels_from(SMALL), PAGE)
    assert len(caplog.records) == bool(executable)  # said once
    with pytest.raises(InvalidImageError, match="not a readable picture"):
        pixels_from(LARGE[:-300])
