"""The page /review in a real browser: single keys, buttons, filters, and two who decide at once."""

import datetime
import uuid

import pytest
from werkzeug.security import generate_password_hash

from benchmarks.servers import serve_web_app
from flask_app.corrections.criteria import Decision
from flask_app.corrections.database import Database
from flask_app.corrections.models import Correction
from flask_app.corrections.store import CorrectionStore
from tests.browser.test_access import violations
from tests.support.drawings import drawing, encoded

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

PASSWORD = "correct horse"
# What Chromium says of the two answers that a test provokes: to a decision that came too late, and from the door.
EXPECTED = {
    "Failed to load resource: the server responded with a status of 409 (CONFLICT)",
    "Failed to load resource: net::ERR_FAILED",
}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The address of a server with the page, and the folder of its database."""
    folder = tmp_path_factory.mktemp("review")
    settings = {
        "DIGITREC_REVIEW_PASSWORD_HASH": generate_password_hash(PASSWORD),
        "DIGITREC_SECRET_KEY": uuid.uuid4().hex,
    }
    with serve_web_app(folder, **settings) as server:
        yield server.url, folder


@pytest.fixture
def store(house):
    """The server's corrections: three pending ones, said to be 4, 5 and 6, all taken for 9."""
    database = Database(f"sqlite:///{house[1]}/digitrec.db")
    kept = CorrectionStore(database)
    for one in kept.iterate():
        kept.delete(one.key)
    for digit in (4, 5, 6):
        pixels = drawing(digit)
        small = drawing(digit, size=20, thickness=2, canvas=(28, 28))
        made = {"key": uuid.uuid4().hex, "created": datetime.datetime.now(datetime.UTC), "label": digit}
        seen = {"predicted": 9, "confidence": 0.6, "doubt": 0.1, "model": "ab" * 32}
        kept.add(Correction(**made, **seen, frame=small.tobytes(), drawing=encoded(255 - pixels), state="pending"))
    yield kept
    database.close()


@pytest.fixture
def visit(chromium, house, store):
    """Log in. The arguments are Playwright's."""
    contexts, problems = [], []

    def log_in(**options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("request", lambda r: None if r.url.startswith((house[0], "data:")) else problems.append(r.url))
        page.goto(f"{house[0]}/review/")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Review").wait_for()
        if options.get("java_script_enabled", True):
            expect(page.locator(".card").first).to_be_focused()  # a key that comes before the script is lost
        return page

    yield log_in
    for context in contexts:
        context.close()
    assert [problem for problem in problems if problem not in EXPECTED] == []


def verdicts(page):
    return page.locator(".outcome")


def test_three_keys_decide_on_three(visit, store) -> None:
    page = visit()
    expect(verdicts(page)).to_have_text(["pending"] * 3)
    for key, index, words in (("a", 0, "accepted as 4"), ("8", 1, "accepted as 8"), ("r", 2, "rejected")):
        page.keyboard.press(key)
        expect(verdicts(page).nth(index)).to_have_text(words)
    assert [(one.state, one.reviewed_label) for one in store.page()] == [
        ("accepted", 4),
        ("accepted", 8),
        ("rejected", None),
    ]
    expect(page.locator("#counts")).to_have_text("0 to review, 0 pending in all, 2 accepted, 1 rejected")
    page.keyboard.press("u")
    expect(verdicts(page).nth(2)).to_have_text("pending")
    page.keyboard.press("k")
    page.keyboard.press("n")
    expect(verdicts(page).nth(1)).to_have_text("accepted as not a digit")
    assert [one.reviewed_label for one in store.page()] == [4, 10, None]
    page.keyboard.press("u")  # the focus is on the third card, but the last decision was on the second
    expect(verdicts(page).nth(1)).to_have_text("accepted as 8")
    page.keyboard.press("u")
    expect(verdicts(page).nth(1)).to_have_text("pending")
    expect(page.locator("#counts")).to_have_text("2 to review, 2 pending in all, 1 accepted, 0 rejected")


def test_a_finger_decides_by_buttons_and_nothing_sticks_out(visit, store) -> None:
    page = visit(color_scheme="dark", **PHONE)
    card = page.locator(".card").first
    card.get_by_role("button", name="7", exact=True).tap()
    expect(verdicts(page).first).to_have_text("accepted as 7")
    assert store.page()[0].reviewed_label == 7
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(page) == []
    drawn = card.get_by_role("img", name="The drawing")
    assert drawn.evaluate("image => image.naturalWidth") == 280


def test_without_a_script_the_same_buttons_work(visit, store) -> None:
    page = visit(java_script_enabled=False)
    page.locator(".card").first.get_by_role("button", name="Reject").click()
    expect(page.locator(".card")).to_have_count(2)
    assert store.page()[0].state == "rejected"
    page.locator(".last").get_by_role("button", name="Undo").click()
    expect(page.locator(".card")).to_have_count(3)
    page.locator(".card").first.get_by_role("button", name="Reject").click()
    page.get_by_label("State").select_option("rejected")
    page.get_by_role("button", name="Show").click()
    expect(verdicts(page)).to_have_text(["rejected"])


def test_a_second_reviewer_sees_the_decision_of_the_first(visit, store) -> None:
    page = visit()
    store.review(store.page()[0].id, Decision("rejected"))
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_have_text(
        "This correction was changed in the meantime. Reload the page to see how."
    )
    assert store.page()[0].state == "rejected"


def test_a_decision_after_logout_shows_that_nothing_was_saved(visit, store) -> None:
    page = visit()
    page.wait_for_load_state("networkidle")  # an answer that comes later would set the cookie again
    page.context.clear_cookies()
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("This could not be saved")
    assert store.page()[0].state == "pending"
