"""Ten minutes of load: the web app's memory must stay flat, and no request may fail.

wrk, which must be installed, asks for digits over eight connections; meanwhile a correction with its drawing is kept
every second. Linux alone, where /proc tells what a process holds.
"""

import argparse
import base64
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from benchmarks.canvas import png_canvas
from benchmarks.command import machine
from benchmarks.servers import Server, serve_web_app
from benchmarks.serving import Load, load

CONNECTIONS = 8
WARM_UP = 60
"""Seconds before memory is compared: caches fill, threads begin, the database is made."""

GROWTH = 0.05
"""From the minute after that to the last one, at most."""


def main(argv: list[str] | None = None) -> int:
    """Run it. Returns the exit status: 0 flat and without a failure, 1 otherwise, or without wrk."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=10, help="how long, 3 or more (default: 10)")
    flags = parser.parse_args(argv)
    if flags.minutes < 3:
        parser.error("--minutes: one to warm up, one to compare with, one to compare; 3 or more")
    if shutil.which("wrk") is None:
        print("error: wrk is not installed; on Debian: apt-get install wrk", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serve_web_app(folder, DIGITREC_TRUSTED_PROXIES="1") as running:
            loads, memory, corrections = soak(running, flags.minutes, folder)
    early = statistics.mean(memory[WARM_UP : 2 * WARM_UP])
    late = statistics.mean(memory[-WARM_UP:])
    lost = sum(one.lost for one in loads)
    is_flat, is_whole = late <= early * (1 + GROWTH), not lost and not corrections[1]
    for minute, one in enumerate(loads, 1):
        held = memory[min(minute * 60, len(memory)) - 1]
        print(
            f"minute {minute}: {one.per_second:,.0f} requests/s, p99 {one.p99:.0f} ms, lost {one.lost}, {held:.1f} MB"
        )
    print(f"\nmemory, second minute: {early:.1f} MB; last minute: {late:.1f} MB ({late / early - 1:+.1%})")
    print(f"at most {GROWTH:+.0%}: {'met' if is_flat else 'MISSED'}")
    print(f"corrections kept: {corrections[0]}, failed: {corrections[1]}; requests lost: {lost}")
    print("no failure: " + ("met" if is_whole else "MISSED"))
    print("; ".join(f"{name} {value}" for name, value in machine().items() if value))
    return 0 if is_flat and is_whole else 1


def soak(running: Server, minutes: int, folder: Path) -> tuple[list[Load], list[float], tuple[int, int]]:
    """Put a server under load.

    Returns:
        What wrk saw in each minute; the memory of all of the server's processes in MB, once a second; and corrections
        kept and failed.
    """
    picture = folder / "drawing.png"
    picture.write_bytes(png_canvas())
    memory: list[float] = []
    kept: list[bool] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1):
            memory.append(megabytes(running.pid))
            kept.append(correct(running.port, f"soak-{len(kept)}"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        loads = [load([running.port], CONNECTIONS, 60, picture) for _ in range(minutes)]
    finally:
        over.set()
        watcher.join()
    return loads, memory, (sum(kept), len(kept) - sum(kept))


def correct(port: int, key: str) -> bool:
    """Send a correction; whether it was kept."""
    image = "data:image/png;base64," + base64.b64encode(png_canvas()).decode()
    body = json.dumps({"image": image, "label": 3, "key": key, "keep_drawing": True}).encode()
    # Each from another address: nobody may correct so often.
    sender = f"10.1.{time.monotonic_ns() // 1_000_000_000 % 250}.1"
    headers = {"Content-Type": "application/json", "X-Forwarded-For": sender}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/feedback", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bool(answer.status == 201)
    except OSError:
        return False


def megabytes(pid: int) -> float:
    """What a process and its children hold: their proportional set sizes, which count a shared page once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    sizes = [Path(f"/proc/{one}/smaps_rollup").read_text().partition("Pss:")[2].split()[0] for one in (pid, *children)]
    return sum(map(int, sizes)) / 1000


if __name__ == "__main__":
    sys.exit(main())
