"""What can be judged, tried and published: the shipped model, and the runs that are done."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from demos.dashboard import paths
from digitrec.artifacts import CARD_NAME, MODEL_NAME
from digitrec.learning.runs.run import Run, list_runs

EXPORT = "export"
"""Folder in a run's directory with its model as files that serve."""

SHIPPED = "the shipped model"


@dataclass(frozen=True)
class Subject:
    """The shipped model, or a run.

    Attributes:
        run: The run; None for the shipped model.
    """

    run: Run | None = None

    @property
    def name(self) -> str:
        """What it is called on the pages."""
        return self.run.name if self.run else SHIPPED

    @property
    def models(self) -> Path:
        """The folder of its model as files that serve; a run's has to be exported first."""
        return self.run.path / EXPORT if self.run else paths.models_dir()

    @property
    def served(self) -> Path:
        """Its ONNX file."""
        return self.models / MODEL_NAME

    @property
    def judged(self) -> Path:
        """The model file that an evaluation is of."""
        return self.run.checkpoint if self.run else self.served

    @property
    def evaluation(self) -> Path:
        """The folder of its evaluation."""
        return self.run.path if self.run else paths.runs_root().parent / "evaluation"

    @property
    def is_exported(self) -> bool:
        """Whether its ONNX file and card are there, and not older than the network they were made of."""
        try:
            exported = (self.models / CARD_NAME).stat().st_mtime
            return self.served.is_file() and (self.run is None or exported >= self.run.checkpoint.stat().st_mtime)
        except OSError:
            return False

    def evaluate_command(self) -> list[str]:
        """The command that evaluates it."""
        if self.run:
            return ["training.evaluate", str(self.run.path)]
        return ["training.evaluate", "--models", str(self.models), "--out", str(self.evaluation)]

    def export_command(self, folder: Path) -> list[str]:
        """The command that exports a run.

        Args:
            folder: Where the files go.
        """
        if self.run is None:
            raise ValueError("the shipped model is exported already")
        return ["training.export", str(self.run.path), "--out", str(folder)]


def finished_runs() -> list[Run]:
    """The runs with a network that is ready to serve, the newest first."""
    return [run for run in list_runs(paths.runs_root()) if is_finished(run)]


def is_finished(run: Run) -> bool:
    """Whether a run has a network and its calibration, which is the last thing that training writes."""
    return run.checkpoint.is_file() and (run.path / "calibration.json").is_file()


def choose(label: str, key: str, options: list[Subject], none: str = "") -> Subject | None:
    """Let the visitor choose; the choice stands in the page's address.

    Args:
        label: Of the widget.
        key: Of the widget, and in the address.
        options: To choose among.
        none: Words for choosing none of them, which then comes first; empty where one must be chosen.
    """
    by_name = {subject.name: subject for subject in options}
    names = [none, *by_name] if none else list(by_name)
    chosen = st.selectbox(label, names, key=key, bind="query-params")
    return by_name.get(chosen) if chosen else None
