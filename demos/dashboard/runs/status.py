"""The state of a run in plain sentences."""

import math
import re
from dataclasses import dataclass

from demos.dashboard.runs.records import Record

KILLED = "its process ended without a word"
MEMORY = re.compile(r"MemoryError|ResourceExhausted|out of memory|OOM|bad_alloc|Unable to allocate", re.IGNORECASE)
NOT_FINITE = re.compile(r"the loss became (nan|-?inf)", re.IGNORECASE)
STATE_ICONS = {"running": "▶", "done": "✓", "stopped": "■", "failed": "✕", "broken": "!"}


@dataclass(frozen=True)
class Explanation:
    """The state of a run in words.

    Attributes:
        kind: info, success, warning or error.
        text: The state, and what to do next.
        can_resume: Whether resuming may help.
    """

    kind: str
    text: str
    can_resume: bool = False


def explain(record: Record) -> Explanation:
    """Explain the state of a run, and what to do."""
    if record.flaws:
        return Explanation("warning", f"This run directory is broken: {'; '.join(record.flaws)}.")
    state, reason = record.status.state, record.status.reason
    if state == "running":
        return Explanation("info", _running(record))
    if state == "done":
        return Explanation("success", _done(record))
    if state == "stopped" and reason.startswith(KILLED):
        where = _resume_from(record)
        return Explanation(
            "warning",
            "The process was killed: by somebody, by a power cut, or by the system because memory ran out."
            f" {where} If it happens again, try a smaller batch size or width.",
            can_resume=True,
        )
    if state == "stopped":
        return Explanation("warning", f"Stopped {reason or 'by hand'}. {_resume_from(record)}", can_resume=True)
    return _failed(record, reason)


def format_duration(seconds: float) -> str:
    """Write a duration: 40 s, 5 min, 2 h 10 min."""
    if seconds < 59.5:
        return f"{max(0, seconds):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def is_training(record: Record) -> bool:
    """Whether a running run has reached its first step; before that, it loads data and builds the network."""
    return record.progress.get("eta") is not None or bool(record.progress.get("step"))


def describe_progress(record: Record) -> tuple[float, str]:
    """The progress of a run, 0 to 1, and in words."""
    progress, epochs = record.progress, record.epochs or 0
    if record.status.state != "running":
        done = len(record.history)
        early = record.status.state == "done" and done < epochs
        share = 1.0 if record.status.state == "done" else done / epochs if epochs else 0.0
        return min(1.0, share), f"{done} of {epochs} epochs" + (", stopped early" if early else "")
    if not is_training(record):
        return 0.0, "Loading the data and building the network"
    epoch, step, steps = (_number(progress.get(name)) for name in ("epoch", "step", "steps"))
    share = (epoch + (step / steps if steps else 0)) / epochs if epochs else 0.0
    text = f"Epoch {min(epoch + 1, epochs):.0f} of {epochs}, step {step:,.0f} of {steps:,.0f}"
    eta = progress.get("eta")
    if isinstance(eta, int | float) and math.isfinite(eta):
        text += f" · {format_duration(eta)} left" if eta > 0 else " · finishing"
    return min(1.0, max(0.0, share)), text


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _running(record: Record) -> str:
    return "Training" if is_training(record) else "Starting: loading the data and building the network"


def _done(record: Record) -> str:
    best = record.best
    if not best:
        return "Done, but without a history: its accuracy on validation is not known."
    text = f"Done: {best['val_accuracy']:.2%} right on validation, in epoch {best.get('epoch', 0) + 1:.0f}"
    if record.epochs and len(record.history) < record.epochs:
        text += f"; it stopped early, after {len(record.history)} epochs"
    return text + "."


def _resume_from(record: Record) -> str:
    done = len(record.history)
    if not done:
        return "Resume starts it again, because no epoch was finished."
    return f"Resume continues after epoch {done} as if it had not been interrupted."


def _failed(record: Record, reason: str) -> Explanation:
    reason = reason.rstrip(". ")
    if NOT_FINITE.search(reason):
        return Explanation("error", f"Training failed: {reason}.")  # resuming would lead to the same
    if MEMORY.search(reason):
        return Explanation(
            "error",
            "The machine ran out of memory. Try a smaller batch size or width, fewer images, or end other programs."
            f" The system said: {_short(reason)}",
            can_resume=True,
        )
    if re.search(r"(, row \d+|: no such file|\.csv\b|mnist)", reason, re.IGNORECASE):
        return Explanation("error", f"The data cannot be used: {reason}.", can_resume=True)
    return Explanation("error", f"Training failed: {_short(reason) or 'no reason was given'}.", can_resume=True)


def _short(text: str, most: int = 400) -> str:
    first = " ".join(text.split())
    return first if len(first) <= most else first[:most].rsplit(" ", 1)[0] + " …"
