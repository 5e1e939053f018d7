"""The folder of the page without a server: what is emptied before it is built."""

import pytest

from demos.browser import __main__ as command


def test_a_folder_of_something_else_is_refused_and_kept(tmp_path, monkeypatch):
    def assemble(*_, **__):
        raise AssertionError("built over somebody's files")

    monkeypatch.setattr(command, "assemble", assemble)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("one")
    with pytest.raises(SystemExit, match="would be emptied, and holds something else; name another folder"):
        command.main(["--out", str(tmp_path), "--build-only"])
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "one"


def test_a_folder_that_was_built_is_emptied_but_for_its_history(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "assemble", lambda *_, **__: None)
    for name in ("sw.js", "manifest.webmanifest", ".nojekyll", "assets/old/file.js", ".git/HEAD"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    for _ in range(2):  # the second time it is empty
        command.main(["--out", str(tmp_path), "--build-only"])
        assert [path.name for path in tmp_path.iterdir()] == [".git"]
    assert (tmp_path / ".git" / "HEAD").exists()
