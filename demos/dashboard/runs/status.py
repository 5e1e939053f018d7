"""How a run stands, in plain sentences."""

import math
import re
from dataclasses import dataclass

from demos.dashboard.runs.records import Record

KILLED = "its process ended without a word"
MEMORY = re.compile(r"MemoryError|ResourceExhausted|out of memory|OOM|bad_alloc|Unable to allocate", re.IGNORECASE)
NOT_FINITE = re.compile(r"the loss became (nan|-?inf)", re.IGNORECASE)
STATE_ICONS = {"running": "▶", "done": "✓", "stopped": "■", "failed": "✕", "broken": "!"}


@dataclass(frozen=True)
class Sentence:
    """What there is to say of a run.

    Attributes:
        kind: info, success, warning or error.
        text: The sentence, with what to do next.
        can_resume: Whether going on may help.
    """

    kind: str
    text: str
    can_resume: bool = False


def explain(record: Record) -> Sentence:
    """Say how a run stands, and what to do."""
    if record.flaws:
        return Sentence("warning", f"This run directory is broken: {'; '.join(record.flaws)}.")
    state, reason = record.status.state, record.status.reason
    if state == "running":
        return Sentence("info", _running(record))
    if state == "done":
        return Sentence("success", _done(record))
    if state == "stopped" and reason.startswith(KILLED):
        where = _resume_from(record)
        return Sentence(
            "warning",
            "The process was ended from outside, without a word: killed, by a power cut, or by the system because"
            f" memory ran out. {where} If it happens again, try a smaller batch size or width.",
            can_resume=True,
        )
    if state == "stopped":
        return Sentence("warning", f"Stopped {reason or 'by hand'}. {_resume_from(record)}", can_resume=True)
    return _failed(record, reason)


def duration(seconds: float) -> str:
    """A time as people say it: 40 s, 5 min, 2 h 10 min."""
    if seconds < 59.5:
        return f"{max(0, seconds):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def is_training(record: Record) -> bool:
    """Whether a running run has come to its first step; before, it loads data and builds the network."""
    return record.progress.get("eta") is not None or bool(record.progress.get("step"))


def progress_of(record: Record) -> tuple[float, str]:
    """How far a run is, 0 to 1, and that in words."""
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
        text += f" · {duration(eta)} left" if eta > 0 else " · finishing"
    return min(1.0, max(0.0, share)), text


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _running(record: Record) -> str:
    return "Training" if is_training(record) else "Starting: the data is loaded and the network built"


def _done(record: Record) -> str:
    best = record.best
    if not best:
        return "Done."
    text = f"Done: {best['val_accuracy']:.2%} right on validation, in epoch {best.get('epoch', 0) + 1:.0f}"
    if record.epochs and len(record.history) < record.epochs:
        text += f"; it stopped early, after {len(record.history)} epochs without need of the rest"
    return text + "."


def _resume_from(record: Record) -> str:
    done = len(record.history)
    if not done:
        return "Resume starts it over, for no epoch was done."
    return f"Resume goes on after epoch {done} as if nothing had been."


def _failed(record: Record, reason: str) -> Sentence:
    reason = reason.rstrip(". ")
    if NOT_FINITE.search(reason):
        return Sentence("error", f"Training failed: {reason}.")  # resumed, it would come to the same again
    if MEMORY.search(reason):
        return Sentence(
            "error",
            "The machine ran out of memory. Try a smaller batch size or width, fewer images, or end what else runs."
            f" The system said: {_short(reason)}",
            can_resume=True,
        )
    if re.search(r"(, row \d+|: no such file|\.csv\b|mnist)", reason, re.IGNORECASE):
        return Sentence("error", f"The data cannot be used: {reason}.", can_resume=True)
    return Sentence("error", f"Training failed: {_short(reason) or 'nobody said why'}.", can_resume=True)


def _short(text: str, most: int = 400) -> str:
    first = " ".join(text.split())
    return first if len(first) <= most else first[:most].rsplit(" ", 1)[0] + " …"
