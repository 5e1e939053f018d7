"""The run directory: the files of a training run, read while it trains too.

Needs neither Keras nor TensorFlow. Whole files are written to a temporary name and renamed, so that a reader never
sees half of one; `history.csv` grows by a row an epoch, and a last row without its line end is not read.
"""

import csv
import io
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digitrec.errors import DatasetError
from digitrec.files import write_json, write_text

RUNS_DIR = Path("runs")
"""Default folder of run directories, below the working directory; a flag or `DIGITREC_RUNS_DIR` names another."""

STATES = ("running", "done", "stopped", "failed")

PATIENCE = 2.0
"""Seconds to wait for the lock of a run: reading a status holds it for a moment."""


@dataclass(frozen=True)
class Status:
    """How a run stands.

    Attributes:
        state: One of `STATES`.
        reason: Why it stopped or failed, in a sentence; empty otherwise.
    """

    state: str
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """One run directory. It may be anywhere, and any file in it may be missing: the run may be young, or broken."""

    path: Path

    @classmethod
    def create(cls, root: Path, name: str, config: dict[str, Any]) -> "Run":
        """Make the directory `<root>/<utc time>-<name>/` and write the configuration and the first status.

        Raises:
            ValueError: The name has characters that do not belong in a file name.
        """
        check_name(name)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        for attempt in range(100):  # two runs of one name may start in one second
            path = root / (f"{stamp}-{name}" if attempt == 0 else f"{stamp}-{name}-{attempt + 1}")
            try:
                path.mkdir(parents=True)
            except FileExistsError:
                continue
            run = cls(path)
            run.write_json("config.json", config)
            run.set_status("running")
            return run
        raise FileExistsError(f"a hundred runs named {name!r} began in this second in {root}; choose another name")

    @property
    def name(self) -> str:
        """The directory's name: the time it began, in UTC, and the name it was given."""
        return self.path.name

    @property
    def config(self) -> dict[str, Any]:
        """The configuration it trains with."""
        return self.read_json("config.json")

    @property
    def progress(self) -> dict[str, Any]:
        """Where it is: epoch, epochs, step, steps, loss, accuracy, eta in seconds, pid, updated (Unix time)."""
        return self.read_json("progress.json")

    @property
    def checkpoint(self) -> Path:
        """The network of the epoch that is kept: the one with the best validation accuracy so far, or the last."""
        return self.path / "best.keras"

    @property
    def backup(self) -> Path:
        """All that `--resume` needs, as of the last epoch that ended."""
        return self.path / "backup.npz"

    @property
    def status(self) -> Status:
        """How the run stands. One that says it is running, but that no process holds, counts as stopped."""
        try:
            text = (self.path / "status").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return Status("failed", "the run directory has no status")
        state, _, reason = text.partition("\n")
        if state not in STATES:
            return Status("failed", f"the run directory's status is unreadable: {state[:40]!r}")
        if state == "running" and not self._is_held():
            return Status("stopped", "its process ended without a word, as kill -9 or a power cut does")
        return Status(state, reason.strip())

    def hold(self) -> FileLock:
        """A lock to hold while training, `with run.hold(): ...`; the system lets go of it when the process ends.

        The thread that holds it may hold it once more.

        Raises:
            filelock.Timeout: On entering, where another process holds it.
        """
        return FileLock(self.path / ".lock", timeout=PATIENCE, is_singleton=True)

    def _is_held(self) -> bool:
        try:
            with FileLock(self.path / ".lock", timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # another user's directory, in which a lock cannot be tried
            return True

    def set_status(self, state: str, reason: str = "") -> None:
        """Write the status.

        Args:
            state: One of `STATES`.
            reason: Why, in a sentence.
        """
        if state not in STATES:
            raise ValueError(f"state {state!r} is not one of {', '.join(STATES)}")
        write_text(self.path / "status", f"{state}\n{reason}".strip() + "\n")

    def history(self) -> list[dict[str, float]]:
        """The epochs so far, one dict each: epoch (from 0), loss, accuracy, val_loss, val_accuracy, learning_rate."""
        try:
            text = (self.path / "history.csv").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        whole_lines = text[: text.rfind("\n") + 1]
        rows = []
        with suppress(csv.Error):  # a line longer than any of a history
            for row in csv.DictReader(io.StringIO(whole_lines)):
                # A row may be cut short or overwritten; the others are still useful.
                with suppress(TypeError, ValueError):
                    rows.append({name: float(value) for name, value in row.items()})
        return rows

    def drop_history_from(self, epoch: int) -> None:
        """Drop the rows of `epoch` and later ones: a resumed run writes them again."""
        rows = [row for row in self.history() if row.get("epoch", epoch) < epoch]
        if not rows:
            (self.path / "history.csv").unlink(missing_ok=True)
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "epoch": int(row["epoch"])} for row in rows)
        write_text(self.path / "history.csv", text.getvalue())

    def read_json(self, name: str) -> dict[str, Any]:
        """Read one of the run's JSON files; empty where it is missing or broken."""
        try:
            value = json.loads((self.path / name).read_text(encoding="utf-8"), parse_int=_int_or_float)
        except (OSError, ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def write_json(self, name: str, value: dict[str, Any]) -> None:
        """Write one of the run's JSON files, whole or not at all."""
        write_json(self.path / name, value)


def _int_or_float(digits: str) -> float:
    """A whole number of a JSON file; one too large for a count becomes a float, which can be divided."""
    return int(digits) if len(digits) < 20 else float(digits)


def check_name(name: str) -> None:
    """Refuse a run name that does not belong in a file name.

    Raises:
        ValueError: It says what belongs there.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise ValueError(f"run name {name[:80]!r}: use 1 to 64 letters, digits, dots, dashes and underscores")


def runs_dir() -> Path:
    """The folder of run directories: the one that `DIGITREC_RUNS_DIR` names, else `runs` in the working directory."""
    return Path(os.environ.get("DIGITREC_RUNS_DIR") or RUNS_DIR)


def open_run(path: str | Path, root: Path | None = None) -> Run:
    """Open a run by its directory, or by its name below `root`, which is `runs_dir()` by default.

    Raises:
        DatasetError: No run there.
    """
    root = root or runs_dir()
    for candidate in (Path(path), root / path):
        if (candidate / "config.json").is_file():
            return Run(candidate)
    known = ", ".join(run.name for run in list_runs(root)[:5]) or "none yet"
    raise DatasetError(f"{path} is no run directory; the newest in {root}/: {known}")


def list_runs(root: Path | None = None) -> list[Run]:
    """All runs below `root`, which is `runs_dir()` by default, the newest first. Hidden folders are none."""
    root = root or runs_dir()
    if not root.is_dir():
        return []
    folders = (path for path in root.iterdir() if not path.name.startswith(".") and path.is_dir())
    return sorted(map(Run, folders), key=lambda run: run.name, reverse=True)
