"""The dashboard's page of runs with 200 runs of 100 epochs: how long it takes at first, and once it has been seen."""

import logging
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Goal, Row, Table
from demos.dashboard.runs.records import RunCache
from digitrec.files import write_json
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import Run

EPOCHS = 100
PAGE = "from demos.dashboard.pages.runs import page\npage()\n"
SECOND = "one second"
GOALS = {"the page, seen before": (Goal(1),), "the page, one run changed": (Goal(1),)}


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
        write_json(run.path / "progress.json", {"epoch": EPOCHS - 1, "step": 9, "steps": 9, "eta": 0.0})
        if number % 3 == 0:
            run.write_json("evaluation.json", {"accuracy": 0.99 + 0.005 * chance.random(), "ece": 0.002})
        run.set_status("done")
        runs.append(run)
    return runs


def measure(root: Path, rounds: int) -> Table:
    """Time the reading of all run directories below `root`, and the page that shows them."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    os.environ["DIGITREC_RUNS_DIR"] = str(root)
    book = RunCache()
    runs = book.read(root)
    page = AppTest.from_string(PAGE, default_timeout=120)

    def show() -> None:
        page.run()
        if page.exception or len(page.dataframe[0].value) != len(runs):
            raise RuntimeError("the page does not show all runs")

    def show_anew() -> None:
        st.cache_resource.clear()
        show()

    def show_changed() -> None:
        runs[0].run.write_json("evaluation.json", {"accuracy": 0.99, "at": time.time()})
        show()

    show()  # what is imported and compiled once counts for no one
    turns: dict[str, Callable[[], float]] = {
        SECOND: lambda: 1.0,
        "reading all, for the first time": lambda: _seconds(lambda: RunCache().read(root)),
        "reading all, nothing changed": lambda: _seconds(lambda: book.read(root)),
        "the page, for the first time": lambda: _seconds(show_anew),
        "the page, seen before": lambda: _seconds(show),
        "the page, one run changed": lambda: _seconds(show_changed),
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
