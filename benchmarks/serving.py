"""The web app under load, beside Flask alone and beside a view that only decodes and runs the model.

Each is served by gunicorn with the settings that the web app is served with, and asked by wrk, which must be installed.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.canvas import png_canvas
from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.servers import GUNICORN, WEB_APP, serve_web_app
from benchmarks.tables import align, middle_half, significant

APPS = {
    "hello world": "benchmarks.bare_app:hello()",
    "bare view": "benchmarks.bare_app:bare()",
    "digitrec": WEB_APP,
}
TWO = "digitrec, two servers"
REFERENCE = "bare view"
CONNECTIONS = (1, 8, 32, 128)
SHARE = 0.85
"""Of the bare view's requests/s, at least."""

PATIENT_MS = 100.0
"""The 99th percentile at 32 connections, at most."""


@dataclass(frozen=True)
class Load:
    """What one turn of wrk saw.

    Attributes:
        per_second: Requests answered in a second.
        p50: Half of the answers came within so many milliseconds.
        p99: All but a hundredth did.
        lost: Requests without an answer, or with one of status 400 or more.
    """

    per_second: float
    p50: float
    p99: float
    lost: int


@dataclass(frozen=True)
class LoadTable:
    """All servers at one number of connections; by name, a `Load` for each round."""

    connections: int
    rounds: dict[str, list[Load]]

    def share(self, what: str) -> float:
        """Requests/s as a share of the bare view's: the median of the shares within each round."""
        pairs = zip(self.rounds[what], self.rounds[REFERENCE], strict=True)
        return statistics.median(mine.per_second / bare.per_second for mine, bare in pairs)

    def verdict(self, what: str) -> str:
        """What is asked of the web app, and whether it was met."""
        if what != "digitrec":
            return ""
        goals = {f"at least {SHARE:g} of the {REFERENCE}": self.share(what) >= SHARE}
        if self.connections == 32:
            goals[f"p99 below {PATIENT_MS:g} ms"] = self._median(what, "p99") < PATIENT_MS
        if self.connections == 128:
            goals["none lost"] = not any(load.lost for load in self.rounds[what])
        return "; ".join(f"{goal}: {'met' if met else 'MISSED'}" for goal, met in goals.items())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON, with the figures of every round."""
        rows = [
            {
                "what": what,
                "share": self.share(what),
                "goals": self.verdict(what),
                "rounds": [asdict(load) for load in loads],
            }
            for what, loads in self.rounds.items()
        ]
        return {"connections": self.connections, "rows": rows}

    def __str__(self) -> str:
        """The table as aligned text."""
        lines = [("what", "requests/s", "middle half", "of the bare view's", "p50", "p99", "lost", "goal")]
        for what, loads in self.rounds.items():
            rates = [load.per_second for load in loads]
            low, high = middle_half(rates)
            lines.append(
                (
                    what,
                    significant(statistics.median(rates)),
                    f"{significant(low)} - {significant(high)}",
                    significant(self.share(what)),
                    f"{significant(self._median(what, 'p50'))} ms",
                    f"{significant(self._median(what, 'p99'))} ms",
                    str(sum(load.lost for load in loads)),
                    self.verdict(what),
                )
            )
        title = f"{self.connections} connections ({len(next(iter(self.rounds.values())))} rounds)"
        return "\n".join([title, *align(lines)])

    def _median(self, what: str, figure: str) -> float:
        return statistics.median(float(getattr(load, figure)) for load in self.rounds[what])


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status: 0, or 1 without wrk."""
    flags = parse_flags("serving", __doc__, argv, rounds=5, quick_rounds=1)
    if shutil.which("wrk") is None:
        print("error: wrk is not installed; on Debian: apt-get install wrk", file=sys.stderr)
        return 1
    report(measure(flags.rounds, seconds=1 if flags.quick else 4), flags)
    return 0


def measure(rounds: int, seconds: int) -> list[LoadTable]:
    """Put each server under load in turn, at each number of connections."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        picture = folder / "drawing.png"
        picture.write_bytes(png_canvas())

        def start(app: str) -> int:
            # Clients are told apart by the header that wrk sends.
            return stack.enter_context(serve_web_app(folder, (*GUNICORN, app), DIGITREC_TRUSTED_PROXIES="1")).port

        ports = {what: start(app) for what, app in APPS.items()}
        second = start(WEB_APP)
        targets = {what: [port] for what, port in ports.items()} | {TWO: [ports["digitrec"], second]}

        def turn(ports: Sequence[int], connections: int) -> Callable[[], Load]:
            return lambda: load(ports, connections, seconds, picture)

        tables = []
        for connections in CONNECTIONS:
            able = {what: where for what, where in targets.items() if connections >= len(where)}
            loads = measure_in_rounds({what: turn(where, connections) for what, where in able.items()}, rounds)
            tables.append(LoadTable(connections, loads))
        return tables


def load(ports: Sequence[int], connections: int, seconds: int, picture: Path) -> Load:
    """Ask one server, or several at once with the connections shared out, as fast as they answer.

    Raises:
        RuntimeError: wrk failed; the message has what it said.
    """
    options = ["--threads", "1", "--connections", str(connections // len(ports)), "--duration", f"{seconds}s"]
    script = ["--timeout", "30s", "--script", str(Path(__file__).with_name("post_drawing.lua"))]
    clients = [
        subprocess.Popen(
            ["wrk", *options, *script, f"http://127.0.0.1:{port}/api/predict"],
            env={**os.environ, "PICTURE": str(picture)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for port in ports
    ]
    loads = [_figures(client.communicate()[0]) for client in clients]
    return Load(
        sum(load.per_second for load in loads),
        statistics.mean(load.p50 for load in loads),
        max(load.p99 for load in loads),
        sum(load.lost for load in loads),
    )


def _figures(output: str) -> Load:
    for line in output.splitlines():
        if line.startswith("FIGURES "):
            requests, duration, p50, p99, lost = map(int, line.split()[1:])
            return Load((requests - lost) / duration * 1e6, p50 / 1000, p99 / 1000, lost)
    raise RuntimeError(f"wrk failed:\n{output}")


if __name__ == "__main__":
    sys.exit(main())
