"""Records of runs, read again only when a file has changed, so that hundreds are listed quickly."""

import math
import os
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digitrec.learning.runs.archive import is_archived, split_name
from digitrec.learning.runs.notes import NOTES, Notes, read_notes
from digitrec.learning.runs.run import Run, Status, list_runs
from digitrec.learning.runs.timeline import TIMELINE, training_seconds

FILES = (
    "status", "config.json", "history.csv", "progress.json", "evaluation.json", "archived", NOTES, TIMELINE,
)  # fmt: skip


@dataclass(frozen=True)
class Record:
    """A run as it was when it was read. What a run lacks is empty here, and named in `flaws`.

    Attributes:
        run: The run directory.
        status: Its status.
        config: Its configuration, as written.
        history: A row for each epoch, as `Run.history` gives them.
        progress: Its current or last position.
        evaluation: The content of `evaluation.json`; empty if it has not been evaluated.
        archived: Whether it is archived.
        notes: What was written about it.
        seconds: How long it has trained, without pauses; None if that is not known.
        flaws: What is broken in the directory, a sentence each.
    """

    run: Run
    status: Status
    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    progress: dict[str, Any] = field(default_factory=dict)
    evaluation: dict[str, Any] = field(default_factory=dict)
    archived: bool = False
    notes: Notes = field(default_factory=Notes)
    seconds: float | None = None
    flaws: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.run.name

    @property
    def title(self) -> str:
        """Its name without the time."""
        return split_name(self.run)[1]

    @property
    def state(self) -> str:
        """One of `digitrec.learning.runs.run.STATES`, or `broken`."""
        return "broken" if self.flaws else self.status.state

    @property
    def began(self) -> datetime | None:
        """When it was created, from its directory's name; None if that holds no time."""
        try:
            return datetime.strptime(split_name(self.run)[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return None

    @property
    def minutes(self) -> float | None:
        """How long it has trained. Of a run without a timeline, from its beginning to its last progress."""
        if self.seconds is not None:
            return self.seconds / 60
        updated = self.progress.get("updated")
        if self.began is None or not self.history or not isinstance(updated, int | float):
            return None
        minutes = (updated - self.began.timestamp()) / 60
        return minutes if math.isfinite(minutes) and minutes >= 0 else None

    @property
    def steps(self) -> int | None:
        """Steps in an epoch; None if its progress lacks them."""
        steps = self.progress.get("steps")
        return steps if type(steps) is int and steps > 0 else None

    @property
    def epochs(self) -> int | None:
        """The number of epochs it is to train; None if its configuration lacks it."""
        epochs = self.config.get("epochs")
        return epochs if type(epochs) is int and epochs > 0 else None  # True is an int, too

    @property
    def best(self) -> dict[str, float]:
        """The row of the epoch whose network is kept; empty if there is none."""
        validated = [row for row in self.history if math.isfinite(row.get("val_accuracy", math.nan))]
        if self.config.get("keep") == "last":
            return validated[-1] if validated else {}
        return max(validated, key=lambda row: row["val_accuracy"], default={})

    def figure(self, name: str) -> float | None:
        """A number of the evaluation, such as `accuracy` or `ece`; None if it has not been evaluated."""
        value = self.evaluation.get(name)
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


class RunCache:
    """Records of the runs below a folder, read again only when they change."""

    def __init__(self) -> None:
        """Start empty."""
        self._known: dict[Path, tuple[tuple[Any, ...], Record]] = {}
        # Whether a run is held is found by trying its lock for a moment; two threads at once would find each other.
        self._lock = threading.Lock()

    def read(self, root: Path) -> list[Record]:
        """Read all runs below `root`, the newest first; broken directories come with their flaws."""
        with self._lock:
            records = [self._record(run) for run in list_runs(root)]
            there = {record.run.path for record in records}
            for path in [path for path in self._known if path.parent == root and path not in there]:
                del self._known[path]
        return records

    def record(self, run: Run) -> Record:
        """Read one run."""
        with self._lock:
            return self._record(run)

    def _record(self, run: Run) -> Record:
        signature = _signature(run.path)
        known = self._known.get(run.path)
        # A process that ends changes no file, so runs that claim to be running are read each time.
        if known is None or known[0] != signature or known[1].status.state == "running":
            known = self._known[run.path] = (signature, read_record(run))
        return known[1]


def read_record(run: Run) -> Record:
    """Read a run directory, even a broken one."""
    record = Record(
        run=run,
        status=run.status,
        config=run.config,
        history=run.history(),
        progress=run.progress,
        evaluation=run.read_json("evaluation.json"),
        archived=is_archived(run),
        notes=read_notes(run),
        seconds=training_seconds(run),
    )
    return Record(**{**vars(record), "flaws": tuple(_flaws(record))})


def _flaws(record: Record) -> list[str]:
    path, flaws = record.run.path, []
    if not record.config:
        flaws.append(_missing_or_broken(path / "config.json"))
    elif record.epochs is None:
        # A run of another version is no flaw, unless no page could show it.
        found = repr(record.config.get("epochs"))
        flaws.append(f"config.json is no configuration of a run: epochs is {found[:40]}, and not a number of epochs")
    reason = record.status.reason
    if record.status.state == "failed" and reason.startswith("the run directory"):
        flaws.append(reason.removeprefix("the run directory's ") if "unreadable" in reason else "status is missing")
    flaws += _history_flaws(record)
    if not record.evaluation and _size(path / "evaluation.json"):
        flaws.append("evaluation.json is not JSON")
    return flaws


def _history_flaws(record: Record) -> list[str]:
    """Find what is wrong with a run's history; that of a finished run must hold its accuracy."""
    path = record.run.path / "history.csv"
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[1:-1]  # without header and an open end
    except OSError:
        lines = []
    rows = sum(bool(line.strip()) for line in lines)
    if not record.history:
        return ["history.csv has no row that can be read"] if _size(path) else []
    if rows > len(record.history):
        return [f"history.csv has {rows - len(record.history)} of {rows} rows that cannot be read"]
    accuracies = [row.get("val_accuracy", math.nan) for row in record.history]
    if record.status.state == "done" and not any(0 <= accuracy <= 1 for accuracy in accuracies):
        return ["history.csv has no validation accuracy between 0 and 1"]
    return []


def _missing_or_broken(path: Path) -> str:
    return f"{path.name} is not JSON" if _size(path) is not None else f"{path.name} is missing"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _signature(path: Path) -> tuple[Any, ...]:
    """Times, sizes and inodes of a run's files: they change when a file is written or replaced."""
    facts: list[Any] = []
    for name in FILES:
        try:
            stat = os.stat(path / name)
        except OSError:
            facts.append(None)
        else:
            facts.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(facts)
