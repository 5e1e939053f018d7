"""Files of a run directory that unpack to more than they may are refused before they are read."""

import io
import zipfile
from pathlib import Path

import h5py
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.evaluation.predictions import PREDICTIONS, Predictions
from digitrec.learning.models import checkpoints
from digitrec.learning.runs.archive_size import check_unpacked_size


def write(path: Path, **members: int) -> Path:
    """A zip file whose members are so many zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in members.items():
            archive.writestr(name, bytes(size))
    return path


def test_what_unpacks_to_too_much_or_has_too_many_files_is_refused(tmp_path) -> None:
    path = write(tmp_path / "a.zip", one=600, two=400)
    check_unpacked_size(path, 1000)
    with pytest.raises(DatasetError, match=r"unpacks to 1,000 bytes in 2 files; at most 999"):
        check_unpacked_size(path, 999)
    with pytest.raises(DatasetError, match="in 101 files"):
        check_unpacked_size(write(tmp_path / "b.zip", **{f"m{n}": 0 for n in range(101)}), 10**6)


def test_predictions_that_unpack_to_gigabytes_are_refused(tmp_path) -> None:
    path = write(tmp_path / PREDICTIONS, **{"labels.npy": 150_000_000})
    assert path.stat().st_size < 1_000_000
    with pytest.raises(DatasetError, match="at most 100,000,000"):
        Predictions.load(tmp_path)


def test_a_network_whose_weights_unpack_to_gigabytes_is_refused(tmp_path) -> None:
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/dense/vars/0", (10**6, 10**3), "f4", chunks=True, compression="gzip")
    path = tmp_path / "best.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(checkpoints.WEIGHTS, weights.getvalue())
    assert path.stat().st_size < 100_000
    with pytest.raises(DatasetError, match=r"the weights of .* unpack to 4,000,000,000 bytes"):
        checkpoints._load(path, "name another model")
