"""A callback that records the timeline of a run: loss by step and by time, processor and memory."""

import time

import keras
import psutil

from digitrec.learning.runs.run import Run
from digitrec.learning.runs.timeline import append_row, read_timeline


class RecordTimeline(keras.callbacks.Callback):
    """Append a row to `timeline.csv` every few seconds, and at the end of each epoch.

    It has no state in the backup: what it counts it reads from the file again.
    """

    def __init__(self, run: Run, *, every: float = 2.0) -> None:
        """Take the run to write to, and the seconds between two rows."""
        super().__init__()
        self.run, self.every = run, every
        self.process = psutil.Process()
        self.epoch = 0
        self.before = 0.0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Start the clock where an earlier process stopped it."""
        rows = read_timeline(self.run)
        self.before = rows[-1]["seconds"] if rows else 0.0
        self.started = self.written = time.monotonic()
        self.cpu = time.process_time()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Remember the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Write, unless the last time was less than `every` seconds ago."""
        if time.monotonic() - self.written >= self.every:
            self._write(self.epoch, batch + 1, logs or {})

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the epoch's figures, as of its end."""
        self._write(epoch + 1, 0, logs or {})

    def _write(self, epoch: int, step: int, logs: dict[str, float]) -> None:
        now, cpu = time.monotonic(), time.process_time()
        row: dict[str, float] = {
            "time": time.time(),
            "seconds": self.before + now - self.started,
            "epoch": epoch,
            "step": step,
            "cores": (cpu - self.cpu) / max(now - self.written, 1e-3),
            "megabytes": self.process.memory_info().rss / 1e6,
            **{name: float(logs[name]) for name in ("loss", "accuracy") if name in logs},
        }
        self.written, self.cpu = now, cpu
        append_row(self.run, row)
