import re

import pytest
from PIL import Image

from demos.dashboard.runs.group_report import group_report
from demos.dashboard.runs.records import RunCache
from demos.dashboard.runs.report import report
from digitrec.learning.runs.notes import Notes, write_notes
from tests.support.run_directories import broken_run, made_run


@pytest.fixture
def run(tmp_path):
    run = made_run(tmp_path, "mine", width=64)
    counts = [[980 if row == column else 2 for column in range(10)] for row in range(10)]
    run.write_json(
        "evaluation.json",
        {"accuracy": 0.99123, "interval": [0.989, 0.993], "loss": 0.03, "ece": 0.004, "confusion": counts},
    )
    run.write_json("provenance.json", {"command": "python -m training.train <x>", "data": {"sources": {"MNIST": 9}}})
    (run.path / "train.log").write_text("Epoch 1/3\n")
    Image.new("L", (8, 8)).save(run.path / "mistakes.png")
    return run


def without_scripts(page):
    return re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_all_of_a_run_is_in_its_report(run):
    page = report(RunCache().record(run))
    text = without_scripts(page)
    for told in (run.name, "Done: 90.20% right", "99.1230%", "98.9000% to 99.3000%", "Epoch 1/3", "9 images"):
        assert told in text, told
    assert "python -m training.train &lt;x&gt;" in text
    assert '<tr class="changed"><td>width</td><td class="value">64</td>' in text
    assert '<tr><td>dropout</td><td class="value">0.3</td>' in text
    assert page.count("Plotly.newPlot(") >= 4  # accuracy, loss, learning rate, confusion
    assert "data:image/png;base64," in text


def test_the_report_fetches_nothing(run):
    page = report(RunCache().record(run))
    assert re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(?!data:)", page) == []
    assert "@import" not in without_scripts(page)


def test_a_run_with_hardly_anything_in_it_has_a_report_too(tmp_path):
    page = report(RunCache().record(broken_run(tmp_path)))
    assert "config.json is not JSON" in page
    assert "<h2>Curves</h2>" not in page


@pytest.mark.parametrize("confusion", [None, [], "text", [[1] * 10] * 9, [["a"] * 10] * 10])
def test_an_odd_evaluation_is_left_out(run, confusion):
    run.write_json("evaluation.json", {"accuracy": "good", "interval": 3, "confusion": confusion})
    assert report(RunCache().record(run)).count("Plotly.newPlot(") >= 3


def test_what_a_run_is_called_cannot_run_as_script(tmp_path):
    run = made_run(tmp_path, state="failed", reason="<script>alert(1)</script>", csv=("<b>.csv",))
    text = report(RunCache().record(run))
    assert "<script>alert(1)" not in text
    assert "<b>.csv" not in text


def test_several_runs_have_one_report(tmp_path):
    for name, width in (("wide", 64), ("<b>narrow", 16)):
        made = made_run(tmp_path, name.strip("<b>"), width=width)
        write_notes(made, Notes(f"The {name} one", ("keep",)))
        made.write_json("provenance.json", {"packages": {"keras": f"3.{width}"}})
    broken_run(tmp_path)
    page = group_report(RunCache().read(tmp_path))
    text = without_scripts(page)
    for said in ("3 runs", "3.64", "3.16", "Tags: keep", "The &lt;b&gt;narrow one", "config.json is not JSON"):
        assert said in text, said
    assert "<b>narrow" not in text
    assert page.count("Plotly.newPlot(") >= 5 + 2 * 3  # each curve of all runs, and three of each run
