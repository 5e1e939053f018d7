"""The web app while some clients send what costs it most: what others notice, and how much memory it takes.

As docs/deploy.md starts it, but without the proxy and without limits for a client, which would end an attack sooner.
"""

import argparse
import base64
import contextlib
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.canvas import png_canvas
from benchmarks.hostile_pictures import bodies
from benchmarks.servers import ROOT, Server, serve_web_app

PATIENT_MS = 250
"""What is asked: the slowest hundredth of others' answers is faster."""

MEMORY_MB = 1000
"""What docs/deploy.md gives the server."""

UNLIMITED = {f"DIGITREC_{name}_LIMIT": "" for name in ("PREDICT", "BATCH", "FEEDBACK", "WORK")}

OTHER_CLIENT = """
import json, sys
from benchmarks.overload import draw
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(draw(int(sys.argv[1]), float(sys.argv[2]))))
"""
"""It has a process of its own, since the attackers' threads would keep this one from its clock. What `multiprocessing`
starts would import this process's main module, which the dashboard's tests replace."""

Request = tuple[str, str, bytes]
"""Path, content type and body."""


@dataclass
class Outcome:
    """What came of an attack.

    Attributes:
        statuses: The attackers' answers; 0 stands for a broken connection.
        others: Milliseconds of each answer to a drawing that another client sent meanwhile.
        lost: Drawings of others that were not answered.
        megabytes: Most memory that all processes of the server held at once.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    others: list[float] = field(default_factory=list)
    lost: int = 0
    megabytes: float = 0.0

    def p99(self) -> float:
        """The slowest hundredth of others' answers, in milliseconds."""
        return statistics.quantiles(self.others, n=100)[98] if len(self.others) > 1 else float("inf")


def hostile_requests() -> list[Request]:
    """One picture of each kind that decoders spend much on."""
    return [("/api/v1/predict", "application/octet-stream", make()) for make in bodies().values()]


def photographs() -> list[Request]:
    """An honest photograph of 12 megapixels."""
    noise = np.random.default_rng(1).integers(180, 220, (3024, 4032), np.uint8)
    noise[1000:2000, 1900:2100] = 30  # a 1
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=85)
    return [("/api/v1/predict", "image/jpeg", file.getvalue())]


def batches() -> list[Request]:
    """A batch of 50 MB: as many photographs in JSON as it may have."""
    photograph = photographs()[0][2]
    url = "data:image/jpeg;base64," + base64.b64encode(photograph).decode()
    images = [url] * min(64, 52_000_000 // len(url))
    return [("/api/v1/predict/batch", "application/json", json.dumps({"images": images}).encode())]


ATTACKS: dict[str, tuple[int, Callable[[], list[Request]]]] = {
    "hostile pictures": (16, hostile_requests),
    "12-megapixel photographs": (16, photographs),
    "batches of 50 MB": (8, batches),
}
"""What is sent, and by how many clients at once."""


def attack(server: Server, clients: int, requests: list[Request], seconds: float) -> Outcome:
    """Send requests again and again, and drawings beside them, of which each must be answered.

    Args:
        server: The web app.
        clients: How many send the requests, each one at a time and another one next.
        requests: What they send.
        seconds: How long they go on.
    """
    outcome, over = Outcome(), threading.Event()

    def send(first: int) -> None:
        with contextlib.suppress(OSError, AttributeError):  # elsewhere than on Linux, it is the whole process's
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)  # they have processors of their own
        for number in range(first, sys.maxsize, clients):
            if over.is_set():
                return
            path, kind, body = requests[number % len(requests)]
            outcome.statuses[post(server.port, path, kind, body)] += 1

    def watch() -> None:
        while not over.is_set():
            outcome.megabytes = max(outcome.megabytes, megabytes(server.pid))
            over.wait(0.1)

    command = [sys.executable, "-c", OTHER_CLIENT, str(server.port), str(seconds)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other,
        ThreadPoolExecutor(clients + 1) as pool,
    ):
        assert other.stdout is not None
        other.stdout.readline()  # it has started
        try:
            running = [pool.submit(send, first) for first in range(clients)] + [pool.submit(watch)]
            printed, _ = other.communicate("\n")
        finally:
            over.set()
        for one in running:
            one.result()
    if other.returncode:
        raise RuntimeError(f"the client that draws ended with status {other.returncode}; its error is on the console")
    outcome.others, outcome.lost = json.loads(printed)
    return outcome


def draw(port: int, seconds: float) -> tuple[list[float], int]:
    """Be the other client.

    Args:
        port: The web app's.
        seconds: How long it draws.

    Returns:
        The milliseconds of each answer, and the number of drawings that were not answered.
    """
    answers, lost, drawing = [], 0, png_canvas()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        if post(port, "/api/v1/predict", "image/png", drawing) == 200:
            answers.append(1000 * (time.perf_counter() - start))
        else:
            lost += 1
        time.sleep(0.02)
    return answers, lost


def post(port: int, path: str, kind: str, body: bytes) -> int:
    """Send a request to this machine. Returns the status of its answer, or 0."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, {"Content-Type": kind})
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def megabytes(process: int) -> float:
    """What a process and all that it started hold: their proportional set sizes, which count a shared page once."""
    total = 0.0
    with contextlib.suppress(OSError, IndexError):  # it may have ended
        total += int(Path(f"/proc/{process}/smaps_rollup").read_text().partition("Pss:")[2].split()[0]) / 1000
        for task in Path(f"/proc/{process}/task").iterdir():
            total += sum(megabytes(int(child)) for child in (task / "children").read_text().split())
    return total


@contextlib.contextmanager
def target(folder: Path) -> Iterator[Server]:
    """Serve the web app to be attacked, until the block ends."""
    with serve_web_app(folder, DIGITREC_LOG_LEVEL="ERROR", **UNLIMITED) as server:
        yield server


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status: 0, or 1 if something asked was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overload", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="how long each attack goes on (default: %(default)s)"
    )
    flags = parser.parse_args(argv)
    missed = False
    print(f"{'what is sent':26} {'by':>3}  {'others: p50':>11} {'p99':>9} {'lost':>5}  {'memory':>8}  their answers")
    with tempfile.TemporaryDirectory() as name:
        for what, (clients, make) in {"nothing": (0, list), **ATTACKS}.items():
            with target(Path(name)) as server:
                outcome = attack(server, clients, make(), flags.seconds)
            p50 = statistics.median(outcome.others)
            figures = f"{p50:8.1f} ms {outcome.p99():6.1f} ms {outcome.lost:5}  {outcome.megabytes:5.0f} MB"
            print(f"{what:26} {clients:3}  {figures}  {dict(sorted(outcome.statuses.items()))}", flush=True)
            missed |= bool(outcome.lost) or outcome.p99() >= PATIENT_MS or outcome.megabytes >= MEMORY_MB
    print(f"asked: p99 below {PATIENT_MS} ms, none lost, below {MEMORY_MB} MB: {'MISSED' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
