"""The map of what speaks for a digit, over the drawing: switched on, live, for any digit, for digits of numbers."""

import re

import pytest

from tests.browser.test_access import violations
from tests.browser.test_numbers import number
from tests.support.chromium import PHONE

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]
SHOWN = re.compile("^data:image/png")


def switch(desk):
    return desk.page.locator("#why-button")


def layer(desk):
    return desk.page.locator("#map")


def draw_seven_and_ask_why(desk) -> None:
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    switch(desk).click()
    expect(layer(desk)).to_have_attribute("src", SHOWN)


def expect_map_of(desk, digit: int) -> None:
    expect(layer(desk)).to_have_attribute("alt", f"What speaks for {digit}, and what against it")
    expect(desk.page.locator(".legend")).to_have_text(re.compile(f"speaks for {digit}.*speaks against {digit}"))
    expect(desk.page.locator("#bars li").nth(digit)).to_have_class(re.compile("explained"))


def middle_of(desk, selector: str) -> tuple[float, float]:
    """The middle of an element, as shares of the sheet."""
    box, sheet = (desk.page.locator(name).bounding_box() for name in (selector, "#canvas"))
    return (
        (box["x"] + box["width"] / 2 - sheet["x"]) / sheet["width"],
        (box["y"] + box["height"] / 2 - sheet["y"]) / sheet["height"],
    )


@pytest.mark.parametrize("fixture", ["desk", "phone"])
def test_the_button_lays_the_map_over_the_drawing_and_takes_it_off(fixture: str, request) -> None:
    desk = request.getfixturevalue(fixture)
    desk.draw(SEVEN)
    desk.settle()  # the answer while drawing is of a part of it
    expect(desk.page.locator("#digit")).to_have_text("7")
    expect(layer(desk)).to_be_hidden()
    before = {part: desk.page.locator(part).bounding_box() for part in ("#canvas", "#why-button", "#bars")}
    switch(desk).click()
    expect(layer(desk)).to_have_attribute("src", SHOWN)
    expect_map_of(desk, 7)
    assert middle_of(desk, "#map") == pytest.approx((0.505, 0.535), abs=0.02)  # that of the ink
    expect(desk.page.locator("#why-words")).not_to_be_empty()
    after = {part: desk.page.locator(part).bounding_box() for part in before}
    assert {part: box["y"] for part, box in after.items()} == pytest.approx(
        {part: box["y"] for part, box in before.items()}, abs=1
    )
    switch(desk).click()
    expect(layer(desk)).to_be_hidden()
    expect(desk.page.locator("#why")).to_be_hidden()


def test_a_bar_that_is_pointed_at_focused_or_clicked_shows_the_map_of_its_digit(desk) -> None:
    draw_seven_and_ask_why(desk)
    bars = desk.page.locator(".why-bar")
    bars.nth(2).hover()
    expect_map_of(desk, 2)
    switch(desk).hover()
    expect_map_of(desk, 7)
    desk.page.keyboard.press("Tab")  # keys were used last: from here on focus is shown
    bars.nth(1).focus()
    expect_map_of(desk, 1)
    switch(desk).focus()
    expect_map_of(desk, 7)
    bars.nth(9).click()
    desk.page.mouse.move(5, 5)
    expect(bars.nth(9)).to_have_attribute("aria-pressed", "true")
    expect_map_of(desk, 9)
    before = layer(desk).get_attribute("src")
    desk.draw([(0.35, 0.55), (0.75, 0.53)])
    expect(layer(desk)).not_to_have_attribute("src", before)  # why not 9, as the drawing grows
    expect_map_of(desk, 9)
    bars.nth(9).click()
    desk.page.mouse.move(5, 5)
    expect_map_of(desk, 7)


def test_a_tap_on_a_phone_shows_the_map_of_a_digit(phone) -> None:
    phone.draw(SEVEN)  # fingers that draw through CDP would swallow the next tap
    expect(phone.page.locator("#digit")).to_have_text("7")
    switch(phone).tap()
    expect_map_of(phone, 7)
    phone.page.locator(".why-bar").nth(1).tap()
    expect_map_of(phone, 1)
    phone.page.locator(".why-bar").nth(1).tap()
    expect_map_of(phone, 7)


def test_it_follows_the_drawing_while_the_pen_is_down_and_goes_with_it(desk) -> None:
    draw_seven_and_ask_why(desk)
    before = layer(desk).get_attribute("src")
    desk.draw([(0.35, 0.55), (0.75, 0.53)], lift=False)
    expect(layer(desk)).not_to_have_attribute("src", before)
    desk.page.mouse.up()
    desk.page.get_by_role("button", name="Clear").click()
    expect(layer(desk)).to_be_hidden()
    expect(switch(desk)).to_have_attribute("aria-pressed", "true")
    desk.draw(SEVEN)
    expect(layer(desk)).to_be_visible()
    desk.page.reload()
    expect(layer(desk)).to_be_visible()


def test_a_digit_of_a_number_has_its_own_map_in_its_box(desk) -> None:
    switch(desk).click()
    desk.draw(*number(4, 7))
    desk.settle()
    expect(desk.page.locator(".box")).to_have_count(2)
    expect(layer(desk)).to_be_hidden()
    expect(desk.page.locator("#why-words")).to_have_text("Choose a digit to see what speaks for it.")
    pictures = []
    for place, digit in enumerate((4, 7)):
        box = desk.page.locator(".box").nth(place).bounding_box()
        desk.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect_map_of(desk, digit)
        expect(layer(desk)).to_be_visible()
        pictures.append(layer(desk).get_attribute("src"))
        middle = desk.page.evaluate(MIDDLE_OF_COLOUR)
        assert box["x"] < middle[0] < box["x"] + box["width"]
        assert box["y"] < middle[1] < box["y"] + box["height"]
    assert pictures[0] != pictures[1]


MIDDLE_OF_COLOUR = """async () => {
  const layer = document.getElementById("map");
  await layer.decode();
  const { naturalWidth: width, naturalHeight: height } = layer;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(layer, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    sum += data[4 * i + 3];
    x += data[4 * i + 3] * (i % width);
    y += data[4 * i + 3] * Math.floor(i / width);
  }
  const box = layer.getBoundingClientRect();
  return [box.left + (box.width * x) / sum / width, box.top + (box.height * y) / sum / height];
}"""


def test_what_goes_wrong_is_said_and_the_answer_stays(desk) -> None:
    desk.page.route("**/api/explain*", lambda route: route.abort())
    desk.draw(SEVEN)
    desk.settle()  # a later answer would be explained too
    expect(desk.page.locator("#digit")).to_have_text("7")
    switch(desk).click()
    expect(desk.page.locator("#why-words")).to_have_text("There is no map right now.")
    expect(desk.page.locator("#digit")).to_have_text("7")
    desk.expect_problems("request failed: .*/api/explain", "console: Failed to load resource")


@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {**PHONE, "color_scheme": "dark"}])
def test_axe_finds_nothing_beside_a_map(new_desk, options) -> None:
    desk = new_desk(**options)
    draw_seven_and_ask_why(desk)
    assert violations(desk.page) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_map_is_explained_in_the_language_of_the_page(new_desk) -> None:
    desk = new_desk(locale="de-AT")
    expect(desk.page.locator("html")).to_have_attribute("lang", "de")  # the page listens once its words have come
    desk.draw(SEVEN)
    desk.page.get_by_role("button", name="Warum?", exact=True).click()
    expect(desk.page.locator(".legend")).to_have_text(re.compile("spricht für die 7.*spricht gegen die 7"))
    expect(desk.page.locator("#why-words")).to_have_text(re.compile("Tinte"))
    expect(desk.page.get_by_role("button", name="Warum 3?")).to_be_visible()
