"""Was it right? From the page into the database."""

import sqlite3
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]
ONE = [(0.5, 0.2), (0.5, 0.8)]
HEART = [(0.5, 0.8), (0.2, 0.5), (0.2, 0.3), (0.35, 0.2), (0.5, 0.35), (0.65, 0.2), (0.8, 0.3), (0.8, 0.5), (0.5, 0.8)]


def rows(database: Path) -> list[tuple]:
    """What was said: label, predicted, whether the drawing was kept."""
    if not database.exists():
        return []
    connection = sqlite3.connect(database)
    try:
        return list(connection.execute("SELECT label, predicted, drawing IS NOT NULL FROM corrections ORDER BY id"))
    finally:
        connection.close()


def new_rows(database: Path, before: list[tuple]) -> list[tuple]:
    return rows(database)[len(before) :]


def draw(desk, stroke: list[tuple[float, float]]) -> None:
    desk.draw(stroke)
    desk.settle()


def test_one_click_confirms_the_answer(desk, database) -> None:
    before = rows(database)
    expect(desk.page.get_by_role("button", name="Yes")).to_be_hidden()
    draw(desk, SEVEN)
    expect(desk.page.get_by_text("Is it a 7?")).to_be_visible()
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    assert new_rows(database, before) == [(7, 7, 0)]


def test_the_last_label_chosen_by_click_or_key_counts(desk, database) -> None:
    before = rows(database)
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="No", exact=True).click()
    desk.page.get_by_role("button", name="1", exact=True).click()
    expect(desk.page.get_by_text("Thank you: it is a 1.")).to_be_visible()
    desk.page.keyboard.press("8")
    expect(desk.page.get_by_text("Thank you: it is an 8.")).to_be_visible()
    assert new_rows(database, before) == [(8, 7, 0)]
    desk.page.keyboard.press("Delete")
    expect(desk.page.get_by_text("Thank you")).to_be_hidden()
    desk.page.keyboard.press("3")  # nothing is on the sheet
    draw(desk, ONE)
    desk.page.get_by_role("button", name="No", exact=True).click()
    desk.page.get_by_role("button", name="Not a digit").click()
    expect(desk.page.get_by_text("Thank you: it is not a digit.")).to_be_visible()
    assert new_rows(database, before) == [(8, 7, 0), (10, 1, 0)]


def test_feedback_on_a_doubted_drawing_suggests_no_digit(desk, database) -> None:
    before = rows(database)
    draw(desk, HEART)
    expect(desk.page.locator("#answer")).to_have_attribute("data-state", "doubt")
    expect(desk.page.get_by_text("What is it?")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Yes")).to_be_hidden()
    first = desk.page.locator("#choices button").first
    expect(first).to_have_text("Not a digit")
    first.click()
    expect(desk.page.get_by_text("Thank you: it is not a digit.")).to_be_visible()
    assert [label for label, *_ in new_rows(database, before)] == [10]


def test_there_is_no_question_while_the_sheet_has_changed(desk, database) -> None:
    before = rows(database)
    draw(desk, ONE)
    yes = desk.page.get_by_role("button", name="Yes")
    expect(yes).to_be_visible()
    held = []
    desk.page.route("**/api/predict*", lambda route: held.append(route))
    desk.draw([(0.3, 0.2), (0.7, 0.2)], lift=False)
    expect(yes).to_be_hidden()  # the pen is down
    desk.page.mouse.up()
    desk.page.keyboard.press("1")  # and the answer to the whole drawing is under way
    expect(yes).to_be_hidden()
    desk.page.unroute_all()  # the next request replaces the one that is held
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".ask:visible")).to_have_count(1)
    assert new_rows(database, before) == []


def test_a_correction_is_taken_back(desk, database) -> None:
    before = rows(database)
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="Yes").press("Enter")
    undo = desk.page.get_by_role("button", name="Undo my answer")
    expect(undo).to_be_focused()
    assert new_rows(database, before) == [(7, 7, 0)]
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("button", name="Yes")).to_be_focused()
    assert new_rows(database, before) == []
    desk.page.keyboard.press("2")
    expect(desk.page.get_by_text("Thank you: it is a 2.")).to_be_visible()
    assert new_rows(database, before) == [(2, 7, 0)]


def test_a_drawing_that_undo_brings_back_keeps_its_correction(desk, database) -> None:
    before = rows(database)
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    desk.page.keyboard.press("Delete")
    desk.page.keyboard.press("Control+z")
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    assert new_rows(database, before) == [(7, 7, 0)]


def test_escape_closes_the_choices_and_leaves_the_drawing(desk) -> None:
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="No", exact=True).press("Enter")
    expect(desk.page.get_by_text("What is it?")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_text("Is it a 7?")).to_be_visible()
    expect(desk.page.get_by_role("button", name="No", exact=True)).to_be_focused()
    desk.page.keyboard.press("Escape")
    assert desk.ink() > 0


def test_consent_counts_before_and_after_the_answer(desk, database) -> None:
    before = rows(database)
    draw(desk, SEVEN)
    desk.page.keyboard.press("7")
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    desk.page.get_by_label("Keep my drawing").check()
    expect(desk.page.get_by_text("Your drawing is kept.")).to_be_visible()
    assert new_rows(database, before) == [(7, 7, 1)]
    desk.page.get_by_label("Keep my drawing").uncheck()
    expect(desk.page.get_by_text("Your drawing is kept.")).to_be_hidden()
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    assert new_rows(database, before) == [(7, 7, 0)]


def test_the_drawing_is_kept_only_after_a_tick_that_is_remembered(desk, database) -> None:
    before = rows(database)
    draw(desk, SEVEN)
    consent = desk.page.get_by_label("Keep my drawing")
    expect(consent).not_to_be_checked()
    consent.check()
    desk.page.keyboard.press("7")
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    desk.page.reload()
    desk.page.keyboard.press("Delete")
    draw(desk, SEVEN)
    expect(desk.page.get_by_label("Keep my drawing")).to_be_checked()
    assert new_rows(database, before) == [(7, 7, 1)]


def test_a_correction_that_cannot_be_saved_can_be_sent_again(desk, database) -> None:
    before = rows(database)
    error = {"code": "database_unavailable", "message": "For programmers.", "request_id": "1"}
    away = {"status": 503, "json": {"error": error}, "headers": {"Retry-After": "30"}}
    desk.page.route("**/api/feedback/*", lambda route: route.fulfill(**away))
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("This could not be saved now. Try again in 30 seconds.")).to_be_visible()
    desk.page.unroute_all()
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    assert new_rows(database, before) == [(7, 7, 0)]
    desk.expect_problems("status 503", "console: Failed to load resource")


def test_a_new_drawing_is_a_new_question(desk) -> None:
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you")).to_be_visible()
    desk.page.keyboard.press("Delete")
    draw(desk, ONE)
    expect(desk.page.get_by_role("button", name="Yes")).to_be_visible()
    expect(desk.page.get_by_text("Thank you")).to_be_hidden()
