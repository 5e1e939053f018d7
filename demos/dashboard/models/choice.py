"""The models that can be evaluated, tried and published: the shipped one, and those of finished runs."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from demos.dashboard import paths
from demos.dashboard.paths import file_version
from digitrec.artifacts import CARD_NAME, MODEL_NAME
from digitrec.learning.evaluation.predictions import PREDICTIONS
from digitrec.learning.runs.run import Run, list_runs

EXPORT = "export"
"""Folder in a run's directory with its exported model."""

SHIPPED = "the shipped model"


@dataclass(frozen=True)
class ModelChoice:
    """The shipped model, or a run.

    Attributes:
        run: The run; None for the shipped model.
    """

    run: Run | None = None

    @property
    def name(self) -> str:
        """Its name on the pages."""
        return self.run.name if self.run else SHIPPED

    @property
    def models_dir(self) -> Path:
        """The folder of its exported model; a run has to be exported first."""
        return self.run.path / EXPORT if self.run else paths.models_dir()

    @property
    def onnx_file(self) -> Path:
        """Its ONNX file."""
        return self.models_dir / MODEL_NAME

    @property
    def evaluated_file(self) -> Path:
        """The model file that is evaluated."""
        return self.run.checkpoint if self.run else self.onnx_file

    @property
    def evaluation_dir(self) -> Path:
        """The folder of its evaluation."""
        if self.run:
            return self.run.path
        # The shipped model comes with its predictions; an evaluation made here is newer.
        return max(paths.shipped_evaluation_dir(), self.models_dir, key=lambda one: file_version(one / PREDICTIONS))

    @property
    def is_exported(self) -> bool:
        """Whether its ONNX file and card exist and are not older than its checkpoint."""
        try:
            exported = (self.models_dir / CARD_NAME).stat().st_mtime
            return self.onnx_file.is_file() and (self.run is None or exported >= self.run.checkpoint.stat().st_mtime)
        except OSError:
            return False

    def evaluate_command(self) -> list[str]:
        """The command that evaluates it."""
        if self.run:
            return ["training.evaluate", str(self.run.path)]
        return ["training.evaluate", "--models", str(self.models_dir), "--out", str(paths.shipped_evaluation_dir())]

    def export_command(self, folder: Path) -> list[str]:
        """The command that exports a run.

        Args:
            folder: Output folder.
        """
        if self.run is None:
            raise ValueError("the shipped model is exported already")
        return ["training.export", str(self.run.path), "--out", str(folder)]


def finished_runs() -> list[Run]:
    """List the runs with a calibrated network, the newest first."""
    return [run for run in list_runs(paths.runs_root()) if is_finished(run)]


def is_finished(run: Run) -> bool:
    """Whether a run has a network and its calibration, which training writes last."""
    return run.checkpoint.is_file() and (run.path / "calibration.json").is_file()


def choose_model(label: str, key: str, options: list[ModelChoice], none: str = "") -> ModelChoice | None:
    """Let the user choose a model; the choice is kept in the page's address.

    Args:
        label: Of the widget.
        key: Of the widget, and in the address.
        options: The models.
        none: Label of an option for no model, which then comes first; empty if one must be chosen.
    """
    by_name = {subject.name: subject for subject in options}
    names = [none, *by_name] if none else list(by_name)
    chosen = st.selectbox(label, names, key=key, bind="query-params")
    return by_name.get(chosen) if chosen else None
