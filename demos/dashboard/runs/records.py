"""What is known of each run, read again only when a file of it has changed, so that hundreds are looked at quickly."""

import math
import os
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digitrec.learning.runs.archive import is_archived, split_name
from digitrec.learning.runs.run import Run, Status, list_runs

FILES = ("status", "config.json", "history.csv", "progress.json", "evaluation.json", "archived")


@dataclass(frozen=True)
class Record:
    """A run as it stood when it was read. Nothing in it is missing: what a run lacks is empty, and named in `flaws`.

    Attributes:
        run: The run directory.
        status: How it stands.
        config: Its configuration, as it was written.
        history: A row for each epoch, as `Run.history` gives them.
        progress: Where it is, or was last.
        evaluation: What `training.evaluate` found; empty if it has not looked yet.
        archived: Whether it is out of sight.
        flaws: What is broken in the directory, a sentence each.
    """

    run: Run
    status: Status
    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    progress: dict[str, Any] = field(default_factory=dict)
    evaluation: dict[str, Any] = field(default_factory=dict)
    archived: bool = False
    flaws: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.run.name

    @property
    def title(self) -> str:
        """The name it was given, without the time."""
        return split_name(self.run)[1]

    @property
    def state(self) -> str:
        """One of `digitrec.learning.runs.run.STATES`, or `broken`."""
        return "broken" if self.flaws else self.status.state

    @property
    def began(self) -> datetime | None:
        """When it was made, by its directory's name; None where that tells no time."""
        try:
            return datetime.strptime(split_name(self.run)[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return None

    @property
    def epochs(self) -> int | None:
        """How many epochs it is to train; None where its configuration does not say."""
        epochs = self.config.get("epochs")
        return epochs if type(epochs) is int and epochs > 0 else None  # True is an int, too

    @property
    def best(self) -> dict[str, float]:
        """The row of the epoch with the best validation accuracy; empty if there is none."""
        judged = [row for row in self.history if math.isfinite(row.get("val_accuracy", math.nan))]
        return max(judged, key=lambda row: row["val_accuracy"], default={})

    def figure(self, name: str) -> float | None:
        """A number of the evaluation, such as `accuracy` or `ece`; None if it has not been evaluated."""
        value = self.evaluation.get(name)
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


class RunBook:
    """The records of all runs below a folder."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[Path, tuple[tuple[Any, ...], Record]] = {}
        # Looking whether a run is held means to try its lock for a moment; two at once would see each other.
        self._lock = threading.Lock()

    def read(self, root: Path) -> list[Record]:
        """All runs below `root`, the newest first. A directory that is broken is in it, with its flaws."""
        with self._lock:
            records = [self._record(run) for run in list_runs(root)]
            there = {record.run.path for record in records}
            for path in [path for path in self._known if path.parent == root and path not in there]:
                del self._known[path]
        return records

    def record(self, run: Run) -> Record:
        """One run, as it stands now."""
        with self._lock:
            return self._record(run)

    def _record(self, run: Run) -> Record:
        signature = _signature(run.path)
        known = self._known.get(run.path)
        # That a process has ended changes no file, so what claims to be running is asked each time.
        if known is None or known[0] != signature or known[1].status.state == "running":
            known = self._known[run.path] = (signature, read_record(run))
        return known[1]


def read_record(run: Run) -> Record:
    """Read a run directory, whatever state it is in."""
    record = Record(
        run=run,
        status=run.status,
        config=run.config,
        history=run.history(),
        progress=run.progress,
        evaluation=run.read_json("evaluation.json"),
        archived=is_archived(run),
    )
    return Record(**{**vars(record), "flaws": tuple(_flaws(record))})


def _flaws(record: Record) -> list[str]:
    path, flaws = record.run.path, []
    if not record.config:
        flaws.append(_missing_or_broken(path / "config.json"))
    elif record.epochs is None:
        # Another version's run is as good as any to look at; only what no page could show is a flaw.
        found = repr(record.config.get("epochs"))
        flaws.append(f"config.json is no configuration of a run: epochs is {found[:40]}, and not a number of epochs")
    told = record.status.reason
    if record.status.state == "failed" and told.startswith("the run directory"):
        flaws.append(told.removeprefix("the run directory's ") if "unreadable" in told else "status is missing")
    if not record.history and _size(path / "history.csv"):
        flaws.append("history.csv has no row that can be read")
    if not record.evaluation and _size(path / "evaluation.json"):
        flaws.append("evaluation.json is not JSON")
    return flaws


def _missing_or_broken(path: Path) -> str:
    return f"{path.name} is not JSON" if _size(path) is not None else f"{path.name} is missing"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _signature(path: Path) -> tuple[Any, ...]:
    """What changes when a file of the run does: times and sizes. Renaming replaces a file, so its number counts too."""
    facts: list[Any] = []
    for name in FILES:
        try:
            stat = os.stat(path / name)
        except OSError:
            facts.append(None)
        else:
            facts.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(facts)
