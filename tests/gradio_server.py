"""The Gradio sketchpad in a process of its own, with a spy that notes every address it connects to."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 90  # seconds until it answers; importing Gradio takes several on a busy machine

# Looking a name up counts, too: it tells a server of names what is wanted.
SPY = """
import runpy, sys
contacts = open(sys.argv.pop(1), "a", buffering=1)
def note(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        print(args[1][0], file=contacts)
    elif event == "socket.getaddrinfo" and args[0] is not None:
        print(args[0] if isinstance(args[0], str) else args[0].decode(), file=contacts)
sys.addaudithook(note)
module = sys.argv.pop(1)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", ""}


@dataclass(frozen=True)
class Sketchpad:
    """A running sketchpad.

    Attributes:
        url: Its address, without a slash at the end.
        corrections: The CSV file it saves corrections to.
        log: What it prints.
        contacts: The file that the spy writes to.
    """

    url: str
    corrections: Path
    log: Path
    contacts: Path

    def strangers(self) -> set[str]:
        """Other hosts that it has contacted, or has asked the address of."""
        asked = set(self.contacts.read_text("utf-8").splitlines())
        assert asked & LOCAL, "the spy slept: the server checks its own address when it starts"
        return asked - LOCAL


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sketchpad(folder: Path) -> Iterator[Sketchpad]:
    """Serve the sketchpad until the block ends; its files lie in `folder`."""
    port = free_port()
    running = Sketchpad(
        f"http://127.0.0.1:{port}", folder / "corrections.csv", folder / "log.txt", folder / "contacts.txt"
    )
    command = [sys.executable, "-c", SPY, str(running.contacts), "demos.gradio_app"]
    command += ["--port", str(port), "--corrections", str(running.corrections)]
    # What Gradio would otherwise take as an invitation to tell of itself.
    environ = {"GRADIO_ANALYTICS_ENABLED": "True", "GRADIO_SHARE": "True", "GRADIO_TEMP_DIR": str(folder / "files")}
    with serving(command, running.url, running.log, environ):
        yield running


@contextmanager
def serving(command: list[str], url: str, log: Path, environ: Mapping[str, str], cwd: Path = ROOT) -> Iterator[int]:
    """Run a server until the block ends, which begins when it answers at `url`. Yields its process id.

    The environment is this process's, without what could have been meant for another server, and `environ`.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("DIGITREC_", "GRADIO_"))} | environ
    with log.open("wb") as console:
        process = subprocess.Popen(command, cwd=cwd, env=clean, stdout=console, stderr=subprocess.STDOUT)
    try:
        wait_until_up(url, process, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers; fail with its log if it ends or never does."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the sketchpad did not start:\n{log.read_text('utf-8')[-3000:]}")
