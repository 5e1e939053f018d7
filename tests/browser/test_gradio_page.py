"""The Gradio sketchpad in a real browser: drawing, examples, corrections, files, and who is contacted."""

import csv
import re

import numpy as np
import pytest

from tests.support.chromium import PHONE
from tests.support.drawings import HEART, STROKES, drawing, encoded

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

PATIENCE = 30_000  # milliseconds


class Page:
    """The sketchpad's page, with hands to draw on it."""

    def __init__(self, page, address):
        self.page = page
        self.address = address
        self.problems = []
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("console", lambda m: self.problems.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("request", self._on_request)
        page.on("response", lambda r: self.problems.append(f"status {r.status}: {r.url}") if r.status >= 400 else None)
        page.goto(address)
        self.sheet = page.locator(".sketchpad canvas").locator("visible=true")
        expect(self.sheet).to_be_visible()

    def _on_request(self, request):
        if not request.url.startswith((self.address, f"blob:{self.address}", "data:")):
            self.problems.append(f"another host: {request.url}")

    def at(self, point):
        """Where a point (x, y) of the unit square is in the window, in the middle of the canvas."""
        self.sheet.scroll_into_view_if_needed()
        box = self.sheet.bounding_box()
        side = 0.75 * min(box["width"], box["height"])
        return (
            box["x"] + box["width"] / 2 + (point[0] - 0.5) * side,
            box["y"] + box["height"] / 2 + (point[1] - 0.5) * side,
        )

    def way(self, strokes):
        """Where a pen goes, in CSS pixels, for each stroke."""
        return [[self.at(point) for point in stroke] for stroke in strokes]

    def draw(self, digit):
        self.pen(STROKES[digit])

    def pen(self, strokes):
        """Draw with the mouse."""
        for points in self.way(strokes):
            self.page.mouse.move(*points[0])
            self.page.mouse.down()
            for point in points[1:]:
                self.page.mouse.move(*point)
            self.page.mouse.up()

    def touch(self, digit):
        """Draw with a finger."""
        for points in self.way(STROKES[digit]):
            self.swipe(points)

    def swipe(self, points):
        """Drag a finger along points of the window, in CSS pixels."""
        cdp = self.page.context.new_cdp_session(self.page)
        for i, (x, y) in enumerate(points):
            kind = "touchMove" if i else "touchStart"
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        cdp.detach()

    @property
    def panel(self):
        """The answer on the tab that shows."""
        return self.page.locator(".answer:visible")

    @property
    def digit(self):
        return self.panel.locator(".digit")

    def ink(self):
        """Pixels of the canvas with ink."""
        return self.sheet.evaluate(
            "sheet => sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height)"
            ".data.filter((value, i) => i % 4 === 3 && value > 0).length"
        )

    def take_example(self, digit):
        self.page.get_by_role("button", name=f"Drawing of a {digit}").click()

    def button(self, name):
        return self.page.get_by_role("button", name=name).locator("visible=true")


@pytest.fixture
def new_page(chromium, gradio):
    pages = []

    def make(**options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        context.set_default_timeout(PATIENCE)
        pages.append(Page(context.new_page(), gradio.url))
        return pages[-1]

    yield make
    for page in pages:
        page.page.context.close()
    assert [problem for page in pages for problem in page.problems] == []


@pytest.fixture
def page(new_page):
    return new_page()


@pytest.fixture
def phone(new_page):
    return new_page(**PHONE, device_scale_factor=2)


def test_a_digit_drawn_with_the_mouse_is_answered_while_drawing(page):
    page.draw(3)
    expect(page.digit).to_have_text("3")
    expect(page.panel.locator(".sureness")).to_contain_text("sure")
    rows = page.panel.get_by_role("list", name="Probability of each digit").get_by_role("listitem")
    expect(rows).to_have_count(10)
    assert sorted(row.split()[0] for row in rows.all_inner_texts()) == [*map(str, range(10))]
    assert rows.first.inner_text().split()[0] == "3"
    assert "100%" not in page.panel.inner_text()
    seen = page.panel.get_by_role("img", name="The 28 by 28 pixels the model saw")
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]
    page.button("Recognize").click()
    expect(page.digit).to_have_text("3")


def test_clear_empties_the_answer_and_the_next_drawing_begins_on_a_blank_sheet(page):
    page.draw(7)
    expect(page.digit).to_have_text("7")
    page.button("Clear").click()
    expect(page.panel.locator(".sureness")).to_have_text("Your digit will appear here")
    assert page.ink() == 0
    expect(page.button("Clear")).to_be_disabled()
    page.button("Recognize").click()
    expect(page.panel.locator(".sureness")).to_have_text("There is no ink yet. Draw a digit first.")
    page.draw(1)
    expect(page.digit).to_have_text("1")


def test_undo_takes_back_a_stroke_and_the_eraser_removes_ink(page):
    page.draw(4)  # two strokes
    expect(page.digit).to_have_text("4")
    whole = page.ink()
    page.button("Undo").click()
    one_stroke = page.ink()
    assert 0 < one_stroke < whole
    page.button("Eraser").click()
    page.pen(STROKES[4][:1])
    assert page.ink() == 0
    page.button("Undo").click()
    assert page.ink() == one_stroke
    page.button("Undo").click()
    assert page.ink() == 0
    expect(page.panel.locator(".sureness")).to_have_text("Your digit will appear here")


def test_an_answer_to_an_earlier_drawing_is_marked_and_cannot_be_corrected(page):
    page.draw(7)
    expect(page.digit).to_have_text("7")
    earlier = page.page.locator(".answer.earlier")
    expect(earlier).to_have_count(0)
    held = []
    page.page.route("**/run/predict*", lambda route: held.append(route))  # the answer does not come
    page.page.get_by_role("button", name="Drawing of a 2").click()
    expect(earlier).to_have_count(1)
    expect(page.digit).to_have_text("7")
    assert page.panel.locator(".correction").first.evaluate("section => section.closest('[inert]') !== null")
    for route in held:
        route.continue_()
    page.page.unroute("**/run/predict*")
    expect(page.digit).to_have_text("2")
    expect(earlier).to_have_count(0)
    assert page.panel.locator(".correction").first.evaluate("section => section.closest('[inert]') === null")


def test_a_drawing_outlives_a_lost_connection_and_is_answered_after_it(page):
    lost = []
    page.page.route("**/run/predict*", lambda route: (lost.append(route), route.abort()), times=1)
    page.draw(7)
    expect(page.digit).to_have_text("7")  # Gradio loads the page again once it has found the server
    assert len(lost) == 1
    assert page.ink() > 0
    page.button("Clear").click()
    page.page.reload()
    expect(page.panel.locator(".sureness")).to_have_text("Your digit will appear here")
    assert page.ink() == 0
    # The console reports the request that was cut off.
    assert [problem for problem in page.problems if "ERR_FAILED" not in problem] == []
    page.problems.clear()


def test_a_finger_draws_and_the_page_stays(phone):
    phone.touch(4)
    expect(phone.digit).to_have_text("4")
    assert phone.page.evaluate("scrollY") == 0
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
    phone.swipe([(380, 700 - 40 * i) for i in range(8)])  # beside the sheet, the same finger scrolls
    phone.page.wait_for_function("scrollY > 50")


def test_the_answer_is_seen_with_the_drawing_on_a_phone(phone):
    phone.take_example(5)
    expect(phone.digit).to_have_text("5")
    phone.page.evaluate("scrollTo(0, 0)")
    box = phone.panel.locator(".verdict").bounding_box()
    assert box["y"] + box["height"] <= 844


def test_every_example_is_one_click_away_and_replaces_what_was_drawn(page):
    page.draw(4)
    expect(page.digit).to_have_text("4")
    for digit in range(10):
        page.take_example(digit)
        expect(page.digit).to_have_text(str(digit))


def test_a_non_digit_is_doubted(page):
    page.take_example(4)
    expect(page.digit).to_have_text("4")
    page.button("Clear").click()
    page.pen(HEART)
    expect(page.panel.locator(".sureness")).to_have_text(re.compile(r"I can't see a digit,\s+my best guess is \d"))
    expect(page.digit).to_have_text("?")
    assert "%" not in page.panel.locator(".bars").inner_text()


def test_a_wrong_answer_is_corrected_and_the_correction_undone(page, gradio):
    page.take_example(2)
    expect(page.digit).to_have_text("2")
    page.panel.get_by_text("Wrong answer?").click()
    expect(page.panel).to_contain_text("saved as training data, in corrections.csv")
    page.button("Save the right answer").click()
    expect(page.panel).to_contain_text("Choose first what it is.")
    page.panel.get_by_role("radio", name="3").click()
    page.button("Save the right answer").click()
    expect(page.panel).to_contain_text("Saved as a 3 in")
    *_, last = csv.reader(gradio.corrections.read_text("utf-8").splitlines())
    assert (last[0], len(last)) == ("3", 785)
    before = gradio.corrections.read_text("utf-8").count("\n")
    page.panel.get_by_role("button", name="Undo").click()
    expect(page.panel).to_contain_text("Undone: nothing was saved.")
    assert gradio.corrections.read_text("utf-8").count("\n") == before - 1
    expect(page.panel.get_by_role("button", name="Undo")).to_be_hidden()
    page.panel.get_by_role("radio", name="3").click()
    page.button("Save the right answer").click()
    expect(page.panel).to_contain_text("Saved as a 3 in")
    page.take_example(6)
    expect(page.panel).not_to_contain_text("Saved as")
    expect(page.panel.get_by_role("button", name="Undo")).to_be_hidden()


def test_an_uploaded_picture_is_answered_and_a_broken_one_gets_a_sentence(page, tmp_path):
    (tmp_path / "eight.png").write_bytes(encoded(255 - drawing(8)))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.page.get_by_role("tab", name="Upload").click()
    page.button("Recognize").click()
    expect(page.panel.locator(".sureness")).to_contain_text("There is no picture yet.")
    files = page.page.locator(".pad:visible input[type=file]")
    files.set_input_files(tmp_path / "eight.png")
    expect(page.digit).to_have_text("8")
    page.page.get_by_label("Remove Image").locator("visible=true").click()
    expect(page.panel.locator(".sureness")).to_have_text("Your digit will appear here")
    files.set_input_files(tmp_path / "broken.png")
    expect(page.panel.locator(".sureness")).to_contain_text("These 10 bytes are not a readable picture")


def test_numbers_are_read_from_a_line_of_writing_and_from_a_photograph(page, tmp_path):
    row = np.concatenate([drawing(digit) for digit in (4, 7)], axis=1)
    (tmp_path / "47.png").write_bytes(encoded(255 - row))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.page.get_by_role("tab", name="Numbers").click()
    page.button("Read").click()
    expect(page.panel.locator(".sureness")).to_have_text("There is no ink yet. Draw a digit first.")
    for left, digit in ((-0.7, 3), (0.5, 7)):  # in squares as high as the sheet, from its middle
        page.pen([[(left + 0.8 * x, y) for x, y in stroke] for stroke in STROKES[digit]])
    expect(page.digit).to_have_text("37")
    expect(page.panel.locator(".sureness")).to_have_text(re.compile(r"1 number, 2 digits"))
    expect(page.panel.get_by_role("row", name=re.compile("^37"))).to_be_visible()
    expect(page.panel.get_by_role("img").first).to_be_visible()
    page.button("Clear").click()
    expect(page.panel.locator(".sureness")).to_have_text("Your numbers will appear here")
    page.page.get_by_role("tab", name="Draw").click()
    assert page.ink() == 0  # each sheet has a drawing of its own
    page.page.get_by_role("tab", name="Numbers").click()
    page.page.get_by_role("tab", name="Photograph").click()
    page.button("Read").click()
    expect(page.panel.locator(".sureness")).to_contain_text("There is no picture yet.")
    files = page.page.locator(".pad:visible input[type=file]")
    files.set_input_files(tmp_path / "47.png")
    expect(page.digit).to_have_text("47")
    page.page.get_by_label("Remove Image").locator("visible=true").click()
    expect(page.panel.locator(".sureness")).to_have_text("Your numbers will appear here")
    files.set_input_files(tmp_path / "broken.png")
    expect(page.panel.locator(".sureness")).to_contain_text("These 10 bytes are not a readable picture")


def test_many_files_give_a_table_and_a_csv(page, tmp_path):
    for digit in (2, 9):
        (tmp_path / f"digit {digit}.png").write_bytes(encoded(255 - drawing(digit)))
    (tmp_path / "notes.txt").write_text("no picture")
    page.page.get_by_role("tab", name="Many files").click()
    page.button("Recognize all").click()
    expect(page.page.get_by_text("There are no pictures yet.")).to_be_visible()
    expect(page.page.get_by_text("The same as CSV")).to_be_hidden()
    page.page.get_by_role("tabpanel").filter(visible=True).locator("input[type=file]").first.set_input_files(
        sorted(tmp_path.iterdir())
    )
    expect(page.page.get_by_role("row", name="notes.txt")).to_be_visible()
    page.button("Recognize all").click()
    expect(page.page.get_by_text("3 pictures: 2 digits, 1 that could not be read.")).to_be_visible()
    rows = page.page.locator(".table tbody tr")
    expect(rows).to_have_count(3)
    assert rows.nth(0).locator("td").all_inner_texts()[:2] == ["digit 2.png", "2"]
    expect(rows.nth(2)).to_contain_text("These 10 bytes are not a readable picture")
    assert rows.nth(1).evaluate("row => getComputedStyle(row).borderTopWidth") == "1px"  # despite Gradio's own rules
    with page.page.expect_download() as download:
        page.page.get_by_role("link", name=re.compile("KB|B")).last.click()
    table = list(csv.DictReader(download.value.path().read_text("utf-8").splitlines()))
    assert [row["digit"] for row in table] == ["2", "9", ""]


def test_the_pages_about_the_api_and_the_settings_contact_nobody_either(page, gradio):
    page.page.get_by_role("button", name=re.compile("Use via API")).click()
    expect(page.page.get_by_text("MCP Server URL")).to_be_visible()
    page.page.get_by_text("Python", exact=True).click()
    expect(page.page.get_by_text("API documentation")).to_be_visible()
    page.page.goto(gradio.url)
    page.page.get_by_role("button", name="Settings").click()
    expect(page.page.get_by_text("Display Theme")).to_be_visible()
    assert gradio.strangers() == set()
