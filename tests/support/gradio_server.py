"""The Gradio sketchpad in a process of its own, with a spy that notes every address it connects to."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import free_port, serve

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
        programs: A folder on its search path with a Ghostscript that only leaves a file, `ran`, beside itself.
    """

    url: str
    corrections: Path
    log: Path
    contacts: Path
    programs: Path

    def strangers(self) -> set[str]:
        """Other hosts that it has contacted, or has asked the address of."""
        asked = set(self.contacts.read_text("utf-8").splitlines())
        assert asked & LOCAL, "the spy slept: the server checks its own address when it starts"
        return asked - LOCAL


@contextmanager
def sketchpad(folder: Path) -> Iterator[Sketchpad]:
    """Serve the sketchpad until the block ends; its files lie in `folder`."""
    port = free_port()
    running = Sketchpad(
        f"http://127.0.0.1:{port}",
        folder / "corrections.csv",
        folder / "log.txt",
        folder / "contacts.txt",
        folder / "programs",
    )
    running.programs.mkdir()
    ghostscript = running.programs / "gs"
    ghostscript.write_text(f"#!/bin/sh\ntouch '{running.programs}/ran'\n")
    ghostscript.chmod(0o755)
    command = [sys.executable, "-c", SPY, str(running.contacts), "demos.gradio_app"]
    command += ["--port", str(port), "--corrections", str(running.corrections)]
    # What Gradio would otherwise take as an invitation to tell of itself.
    environ = {"GRADIO_ANALYTICS_ENABLED": "True", "GRADIO_SHARE": "True", "GRADIO_TEMP_DIR": str(folder / "files")}
    environ["PATH"] = f"{running.programs}{os.pathsep}{os.environ['PATH']}"
    with serve(command, running.url, running.log, environ):
        yield running
