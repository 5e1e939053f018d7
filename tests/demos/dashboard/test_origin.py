"""The packages and the code in which runs differ."""

import subprocess

import pytest

from demos.dashboard.runs import origin

NEW, OLD = (
    {"python": "3.12", "packages": {"keras": "3.15", "numpy": "2.4"}},
    {"packages": {"keras": "3.12", "numpy": "2.4"}},
)


@pytest.fixture
def commits(tmp_path, monkeypatch):
    """A checkout with two commits that differ in the trainer, and a third that differs in its README alone."""
    monkeypatch.setattr(origin, "ROOT", tmp_path)

    def git(*words):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        return subprocess.run(
            ["git", *identity, *words], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    git("init", "--quiet")
    (tmp_path / "digitrec").mkdir()
    found = []
    for code, readme in (("x = 1\n", "a"), ("x = 2\n", "a"), ("x = 2\n", "b")):
        (tmp_path / "digitrec" / "trainer.py").write_text(code)
        (tmp_path / "README.md").write_text(readme)
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message", "change")
        found.append(git("rev-parse", "HEAD").strip())
    return found


def test_only_the_packages_that_differ_are_listed():
    table = origin.packages_table({"new": NEW, "old": OLD, "none": {"packages": 7}})
    assert table.loc["keras"].to_dict() == {"new": "3.15", "old": "3.12", "none": "-"}
    assert table.index.tolist() == ["python", "keras", "numpy"]
    assert origin.packages_table({"a": NEW, "b": NEW}).empty


def test_the_difference_of_the_code_that_trains(commits):
    sentence, difference = origin.compare_code(commits[0], commits[1])
    assert "1 files, 1 lines added, 1 removed" in sentence
    assert "-x = 1" in difference
    assert "is the same" in origin.compare_code(commits[1], commits[2])[0]
    assert origin.compare_code(commits[0], commits[0])[0].startswith("They were trained by the same commit")


def test_what_cannot_be_compared_is_said(commits):
    assert "no record of its commit" in origin.compare_code("", commits[0])[0]
    assert "not both in this checkout" in origin.compare_code("0" * 40, commits[0])[0]
    assert "no record of its commit" in origin.compare_code("--output=/tmp/x", commits[0])[0]
    assert "further changes, which are not recorded" in origin.compare_code(f"{commits[0]}-dirty", commits[1])[0]
