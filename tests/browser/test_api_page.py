"""/docs in a real browser: what Swagger UI needs comes from the server itself, and a question can be tried."""

from pathlib import Path

import pytest

from tests.support.drawings import drawing, encoded


def open_docs(desk) -> None:
    desk.page.goto(f"{desk.address}/docs")
    desk.page.wait_for_selector("#operations-recognize-predict")


def test_a_picture_can_be_tried(desk, tmp_path: Path) -> None:
    picture = tmp_path / "four.png"
    picture.write_bytes(encoded(drawing(4)))
    open_docs(desk)
    desk.page.click("#operations-recognize-predict .opblock-summary-control")
    desk.page.set_input_files("#operations-recognize-predict input[type=file]", picture)
    desk.page.click("#operations-recognize-predict .execute")
    answer = desk.page.locator("#operations-recognize-predict .live-responses-table .highlight-code").first
    answer.wait_for()
    assert '"digit": 4' in answer.inner_text()


def test_the_example_of_the_api_page_is_a_digit(desk) -> None:
    open_docs(desk)
    desk.page.click("#operations-recognize-predict .opblock-summary-control")
    desk.page.select_option("#operations-recognize-predict .opblock-section-request-body select", "application/json")
    desk.page.click("#operations-recognize-predict .execute")
    answer = desk.page.locator("#operations-recognize-predict .live-responses-table .highlight-code").first
    answer.wait_for()
    assert '"digit": 7' in answer.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_docs_page_follows_the_colour_scheme_and_fits_a_phone(new_desk, scheme: str) -> None:
    desk = new_desk(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    open_docs(desk)
    desk.page.click("#operations-recognize-predict .opblock-summary-control")
    desk.page.locator("#operations-recognize-predict table.headers").first.wait_for()
    assert desk.page.evaluate("document.documentElement.scrollWidth") == 390
    colours = desk.page.evaluate(
        "[document.body, document.querySelector('.docs .swagger-ui')].map((e) => getComputedStyle(e).backgroundColor)"
    )
    paper = {"light": "rgb(244, 241, 234)", "dark": "rgb(20, 22, 27)"}[scheme]
    assert colours[0] == paper
    assert colours[1] in (paper, "rgba(0, 0, 0, 0)")
    ink = desk.page.locator("#operations-recognize-predict table.headers td").first.evaluate(
        "(cell) => getComputedStyle(cell).color"
    )
    assert (ink == "rgb(243, 239, 230)") == (scheme == "dark")
