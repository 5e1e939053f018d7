"""Tables of runs: all of them, their results, and the settings in which they differ."""

import json
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from demos.dashboard.runs.records import Record
from demos.dashboard.runs.status import STATE_ICONS
from digitrec.learning.runs.run import STATES

ALL_STATES = (*STATES, "broken")

RESULTS = {
    "run": "Run",
    "state": "State",
    "began": "Began (UTC)",
    "epochs_done": "Epochs done",
    "val_accuracy": "Validation",
    "best_epoch": "Best epoch",
    "val_loss": "Validation loss",
    "test_accuracy": "MNIST test",
    "ece": "Calibration error",
    "minutes": "Minutes",
    "tags": "Tags",
}
"""Titles of the result columns, in their order."""

NOT_COMPARED = ("name",)


def runs_table(records: Sequence[Record], settings: Sequence[str]) -> pd.DataFrame:
    """Make a table with a row for each run: its results and some of its settings.

    Args:
        records: The runs, in the order of the rows.
        settings: Names of the settings to show.

    Returns:
        Columns named by the keys of `RESULTS`, then by the settings. Figures are numbers, so that they sort as
        numbers; missing ones are empty.
    """
    rows = [results_of(record) for record in records]
    frame = pd.DataFrame(rows, columns=list(RESULTS))
    frame["began"] = pd.to_datetime(frame["began"], utc=True)
    for name in ("val_accuracy", "best_epoch", "val_loss", "test_accuracy", "ece", "minutes"):
        frame[name] = frame[name].astype("float64")
    for name in settings:
        frame[name] = _column([record.config.get(name) for record in records])
    return frame


def results_of(record: Record) -> dict[str, Any]:
    """The results of a run, by the keys of `RESULTS`; None where there is none."""
    best = record.best
    return {
        "run": record.title + (" (archived)" if record.archived else ""),
        "state": f"{STATE_ICONS[record.state]} {record.state}",
        "began": record.began,
        "epochs_done": len(record.history),
        "val_accuracy": best.get("val_accuracy"),
        "best_epoch": best["epoch"] + 1 if "epoch" in best else None,
        "val_loss": best.get("val_loss"),
        "test_accuracy": record.figure("accuracy"),
        "ece": record.figure("ece"),
        "minutes": record.minutes,
        "tags": list(record.notes.tags),
    }


def _column(values: list[Any]) -> list[Any]:
    """Convert the values of a setting to one type: numbers if all are numbers, else text."""
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return [None if value is None else float(value) for value in values]
    return [None if value is None else format_setting(value) for value in values]


def format_setting(value: Any) -> str:
    """Write a setting's value as text."""
    if value is None:
        return "all"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return value if isinstance(value, str) else json.dumps(value)


def key_by_title(records: Sequence[Record]) -> dict[str, Record]:
    """Key runs by their names, with the time if two have the same."""
    titles = [record.title for record in records]
    return {record.name if titles.count(record.title) > 1 else record.title: record for record in records}


def differing_settings(records: Sequence[Record]) -> list[str]:
    """List the settings in which runs differ, in the order of their configurations."""
    records = [record for record in records if record.config]
    names = dict.fromkeys(name for record in records for name in record.config)
    return [
        name
        for name in names
        if name not in NOT_COMPARED and len({repr(record.config.get(name, ...)) for record in records}) > 1
    ]


def differences_table(records: Sequence[Record]) -> pd.DataFrame:
    """Make a table of the settings in which runs differ: a row for each, a column for each run, as text."""
    columns = {
        called: [
            format_setting(record.config[name]) if name in record.config else "-"
            for name in differing_settings(records)
        ]
        for called, record in key_by_title(records).items()
    }
    return pd.DataFrame(columns, index=pd.Index(differing_settings(records), name="setting"))


def settings_table(record: Record) -> pd.DataFrame:
    """Make a table of a run's configuration: a row for each setting, as text."""
    names = [name for name in record.config if name not in NOT_COMPARED]
    values = [format_setting(record.config[name]) for name in names]
    return pd.DataFrame({record.title: values}, index=pd.Index(names, name="setting"))


def results_table(records: Sequence[Record]) -> pd.DataFrame:
    """Make a table of results: a row for each figure, a column for each run, as text."""

    def shown(name: str, value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return "-"
        if "accuracy" in name:
            return f"{value:.2%}"
        return f"{value:.0f}" if "epoch" in name else f"{value:.1f}" if name == "minutes" else f"{value:.4f}"

    names = ("val_accuracy", "best_epoch", "val_loss", "test_accuracy", "ece", "minutes")
    columns = {
        called: [shown(name, results_of(record)[name]) for name in names]
        for called, record in key_by_title(records).items()
    }
    return pd.DataFrame(columns, index=pd.Index([RESULTS[name] for name in names], name="result"))
