"""Whole numbers on the page: read, shown, chosen digit by digit, corrected; and the line to write on."""

import io
import sqlite3

import numpy as np
import pytest
from PIL import Image

from tests.browser.test_access import violations
from tests.support.drawings import STROKES

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect


def number(*digits: int, left: float = 0.08, size: float = 0.4, wide: int = 1) -> list[list[tuple[float, float]]]:
    """Strokes of digits side by side, as fractions of a sheet that is `wide` times as wide as high."""
    pitch = 1.1 * size
    return [
        [((left + place * pitch + x * size) / wide, 0.3 + y * size) for x, y in stroke]
        for place, digit in enumerate(digits)
        for stroke in STROKES[digit]
    ]


def numerals(desk):
    return desk.page.locator(".numeral")


def draw(desk, *digits: int, **options) -> None:
    desk.draw(*number(*digits, **options))
    desk.settle()
    expect(numerals(desk)).to_have_text([str(digit) for digit in digits])


def test_a_number_is_shown_large_and_in_boxes_and_a_tap_shows_the_bars_of_a_digit(desk) -> None:
    draw(desk, 4, 7)
    page = desk.page
    expect(page.locator("#sureness")).to_contain_text("sure")
    expect(page.locator(".box b")).to_have_text(["4", "7"])
    ink = desk.ink()
    page.mouse.click(*desk.at((0.08 + 0.44 + 0.2, 0.5)))  # on the seven
    expect(page.locator("#sureness")).to_contain_text("The 7: ")
    expect(numerals(desk).nth(1)).to_have_attribute("aria-pressed", "true")
    assert desk.ink() == ink  # a tap on a digit is no dot
    bars = page.get_by_role("list", name="Probability of each digit").get_by_role("listitem")
    shown = [float(text.split(":")[1].rstrip("%")) for text in bars.locator(".spoken").all_inner_texts()]
    assert shown.index(max(shown)) == 7
    expect(page.get_by_role("img", name="The 28 by 28 pixels the model saw; it says 7")).to_be_visible()
    numerals(desk).first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sureness")).to_contain_text("The 4: ")
    assert violations(page) == []


def test_one_question_answers_a_number_and_one_digit_looks_as_ever(desk) -> None:
    draw(desk, 4, 7)
    before = desk.questions()
    desk.submit()
    desk.until("window.unanswered === 0")
    assert desk.questions() == before + 1
    desk.page.keyboard.press("Delete")
    expect(desk.page.locator(".box")).to_have_count(0)
    desk.draw(*number(7, left=0.3))
    desk.settle()
    expect(desk.page.locator("#digit")).to_have_text("7")
    expect(numerals(desk)).to_have_count(0)
    expect(desk.page.get_by_text("Is it a 7?")).to_be_visible()


def test_a_stroke_that_begins_on_a_digit_is_drawn(desk) -> None:
    draw(desk, 4, 7)
    ink = desk.ink()
    desk.draw([(0.7, 0.5), (0.9, 0.9)])
    assert desk.ink() > ink


def rows(database) -> list[tuple]:
    connection = sqlite3.connect(database)
    try:
        return list(connection.execute("SELECT label, predicted, drawing FROM corrections ORDER BY id"))
    finally:
        connection.close()


def test_a_wrong_digit_of_a_number_is_corrected_by_itself(desk, database) -> None:
    desk.page.get_by_role("button", name="Draw a 4").click()
    desk.settle()
    desk.page.keyboard.press("4")  # the first correction makes the table
    expect(desk.page.get_by_text("Thank you")).to_be_visible()
    before = rows(database)
    desk.page.keyboard.press("Delete")
    draw(desk, 4, 7)
    expect(desk.page.locator(".ask:visible")).to_have_count(0)  # until a digit is chosen
    numerals(desk).nth(1).click()
    desk.page.get_by_label("Keep my drawing").check()
    desk.page.get_by_role("button", name="No", exact=True).click()
    desk.page.get_by_role("button", name="1", exact=True).click()
    expect(desk.page.get_by_text("Thank you: it is a 1. Your drawing is kept.")).to_be_visible()
    numerals(desk).first.click()
    expect(desk.page.get_by_text("Is it a 4?")).to_be_visible()
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you: it is a 4.")).to_be_visible()
    first, second = rows(database)[len(before) :]
    assert (first[:2], second[:2]) == ((1, 7), (4, 4))
    pixels = np.asarray(Image.open(io.BytesIO(first[2])))
    assert pixels.shape[1] < 0.7 * 280  # the seven alone
    assert pixels.min() == 0
    numerals(desk).nth(1).click()
    expect(desk.page.get_by_text("Thank you: it is a 1.")).to_be_visible()
    desk.page.get_by_role("button", name="Undo my answer").click()
    expect(desk.page.get_by_text("Is it a 7?")).to_be_visible()
    assert len(rows(database)) == len(before) + 1


@pytest.mark.parametrize("fixture", ["desk", "phone"])
def test_the_sheet_becomes_a_line_to_write_on_and_stays_one(fixture: str, request) -> None:
    desk = request.getfixturevalue(fixture)
    wide = desk.page.get_by_role("button", name="Wide sheet")
    wide.click()
    expect(wide).to_have_attribute("aria-pressed", "true")
    box = desk.page.locator("#canvas").bounding_box()
    assert box["width"] == pytest.approx(2 * box["height"], rel=0.02)
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    strokes = number(4, 7, 2, 9, left=0.1, wide=2)
    (desk.draw if fixture == "desk" else desk.touch)(*strokes)
    desk.settle()
    expect(numerals(desk)).to_have_text(["4", "7", "2", "9"])
    assert Image.open(io.BytesIO(desk.sent())).width > 280
    desk.page.reload()
    expect(wide).to_have_attribute("aria-pressed", "true")
    expect(numerals(desk)).to_have_text(["4", "7", "2", "9"])
    wide.click()  # what would be cut off is made smaller
    box = desk.page.locator("#canvas").bounding_box()
    assert box["width"] == pytest.approx(box["height"], rel=0.02)
    expect(numerals(desk)).to_have_text(["4", "7", "2", "9"])


def test_a_number_fits_beside_the_sheet_and_is_spoken(phone) -> None:
    phone.touch(*number(4, 7, 2, size=0.26))
    phone.settle()
    expect(numerals(phone)).to_have_count(3)
    expect(phone.page.locator("#announcer")).to_contain_text("472. ")
    digits = phone.page.locator("#digit").bounding_box()
    assert digits["x"] + digits["width"] <= 390
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    for part in ("#submit", "#digit"):
        box = phone.page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 844, part
