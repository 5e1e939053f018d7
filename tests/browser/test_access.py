"""The page for everybody: axe-core, high contrast, zoom, no pointer, no single keys; and what it remembers."""

import io
from importlib import resources

import numpy as np
import pytest
from PIL import Image

from digitrec.artifacts import read_card
from tests.support.chromium import PHONE

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]
HEART = [(0.5, 0.8), (0.2, 0.5), (0.2, 0.3), (0.35, 0.2), (0.5, 0.35), (0.65, 0.2), (0.8, 0.3), (0.8, 0.5), (0.5, 0.8)]
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js")


def violations(page) -> list[str]:
    """What axe-core finds wrong, with the element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    page.wait_for_timeout(400)  # let colours finish changing
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {**PHONE}, {**PHONE, "color_scheme": "dark"}],
    ids=["light", "dark", "phone", "dark phone"],
)
def test_axe_finds_nothing_in_any_state(new_desk, options) -> None:
    desk = new_desk(**options)
    assert violations(desk.page) == []
    desk.draw(SEVEN)
    desk.settle()
    expect(desk.page.get_by_text("Is it a 7?")).to_be_visible()
    assert violations(desk.page) == []
    desk.page.get_by_role("button", name="No", exact=True).click()
    assert violations(desk.page) == []
    desk.page.keyboard.press("Delete")
    desk.draw(HEART)
    desk.settle()
    expect(desk.page.get_by_text("What is it?")).to_be_visible()
    assert violations(desk.page) == []
    desk.page.get_by_role("link", name="Accuracy and privacy").click()
    desk.page.get_by_role("heading", name="What happens to my drawing?").wait_for()
    assert violations(desk.page) == []


def test_high_contrast_shows_the_sheet_the_bars_and_the_brush(new_desk) -> None:
    desk = new_desk(forced_colors="active")
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    border = "(e) => getComputedStyle(e).borderTopStyle"
    for part in ("#sheet", ".track >> nth=0", ".frame"):
        assert desk.page.locator(part).evaluate(border) == "solid", part
    colour = "(e) => getComputedStyle(e).backgroundColor"
    page = desk.page.evaluate("getComputedStyle(document.body).backgroundColor")
    for part in (".top .fill", ".dot.large"):
        assert desk.page.locator(part).evaluate(colour) != page, part


def test_at_200_percent_the_answer_is_beside_the_sheet(new_desk) -> None:
    desk = new_desk(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    before = desk.page.locator("#canvas").bounding_box()
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    assert desk.page.locator("#canvas").bounding_box() == before  # it does not move under the pen
    for part in ("#canvas", "#submit", "#digit", "#sureness"):
        box = desk.page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 400, part
        assert box["x"] + box["width"] <= 640, part


def test_an_example_is_drawn_and_answered_without_a_pointer(desk) -> None:
    example = desk.page.get_by_role("button", name="Draw a 4")
    example.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#digit")).to_have_text("4")
    expect(desk.page.get_by_role("button", name="Submit")).to_be_focused()
    expect(example).to_be_hidden()
    assert desk.page.locator("#digit").get_attribute("aria-hidden") is None  # a screen reader reads the digit
    expect(desk.page.locator("#announcer")).to_contain_text("4.")
    desk.page.keyboard.press("Delete")
    expect(desk.page.locator("#announcer")).to_have_text("")
    desk.page.get_by_role("button", name="Draw a star").click()
    expect(desk.page.locator("#answer")).to_have_attribute("data-state", "doubt")


@pytest.mark.parametrize("name", ["2", "4", "9"])
def test_examples_are_what_their_names_say(desk, name: str) -> None:
    desk.page.get_by_role("button", name=f"Draw a {name}").click()
    expect(desk.page.locator("#digit")).to_have_text(name)


def test_single_keys_can_be_switched_off(desk) -> None:
    desk.page.get_by_label("Shortcuts with a single digit").uncheck()
    desk.draw(SEVEN)
    desk.settle()
    expect(desk.page.get_by_text("Is it a 7?")).to_be_visible()
    desk.page.keyboard.press("3")
    desk.page.keyboard.press("]")
    expect(desk.page.get_by_text("Is it a 7?")).to_be_visible()
    expect(desk.page.get_by_label("Brush size")).to_have_value("18")
    desk.page.reload()
    expect(desk.page.get_by_label("Shortcuts with a single digit")).not_to_be_checked()


def test_redo_brings_back_what_was_undone(desk) -> None:
    desk.draw(SEVEN)
    ink = desk.ink()
    for undo, redo in (("Control+z", "Control+y"), ("Control+z", "Control+Shift+z")):
        desk.page.keyboard.press(undo)
        assert desk.ink() == 0
        desk.page.keyboard.press(redo)
        assert desk.ink() == ink
    desk.page.get_by_role("button", name="Undo").click()
    desk.page.get_by_role("button", name="Redo").click()
    assert desk.ink() == ink
    desk.page.keyboard.press("Control+z")
    desk.draw([(0.5, 0.2), (0.5, 0.8)])
    expect(desk.page.get_by_role("button", name="Redo")).to_have_attribute("aria-disabled", "true")


def test_the_eraser_takes_ink_off_the_sheet_and_the_picture(desk) -> None:
    desk.draw([(0.2, 0.3), (0.8, 0.3)], [(0.5, 0.3), (0.5, 0.8)])
    ink = desk.ink()
    eraser = desk.page.get_by_role("button", name="Eraser")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    desk.draw([(0.1, 0.3), (0.9, 0.3)])
    assert 0 < desk.ink() < ink
    desk.settle()
    pixels = np.asarray(Image.open(io.BytesIO(desk.sent())))
    assert pixels.shape[1] < 0.3 * 280  # the upright stroke alone is sent
    assert pixels[pixels.shape[0] // 2, pixels.shape[1] // 2] == 0
    desk.draw([(0.5, 0.1), (0.5, 0.9)])
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("alert")).to_have_text("There is no ink yet. Draw a digit first.")


def test_a_reload_keeps_the_drawing_and_the_brush(desk) -> None:
    desk.page.keyboard.press("]")
    desk.draw(SEVEN)
    expect(desk.page.locator("#digit")).to_have_text("7")
    ink = desk.ink()
    desk.page.reload()
    expect(desk.page.locator("#digit")).to_have_text("7")
    assert desk.ink() == ink
    expect(desk.page.get_by_label("Brush size")).to_have_value("21")
    desk.page.keyboard.press("Delete")
    desk.page.reload()
    expect(desk.page.locator("#invitation")).to_be_visible()


def test_submit_shows_an_answer_that_is_there_already_once_more(desk) -> None:
    desk.draw(SEVEN)
    desk.settle()
    desk.page.evaluate("digit.addEventListener('animationstart', () => { digit.dataset.moved = 'yes'; })")
    desk.page.get_by_role("button", name="Submit").click()
    expect(desk.page.locator("#digit")).to_have_attribute("data-moved", "yes")


def test_the_page_leads_to_the_api_and_to_what_it_says_of_itself(desk) -> None:
    desk.page.get_by_role("link", name="Accuracy and privacy").click()
    figure = read_card()["figures"]["mnist_test"]
    share = f"{1000 * (figure['count'] - figure['errors']) // figure['count'] / 10}%"  # rounded down
    expect(desk.page.get_by_role("row", name="MNIST").get_by_role("cell")).to_have_text(["10,000", share])
    desk.page.get_by_role("link", name="Draw a digit").click()
    expect(desk.page.get_by_role("link", name="API")).to_have_attribute("href", "/docs")
