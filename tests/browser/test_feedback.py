"""Was it right? From the page into the database."""

import sqlite3
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect
expect.set_options(timeout=20_000)  # the first correction makes the tables

SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]
ONE = [(0.5, 0.2), (0.5, 0.8)]


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


def test_one_click_says_that_it_was_right(desk, database) -> None:
    before = rows(database)
    expect(desk.page.get_by_role("button", name="Yes")).to_be_hidden()
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    assert new_rows(database, before) == [(7, 7, 0)]


def test_a_click_or_a_key_says_what_it_is(desk, database) -> None:
    before = rows(database)
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="No", exact=True).click()
    desk.page.get_by_role("button", name="1", exact=True).click()
    expect(desk.page.get_by_text("Thank you: it is a 1.")).to_be_visible()
    desk.page.keyboard.press("2")
    expect(desk.page.get_by_text("Thank you: it is a 2.")).to_be_visible()
    desk.page.keyboard.press("2")  # said again, it counts once
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_text("Thank you")).to_be_hidden()
    desk.page.keyboard.press("3")  # nothing is on the sheet
    draw(desk, ONE)
    desk.page.get_by_role("button", name="No", exact=True).click()
    desk.page.get_by_role("button", name="No digit").click()
    expect(desk.page.get_by_text("Thank you: it is no digit.")).to_be_visible()
    assert new_rows(database, before) == [(1, 7, 0), (2, 7, 0), (10, 1, 0)]


def test_the_drawing_is_kept_only_after_a_tick_that_is_remembered(desk, database) -> None:
    before = rows(database)
    draw(desk, SEVEN)
    consent = desk.page.get_by_label("Keep my drawing")
    expect(consent).not_to_be_checked()
    consent.check()
    desk.page.keyboard.press("7")
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    desk.page.reload()
    draw(desk, SEVEN)
    expect(desk.page.get_by_label("Keep my drawing")).to_be_checked()
    assert new_rows(database, before) == [(7, 7, 1)]


def test_a_correction_that_cannot_be_saved_can_be_sent_again(desk, database) -> None:
    before = rows(database)
    error = {"code": "database_unavailable", "message": "The correction could not be saved now.", "request_id": "1"}
    desk.page.route("**/api/feedback", lambda route: route.fulfill(status=503, json={"error": error}))
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("could not be saved")).to_be_visible()
    desk.page.unroute_all()
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you: it is a 7.")).to_be_visible()
    assert new_rows(database, before) == [(7, 7, 0)]
    desk.expect_problems("status 503", "console: Failed to load resource")


def test_a_new_drawing_asks_anew(desk) -> None:
    draw(desk, SEVEN)
    desk.page.get_by_role("button", name="Yes").click()
    expect(desk.page.get_by_text("Thank you")).to_be_visible()
    desk.page.keyboard.press("Escape")
    draw(desk, ONE)
    expect(desk.page.get_by_role("button", name="Yes")).to_be_visible()
    expect(desk.page.get_by_text("Thank you")).to_be_hidden()
