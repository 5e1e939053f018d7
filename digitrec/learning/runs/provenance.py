"""Provenance of a run, for its record and for the card of a model exported from it."""

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from digitrec.errors import DatasetError
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.runs.run import Run

PROVENANCE = "provenance.json"

RECORDED_PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "pandas", "pillow", "onnxruntime", "tf2onnx")


def collect_provenance(command: str, backend: str, data: TrainingData) -> dict[str, Any]:
    """Collect the provenance of a run: command, commit, packages, machine and data."""
    return {
        "command": command,
        "commit": current_commit(),
        "backend": backend,
        "python": platform.python_version(),
        "packages": package_versions(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "data": {
            "sources": data.sources,
            "train": len(data.train),
            "validation": {name: len(part) for name, part in data.validation_by_source.items()},
            "validation_negatives": 0 if data.negatives is None else len(data.negatives),
            "test_images_dropped": data.test_images_dropped,
            "duplicates_dropped": data.duplicates_dropped,
            "sha256": data_digest(data),
        },
    }


def data_digest(data: TrainingData) -> str:
    """SHA-256 of all images and labels, in their order and on their side of the split."""
    digest = hashlib.sha256()
    for part in (data.train, data.validation, *([] if data.negatives is None else [data.negatives])):
        digest.update(len(part).to_bytes(8, "big") + part.images.tobytes() + part.labels.tobytes())
    return digest.hexdigest()


def record_provenance(run: Run, now: dict[str, Any]) -> None:
    """Record the provenance of a new run, or that of the resumption of an earlier one.

    Raises:
        DatasetError: The data or the backend is not what the run began with. Another split would validate on what
            was trained on, and another backend would draw other random numbers.
    """
    origin = run.read_json(PROVENANCE)
    if not origin:
        run.write_json(PROVENANCE, now)
        return
    _check_digest(run, origin, now["data"])
    if origin.get("backend") != now["backend"]:
        raise DatasetError(
            f"{run.path} began on Keras' backend {origin.get('backend')}, and this is {now['backend']}; set"
            " KERAS_BACKEND, or start a new run"
        )
    resumed = [*origin.get("resumed", []), {key: now[key] for key in ("command", "commit", "packages")}]
    run.write_json(PROVENANCE, {**origin, "resumed": resumed})


def check_data(run: Run, origin: dict[str, Any], data: TrainingData) -> None:
    """Refuse data that is not what a run began with.

    Args:
        run: The run.
        origin: What `record_provenance` recorded of it.
        data: The data to continue with.

    Raises:
        DatasetError: Another image, label or split.
    """
    _check_digest(run, origin, {"sources": data.sources, "sha256": data_digest(data)})


def _check_digest(run: Run, origin: dict[str, Any], now: dict[str, Any]) -> None:
    before = origin.get("data", {})
    if before.get("sha256") != now["sha256"]:
        raise DatasetError(
            f"{run.path} began with other data ({before.get('sources')}, now {now['sources']}); bring back the files"
            " as they were, or start a new run"
        )


def current_commit() -> str:
    """The commit of the checkout this runs from, "" outside of one.

    It ends in "-dirty" if tracked files have been changed since; those in models/ do not count, for they are what is
    made here.
    """
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)models")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit}-dirty" if changed else commit


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def package_versions(names: Sequence[str] = RECORDED_PACKAGES) -> dict[str, str]:
    """Versions of those packages that are installed; by default of all that decide what comes out of training."""
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
