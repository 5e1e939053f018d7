"""The dashboard's pages with 200 runs of 100 epochs: how long each takes, and the first one after the start."""

import logging
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Goal, Row, Table
from demos.dashboard.runs.records import RunCache
from digitrec.files import write_json
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.timeline import COLUMNS, TIMELINE

EPOCHS = 100
ROWS = 20
"""Rows of a timeline for each epoch."""

PAGES = ("train", "runs", "evaluate", "data", "try_it", "publish")
PAGE = "from demos.dashboard.pages.{name} import page\npage()\n"
COMPARISON = """
from demos.dashboard.pages import runs
from demos.dashboard.paths import runs_root
from demos.dashboard.runs.progress import run_cache
runs.show(run_cache().read(runs_root())[:8])
"""
START = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("demos/streamlit_app.py", default_timeout=120).run()
if page.exception:
    raise SystemExit(page.exception[0].message)
"""
SECOND = "one second"
GOALS = {
    **{f"the page {name}, seen before": (Goal(1),) for name in PAGES},
    "the page runs, one run changed": (Goal(1),),
    "eight runs compared": (Goal(1),),
    "a process from its start to the first page": (Goal(5),),
}


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status."""
    flags = parse_flags("dashboard", __doc__, argv, rounds=10, quick_rounds=1)
    # Streamlit warns on each run of a page that there is no browser.
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_runs(root, count=10 if flags.quick else 200)
        report([measure(root, flags.rounds)], flags)
    return 0


def make_runs(root: Path, count: int) -> list[Run]:
    """Write run directories as the trainer leaves them: finished, each with its history, a third of them evaluated."""
    chance = random.Random(0)
    runs = []
    for number in range(count):
        config = TrainConfig(epochs=EPOCHS, width=chance.choice((16, 32, 64)), dropout=chance.choice((0.2, 0.3, 0.4)))
        run = Run.create(root, f"run{number}", config.to_dict())
        rows = ["epoch,accuracy,learning_rate,loss,val_accuracy,val_loss"]
        for epoch in range(EPOCHS):
            loss = 0.4 * math.exp(-epoch / 15) + 0.01 * chance.random()
            rows.append(f"{epoch},{1 - loss / 4},{0.002 * (1 - epoch / EPOCHS)},{loss},{1 - loss / 5},{0.8 * loss}")
        (run.path / "history.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        timeline = [",".join(COLUMNS)]
        for row in range(EPOCHS * ROWS):
            epoch, part = divmod(row, ROWS)
            timeline.append(f"{1.8e9 + 2 * row},{2 * row},{epoch},{23 * part},{0.4 / (1 + row)},0.9,1.5,900")
        (run.path / TIMELINE).write_text("\n".join(timeline) + "\n", encoding="utf-8")
        write_json(run.path / "progress.json", {"epoch": EPOCHS - 1, "step": 9, "steps": 9, "eta": 0.0})
        if number % 3 == 0:
            run.write_json("evaluation.json", {"accuracy": 0.99 + 0.005 * chance.random(), "ece": 0.002})
        run.set_status("done")
        runs.append(run)
    return runs


def measure(root: Path, rounds: int) -> Table:
    """Time the reading of all run directories below `root`, and the page that shows them."""
    from streamlit.testing.v1 import AppTest

    from demos.dashboard.runs.progress import run_cache

    os.environ["DIGITREC_RUNS_DIR"] = str(root)
    book = RunCache()
    runs = book.read(root)
    pages = {name: AppTest.from_string(PAGE.format(name=name), default_timeout=120) for name in PAGES}
    pages["comparison"] = AppTest.from_string(COMPARISON, default_timeout=120)

    def show(name: str) -> None:
        page = pages[name]
        page.run()
        if page.exception:
            raise RuntimeError(f"the page {name} breaks: {page.exception[0].message}")
        if name == "runs" and len(page.dataframe[0].value) != len(runs):
            raise RuntimeError("the page does not show all runs")

    def show_anew() -> None:
        run_cache.clear()
        show("runs")

    def show_changed() -> None:
        runs[0].run.write_json("evaluation.json", {"accuracy": 0.99, "at": time.time()})
        show("runs")

    def start() -> None:
        subprocess.run([sys.executable, "-c", START], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    for name in pages:
        show(name)  # what is imported and compiled once counts for no one
    turns: dict[str, Callable[[], float]] = {
        SECOND: lambda: 1.0,
        "reading all, for the first time": lambda: _seconds(lambda: RunCache().read(root)),
        "reading all, nothing changed": lambda: _seconds(lambda: book.read(root)),
        "the page runs, for the first time": lambda: _seconds(show_anew),
        **{f"the page {name}, seen before": partial(_seconds, partial(show, name)) for name in PAGES},
        "the page runs, one run changed": lambda: _seconds(show_changed),
        "eight runs compared": lambda: _seconds(lambda: show("comparison")),
        "a process from its start to the first page": lambda: _seconds(start),
    }
    figures = measure_in_rounds(turns, rounds)
    rows = [Row(what, seconds, GOALS.get(what, ())) for what, seconds in figures.items()]
    return Table(f"{len(runs)} runs of {EPOCHS} epochs", "s", rows)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
