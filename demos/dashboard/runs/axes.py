"""What curves are plotted over: epochs, steps or time."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from demos.dashboard.paths import file_version
from demos.dashboard.runs.curves import Points, Rows, epoch_points
from demos.dashboard.runs.records import Record
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.timeline import TIMELINE, read_timeline

EPOCHS, STEPS, MINUTES = "epochs", "steps", "minutes"
AXES = (EPOCHS, STEPS, MINUTES)

WITHIN_EPOCHS = ("loss", "accuracy")
"""Figures that the timeline has within an epoch too: the mean of the epoch so far."""


def get_timeline(run: Run) -> Rows:
    """A run's timeline, read again only when it has grown."""
    return _read(str(run.path), file_version(run.path / TIMELINE))


@st.cache_data(max_entries=20, show_spinner=False)
def _read(path: str, version: tuple[int, int]) -> list[dict[str, float]]:
    """Read a timeline; `version` is only a key of the cache."""
    return read_timeline(Run(Path(path)))


def list_points(record: Record, name: str, axis: str) -> Points | None:
    """The points of a curve; None where the run does not say where they are on that axis.

    Args:
        record: The run.
        name: A column of its history.
        axis: One of `AXES`.
    """
    epochs, values = epoch_points(record.history, name)
    if axis == EPOCHS:
        return epochs, values
    timeline = get_timeline(record.run)
    if axis == STEPS:
        if record.steps is None:
            return None
        if name in WITHIN_EPOCHS and timeline:
            return _within(name, {row["epoch"] * record.steps + row["step"]: row for row in timeline})
        return [epoch * record.steps for epoch in epochs], values
    if not timeline:
        return None
    if name in WITHIN_EPOCHS:
        return _within(name, {row["seconds"] / 60: row for row in timeline})
    ends = {row["epoch"]: row["seconds"] / 60 for row in timeline if row["step"] == 0}
    known = [(ends[epoch], value) for epoch, value in zip(epochs, values, strict=True) if epoch in ends]
    return [x for x, _ in known], [y for _, y in known]


def _within(name: str, placed: dict[float, Mapping[str, float]]) -> Points:
    return list(placed), [row.get(name, float("nan")) for row in placed.values()]
