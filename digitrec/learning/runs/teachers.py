"""The runs whose networks teach another one. Needs no Keras."""

import hashlib
from collections.abc import Sequence

from digitrec.errors import DatasetError
from digitrec.learning.runs.run import Run, open_run


def open_teachers(paths: Sequence[str]) -> list[Run]:
    """Open the runs to learn from.

    Raises:
        DatasetError: No run there, or one without a checkpoint.
    """
    runs = [open_run(path) for path in paths]
    for run in runs:
        if not run.checkpoint.exists():
            raise DatasetError(
                f"{run.path} cannot teach: it has no {run.checkpoint.name}, for no epoch of it has ended yet"
            )
    return runs


def teacher_digests(teachers: Sequence[Run]) -> dict[str, str]:
    """By run name, the SHA-256 of the network that teaches."""
    return {run.name: hashlib.sha256(run.checkpoint.read_bytes()).hexdigest() for run in teachers}
