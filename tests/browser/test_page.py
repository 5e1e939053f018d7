"""The page around the canvas: keyboard, notices, themes, sizes, and what a screen reader gets."""

import re

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]
DOUBT = {
    "digit": 4,
    "confidence": 0.97,
    "is_digit": False,
    "doubt": 0.9,
    "probabilities": [0.0] * 4 + [0.97] + [0.006] * 5,
}
UNSEEN = "I can't see a digit, my best guess is 4"
UNREACHABLE = ("request failed: .*/api/predict", "console: Failed to load resource")


def test_the_keyboard_submits_undoes_and_clears(desk) -> None:
    keyboard = desk.page.keyboard
    desk.draw(SEVEN)
    desk.page.wait_for_timeout(500)  # let the live questions pass
    desk.submit()
    expect(desk.page.locator("#digit")).to_have_text("7")
    for key in ("Delete", "Backspace"):
        assert desk.ink() > 0
        keyboard.press(key)
        assert desk.ink() == 0
        keyboard.press("Control+z")
    assert desk.ink() > 0
    keyboard.press("Meta+z")
    assert desk.ink() == 0


def test_the_brackets_change_the_brush(desk) -> None:
    brush = desk.page.get_by_label("Brush size")
    expect(brush).to_have_value("18")
    desk.page.keyboard.press("]")
    desk.page.keyboard.press("]")
    expect(brush).to_have_value("24")
    desk.draw([(0.5, 0.5)])
    thick = desk.ink()
    desk.page.keyboard.press("Delete")
    for _ in range(9):
        desk.page.keyboard.press("[")
    expect(brush).to_have_value("6")
    desk.draw([(0.5, 0.5)])
    assert desk.ink() < thick / 10


def test_enter_on_a_focused_button_is_that_button_s(desk) -> None:
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    desk.page.get_by_role("button", name="Clear").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#digit")).to_have_text("?")
    expect(desk.page.get_by_role("alert")).to_have_text("")


def test_everything_is_reached_by_tab_with_a_visible_ring(desk) -> None:
    seen = []
    for _ in range(11):
        desk.page.keyboard.press("Tab")
        seen.append(
            desk.page.evaluate(
                "(() => { const e = document.activeElement, l = e.closest('.button') ?? e;"
                " return [e.id || e.className, getComputedStyle(l).outlineStyle]; })()"
            )
        )
    order = [
        "wordmark",
        "brush",
        "eraser",
        "undo",
        "redo",
        "file",
        "wide",
        "why-button",
        "clear",
        "submit",
        "single-keys",
    ]
    assert [name for name, _ in seen] == order
    assert {style for _, style in seen} == {"solid"}


def test_submitting_a_blank_canvas_says_kindly_that_there_is_no_ink(desk) -> None:
    desk.page.get_by_role("button", name="Submit").click()
    expect(desk.page.get_by_role("alert")).to_have_text("There is no ink yet. Draw a digit first.")
    expect(desk.page.locator("#digit")).to_have_text("?")
    expect(desk.page.locator("#retry")).to_be_hidden()
    assert desk.questions() == 0
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    expect(desk.page.get_by_role("alert")).to_have_text("")


def test_a_server_out_of_reach_is_said_and_can_be_tried_again(desk) -> None:
    desk.page.route("**/api/predict*", lambda route: route.abort())
    desk.draw(SEVEN)
    desk.submit()  # no live request is left that could be answered later
    expect(desk.page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(desk.page.locator("#digit")).to_have_text("?")
    desk.page.unroute("**/api/predict*")
    desk.page.get_by_role("button", name="Try again").click()
    expect(desk.page.locator("#digit")).to_have_text("7")
    expect(desk.page.get_by_role("alert")).to_have_text("")
    expect(desk.page.locator("#retry")).to_be_hidden()
    desk.expect_problems(*UNREACHABLE)


def test_after_an_outage_the_page_tries_again_by_itself(desk) -> None:
    desk.page.route("**/api/predict*", lambda route: route.abort())
    desk.draw(SEVEN)
    expect(desk.page.get_by_role("alert")).to_contain_text("the page keeps trying")
    desk.page.unroute("**/api/predict*")
    desk.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(desk.page.locator("#digit")).to_have_text("7", timeout=8000)
    expect(desk.page.get_by_role("alert")).to_have_text("")
    desk.expect_problems(*UNREACHABLE)


def test_a_rate_limit_says_when_and_the_page_waits_that_long(desk) -> None:
    error = {"code": "too_many_requests", "message": "For programmers.", "request_id": "1"}
    answer = {"status": 429, "json": {"error": error}, "headers": {"Retry-After": "2"}}
    desk.page.route("**/api/predict*", lambda route: route.fulfill(**answer))
    desk.draw(SEVEN)
    expect(desk.page.get_by_role("alert")).to_have_text(
        "You are faster than this server allows. It answers again in 2 seconds."
    )
    desk.page.unroute("**/api/predict*")
    expect(desk.page.locator("#digit")).to_have_text("7", timeout=8000)
    desk.expect_problems("status 429", "console: Failed to load resource.*429")


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "{}"])
def test_words_that_are_not_our_server_s_are_no_answer(desk, body: str) -> None:
    desk.page.route("**/api/predict*", lambda route: route.fulfill(status=502, body=body))
    desk.draw(SEVEN)
    expect(desk.page.get_by_role("alert")).to_contain_text("The server could not answer.")
    expect(desk.page.locator("#retry")).to_be_visible()
    desk.page.keyboard.press("Delete")  # nothing is left to try again
    desk.expect_problems("status 502", "console: Failed to load resource.*502")


def test_a_slow_answer_dims_the_old_one(desk) -> None:
    held = []
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    desk.page.wait_for_timeout(500)
    desk.page.route("**/api/predict*", lambda route: held.append(route))
    desk.page.get_by_role("button", name="Submit").click()
    expect(desk.page.locator("#answer")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(desk.page.locator("#answer")).to_have_attribute("aria-busy", "false")


def test_what_the_model_saw_is_shown_pixel_by_pixel(desk) -> None:
    desk.draw(SEVEN)
    seen = desk.page.get_by_role("img", name=re.compile("28 by 28 pixels the model saw; it says 7"))
    expect(seen).to_be_visible()
    facts = "(img) => [img.naturalWidth, img.naturalHeight, getComputedStyle(img).imageRendering]"
    desk.until("seen.complete")
    assert seen.evaluate(facts) == [28, 28, "pixelated"]


def test_an_answer_asked_for_is_spoken_at_once_a_live_one_only_after_a_rest(desk) -> None:
    page, status = desk.page, desk.page.locator("#announcer")
    page.evaluate("""() => {
      const note = () => { if (announcer.textContent) window.rest = performance.now() - window.answered; };
      new MutationObserver(note).observe(announcer, { childList: true, characterData: true, subtree: true });
    }""")
    desk.draw(SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    page.get_by_role("button", name="Submit").click()
    expect(status).to_have_text(re.compile(r"^7\. \d\d% sure.*\.$"))
    assert page.evaluate("window.rest") < 700
    page.keyboard.press("Delete")
    desk.draw([(0.5, 0.15), (0.5, 0.85)])
    expect(page.locator("#digit")).to_have_text("1")
    expect(status).to_have_text(re.compile(r"^1\."))
    assert page.evaluate("window.rest") > 900


def test_a_doubted_answer_says_so_and_claims_no_digit(desk) -> None:
    desk.change_answers(**DOUBT)
    desk.draw(SEVEN)
    page = desk.page
    expect(page.locator("#sureness")).to_have_text(UNSEEN)
    expect(page.locator("#digit")).to_have_text("?")
    expect(page.locator("#aside")).to_have_text("")
    assert "%" not in page.locator("#answer").inner_text()
    bars = page.get_by_role("list", name="Probability of each digit").get_by_role("listitem")
    assert [bar.inner_text().split()[-2:] for bar in (bars.nth(4), bars.nth(5))] == [
        ["best", "guess"],
        ["less", "likely"],
    ]
    assert page.evaluate("getComputedStyle(bars.children[4]).getPropertyValue('--p')") == "0.97"
    alt = "The 28 by 28 pixels the model saw; it sees no digit, its best guess is 4"
    expect(page.get_by_role("img", name=alt)).to_be_visible()


HEART = [(0.5, 0.8), (0.2, 0.5), (0.2, 0.3), (0.35, 0.2), (0.5, 0.35), (0.65, 0.2), (0.8, 0.3), (0.8, 0.5), (0.5, 0.8)]


def test_a_heart_is_no_digit(desk) -> None:
    desk.draw(HEART)
    expect(desk.page.locator("#answer")).to_have_attribute("data-state", "doubt")
    expect(desk.page.locator("#sureness")).to_have_text(re.compile(r"^I can't see a digit, my best guess is \d$"))


def test_a_doubted_answer_is_spoken_and_a_certain_one_clears_it(desk) -> None:
    status = desk.page.locator("#announcer")
    desk.change_answers(**DOUBT)
    desk.draw(SEVEN)
    expect(status).to_have_text(f"{UNSEEN}.")
    expect(desk.page.locator("#answer")).to_have_attribute("data-state", "doubt")
    desk.change_answers()
    desk.page.get_by_role("button", name="Submit").click()
    expect(desk.page.locator("#digit")).to_have_text("7")
    expect(desk.page.locator("#sureness")).to_have_text(re.compile(r"^\d\d% sure"))
    expect(desk.page.locator("#answer")).to_have_attribute("data-state", "answer")
    expect(status).to_have_text(re.compile(r"^7\. \d\d% sure.*\.$"))
    assert "%" in desk.page.locator("#bars").inner_text()


def test_a_hint_leaves_a_doubted_answer_in_place_and_a_clear_takes_it_away(desk) -> None:
    desk.change_answers(**DOUBT)
    desk.draw(SEVEN)
    expect(desk.page.locator("#sureness")).to_have_text(UNSEEN)
    desk.page.wait_for_timeout(500)  # let the live questions pass
    desk.page.get_by_label("Upload a picture").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    expect(desk.page.get_by_role("alert")).to_contain_text("is not a picture")
    expect(desk.page.locator("#sureness")).to_have_text(UNSEEN)
    desk.page.keyboard.press("Delete")
    expect(desk.page.locator("#sureness")).to_have_text("Your digit will appear here")
    expect(desk.page.locator("#answer")).to_have_attribute("data-state", "empty")


@pytest.mark.parametrize("fixture", ["desk", "phone"])
def test_nothing_moves_when_a_certain_answer_follows_a_doubted_one(fixture: str, request) -> None:
    desk = request.getfixturevalue(fixture)
    parts = ("#digit", ".words", "#bars", ".track", "#seen", "#submit")

    def places() -> dict[str, dict[str, float]]:
        desk.page.wait_for_timeout(600)  # let live questions pass, and the digit arrive
        boxes = {part: desk.page.locator(part).first.bounding_box() for part in parts}
        return {part: {side: box[side] for side in ("x", "y", "height")} for part, box in boxes.items()}

    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    certain = places()
    desk.change_answers(**DOUBT)
    desk.page.get_by_role("button", name="Submit").click()
    expect(desk.page.locator("#digit")).to_have_text("?")
    doubted = places()
    for part in parts:
        assert doubted[part] == pytest.approx(certain[part], abs=0.5), part


@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 640), (320, 568), (844, 390)])
def test_a_phone_shows_the_drawing_and_the_answer_together(new_desk, width: int, height: int) -> None:
    phone = new_desk(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    phone.touch(SEVEN)
    expect(phone.page.locator("#digit")).to_have_text("7")
    assert phone.page.evaluate("scrollY") == 0
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= width
    parts = ["#canvas", "#submit", "#digit"] + (["#bars"] if (width, height) != (320, 568) else [])
    for part in parts:
        box = phone.page.locator(part).bounding_box()
        assert box["y"] >= 0, part
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= width, part
        assert box["y"] + box["height"] <= height, part
    assert phone.page.locator("#canvas").bounding_box()["width"] >= 200


@pytest.mark.parametrize("fixture", ["desk", "phone"])
def test_buttons_are_large_enough_for_a_finger(fixture: str, request) -> None:
    page = request.getfixturevalue(fixture).page
    for target in page.locator("button:visible, .button, #brush").all():
        box = target.bounding_box()
        assert box["height"] >= 44, target.inner_text()
        assert box["width"] >= 44, target.inner_text()


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("certain", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_contrasts_with_its_ground(new_desk, scheme: str, certain: bool) -> None:
    desk = new_desk(color_scheme=scheme)
    ground = desk.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (luminance(ground) < 0.1) == (scheme == "dark")
    desk.change_answers(**({} if certain else DOUBT))
    desk.draw(SEVEN)
    expect(desk.page.locator("#answer")).to_have_attribute("data-state", "answer" if certain else "doubt")
    script = """() => [...document.querySelectorAll("body *")]
      .filter((e) => e.checkVisibility({ visibilityProperty: true })
        && !e.closest("[aria-disabled=true], .drop-hint")
        && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
      .map((e) => {
        let g = e;
        while (getComputedStyle(g).backgroundColor === "rgba(0, 0, 0, 0)") g = g.parentElement;
        return [e.outerHTML, getComputedStyle(e).color, getComputedStyle(g).backgroundColor];
      })"""
    desk.page.wait_for_timeout(400)  # let colours finish changing
    found = desk.page.evaluate(script)
    assert len(found) > 20
    for element, text, ground in found:
        dark, light = sorted([luminance(text), luminance(ground)])
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (element, text, ground)


def test_motion_is_left_out_where_it_is_unwelcome(new_desk) -> None:
    desk = new_desk(reduced_motion="reduce")
    running = "document.getAnimations().length"
    assert desk.page.evaluate(running) == 0
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    assert desk.page.evaluate(running) == 0
