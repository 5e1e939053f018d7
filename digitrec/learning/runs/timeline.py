"""The timeline of a run: where it was, and what it took of the machine, every few seconds. Needs no Keras.

`history.csv` has a row an epoch and is the same for the same seed; this file depends on the machine.
"""

import csv
import io
import math
from contextlib import suppress

from digitrec.learning.runs.run import Run

TIMELINE = "timeline.csv"

COLUMNS = ("time", "seconds", "epoch", "step", "loss", "accuracy", "cores", "megabytes")
"""Unix time; seconds of training so far, without pauses; epochs done; steps of the next one done; the figures of that
epoch so far; processor cores in use since the row before; memory of the process."""

LONGEST_END = 1_000
"""Bytes of the file's end in which its last row is looked for."""

Row = dict[str, float]


def append_row(run: Run, row: Row) -> None:
    """Add a row. A last row without its line end, left by a killed process, is ended first.

    Args:
        run: The run.
        row: Values by `COLUMNS`; a missing one is left empty.
    """
    line = ",".join(f"{row[name]:{'.1f' if name == 'time' else '.6g'}}" if name in row else "" for name in COLUMNS)
    with (run.path / TIMELINE).open("a+b") as file:
        end = file.seek(0, 2)
        if not end:
            file.write((",".join(COLUMNS) + "\n").encode())
        else:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(f"{line}\n".encode())


def read_timeline(run: Run) -> list[Row]:
    """The rows in the order of training; what a resumed run trained again is in it once."""
    try:
        text = (run.path / TIMELINE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    rows: list[Row] = []
    with suppress(csv.Error):  # a line longer than any of a timeline
        for values in csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])):
            # A row may be cut short or overwritten; the others are still useful.
            with suppress(KeyError, TypeError, ValueError):
                row = {name: float(value) for name, value in values.items() if name in COLUMNS and value != ""}
                place = (row["epoch"], row["step"])
                while rows and (rows[-1]["epoch"], rows[-1]["step"]) >= place:
                    rows.pop()
                rows.append(row)
    return [row for row in rows if "seconds" in row]


def training_seconds(run: Run) -> float | None:
    """Seconds of training so far, without pauses, read from the end of the file; None where there is none."""
    try:
        with (run.path / TIMELINE).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - LONGEST_END))
            lines = file.read().decode(errors="replace").split("\n")[:-1]
    except OSError:
        return None
    for line in reversed(lines):
        with suppress(IndexError, ValueError):
            seconds = float(line.split(",")[COLUMNS.index("seconds")])
            if math.isfinite(seconds):
                return seconds
    return None
