"""Where a run comes from, for its record and for the card of a model made of it."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import keras

from digitrec.learning.datasets import TrainingData

RECORDED_PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "pandas", "pillow", "onnxruntime", "tf2onnx")


def provenance(command: str, data: TrainingData) -> dict[str, Any]:
    """Where a run comes from: command, commit, packages, machine and data."""
    return {
        "command": command,
        "commit": current_commit(),
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
        "packages": package_versions(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "data": {
            "sources": data.sources,
            "train": len(data.train),
            "validation": len(data.validation),
            "test_images_dropped": data.test_images_dropped,
            "duplicates_dropped": data.duplicates_dropped,
        },
    }


def current_commit() -> str:
    """The commit of the checkout this runs from, with "-dirty" if it has been changed since; "" outside of one."""
    here = Path(__file__).parent
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return described.stdout.strip()


def package_versions() -> dict[str, str]:
    """Versions of the packages that decide what comes out of training."""
    versions = {}
    for name in RECORDED_PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
