"""/docs in a real browser: what Swagger UI needs comes from the server itself, and a question can be tried."""

from pathlib import Path

import pytest

from tests.drawings import drawing, encoded


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_the_colours_of_the_system_and_fits_a_phone(new_desk, scheme: str) -> None:
    desk = new_desk(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    open_docs(desk)
    assert desk.page.evaluate("document.documentElement.scrollWidth") == 390
    is_dark = desk.page.evaluate("document.documentElement.classList.contains('dark-mode')")
    assert is_dark == (scheme == "dark")
