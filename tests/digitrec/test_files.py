import json

import pytest

from digitrec.files import atomic_path, write_json


def test_json_is_written_for_everybody_to_read(tmp_path):
    write_json(tmp_path / "a.json", {"digit": 4})
    assert json.loads((tmp_path / "a.json").read_text()) == {"digit": 4}
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_an_error_while_writing_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.npz"
    path.write_text("old")

    def fail_while_writing():
        with atomic_path(path) as temporary:
            assert temporary.suffix == ".npz"  # NumPy adds it to any other name
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_while_writing()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_deleted_temporary_file_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    with atomic_path(path) as temporary:
        temporary.unlink()
    assert path.read_text() == "old"
