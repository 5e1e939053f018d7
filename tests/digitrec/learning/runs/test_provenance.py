import shutil
import subprocess

import pytest

from digitrec.learning.runs import provenance
from digitrec.learning.runs.provenance import current_commit, data_digest, package_versions
from tests.support.small_data import bars_to_train_on


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A small repository, with the module somewhere below its top."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (tmp_path / "package").mkdir()
    (tmp_path / "models").mkdir()
    for name in ("package/module.py", "models/model.onnx"):
        (tmp_path / name).write_text("1\n")
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=us", "-c", "user.email=us@localhost", "commit", "--quiet", "--message", "all"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "package" / "module.py"))
    return tmp_path


def test_the_commit_and_whether_files_were_changed_since(checkout):
    clean = current_commit()
    assert len(clean) == 40
    (checkout / "models" / "model.onnx").write_text("2\n")  # what is exported does not make the exporter dirty
    (checkout / "notes.txt").write_text("not tracked\n")
    assert current_commit() == clean
    (checkout / "package" / "module.py").write_text("2\n")
    assert current_commit() == f"{clean}-dirty"


def test_outside_of_a_checkout_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "module.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert current_commit() == ""


def test_the_data_digest_covers_pixels_labels_and_split():
    data = bars_to_train_on()
    assert data_digest(data) == data_digest(bars_to_train_on())
    assert data_digest(data) != data_digest(bars_to_train_on(seed=1))
    swapped = type(data)(data.validation, data.train)
    assert data_digest(data) != data_digest(swapped)


def test_versions_of_installed_packages_only():
    assert set(package_versions(["numpy", "no-such-package"])) == {"numpy"}
