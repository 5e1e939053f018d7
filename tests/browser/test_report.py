"""A run's report, opened from its file in a real browser."""

import pytest

from demos.dashboard.runs.records import read_record
from demos.dashboard.runs.report import report
from tests.support.run_directories import made_run

pytest.importorskip("playwright.sync_api", reason="pip install playwright")

CHARTS = """() => [...document.querySelectorAll(".charts > div")].map((cell) => {
  const { left, right } = cell.getBoundingClientRect();
  const drawn = cell.querySelector(".main-svg").getBoundingClientRect();
  return [left, right, drawn.left, drawn.right].map(Math.round);
})"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.html"
    path.write_text(report(read_record(made_run(folder, epochs=9, done=9))), "utf-8")
    return path


@pytest.mark.parametrize("width", [390, 1000, 1280])
def test_each_chart_stays_in_its_place(chromium, file, width):
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("document.querySelectorAll('.charts .main-svg').length >= 3")
    for left, right, drawn_left, drawn_right in page.evaluate(CHARTS):
        assert (drawn_left, drawn_right) == (left, right)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()
