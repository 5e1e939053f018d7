"""Photographs on the page: upright and small before they are sent, turned and cropped on the sheet."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.test_access import violations
from tests.browser.test_uploads import choose
from tests.support.drawings import drawing

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def sideways() -> bytes:
    """A photograph of 3, 0 and 5 side by side, 2000x1500, stored on its side with the EXIF orientation to turn it."""
    light = np.linspace(235, 170, 2000, dtype=np.float32)
    page = np.repeat(light[np.newaxis], 1500, axis=0)
    for place, digit in enumerate((3, 0, 5)):
        ink = drawing(digit, size=380, thickness=34, canvas=(480, 600))
        page[450:1050, 280 + 480 * place : 760 + 480 * place] -= 0.6 * ink
    picture = Image.fromarray(page.clip(0, 255).astype(np.uint8)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turn it clockwise by a quarter
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()


def sent(desk) -> Image.Image:
    return Image.open(io.BytesIO(desk.sent()))


@pytest.fixture
def shown(desk, sideways: bytes):
    choose(desk, "sheet.jpg", "image/jpeg", sideways)
    expect(desk.page.locator(".numeral")).to_have_text(["3", "0", "5"])
    return desk


def test_a_photograph_is_turned_and_made_smaller_before_it_is_sent_and_read(shown) -> None:
    picture = sent(shown)
    assert picture.size == (1600, 1200)
    assert picture.getexif().get(ORIENTATION, 1) == 1
    boxes = [box.bounding_box() for box in shown.page.locator(".box").all()]
    sheet = shown.page.locator("#sheet").bounding_box()
    middle = boxes[1]["x"] + boxes[1]["width"] / 2 - sheet["x"]
    assert middle == pytest.approx(sheet["width"] / 2, rel=0.05)  # the 0 in the middle of the page
    shown.page.mouse.click(boxes[2]["x"] + boxes[2]["width"] / 2, boxes[2]["y"] + boxes[2]["height"] / 2)
    expect(shown.page.locator("#sureness")).to_contain_text("The 5: ")
    assert violations(shown.page) == []


def test_a_photograph_is_cropped_with_the_keyboard_and_undo_brings_it_back(shown) -> None:
    page = shown.page
    page.get_by_role("button", name="Crop", exact=True).click()
    corner = page.get_by_role("button", name="Upper left corner")
    expect(corner).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Crop", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#digit")).to_have_text("5")
    assert sent(shown).size == pytest.approx((0.3 * 1600, 0.8 * 1200), abs=2)
    page.keyboard.press("Control+z")
    expect(page.locator(".numeral")).to_have_text(["3", "0", "5"])
    assert sent(shown).size == (1600, 1200)


def test_a_photograph_is_cropped_by_dragging_a_corner_and_the_frame(shown) -> None:
    page = shown.page
    page.get_by_role("button", name="Crop", exact=True).click()
    picture = page.locator("#sheet").bounding_box()
    corner = page.get_by_role("button", name="Lower right corner").bounding_box()
    start = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] - 0.5 * picture["width"], start[1], steps=4)
    page.mouse.up()
    frame = page.locator("#crop-frame").bounding_box()
    assert frame["width"] == pytest.approx(0.3 * picture["width"], rel=0.05)
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 2 + picture["width"], frame["y"] + 40, steps=4)
    page.mouse.up()
    moved = page.locator("#crop-frame").bounding_box()
    assert moved["width"] == pytest.approx(frame["width"], abs=1)
    assert moved["x"] + moved["width"] == pytest.approx(picture["x"] + picture["width"], abs=2)  # as far as it goes
    page.locator("#crop-done").click()
    expect(page.locator("#digit")).to_have_text("5")


def test_a_photograph_is_turned_by_quarters(shown) -> None:
    turn = shown.page.get_by_role("button", name="Turn")
    for size in ((1200, 1600), (1600, 1200), (1200, 1600), (1600, 1200)):
        before = shown.questions()
        turn.click()
        shown.until(f"window.sent.length > {before} && window.unanswered === 0")
        assert sent(shown).size == size
    expect(shown.page.locator(".numeral")).to_have_text(["3", "0", "5"])
    shown.page.keyboard.press("Delete")
    expect(turn).to_be_hidden()


def test_a_finger_moves_the_frame(phone, sideways) -> None:
    choose(phone, "sheet.jpg", "image/jpeg", sideways)
    expect(phone.page.locator(".numeral")).to_have_count(3)
    phone.page.get_by_role("button", name="Crop", exact=True).click()
    before = phone.page.locator("#crop-frame").bounding_box()
    x, y = before["x"] + before["width"], before["y"] + before["height"]
    phone.swipe([(x - 10 * step, y - 5 * step) for step in range(9)])
    after = phone.page.locator("#crop-frame").bounding_box()
    assert after["width"] == pytest.approx(before["width"] - 80, abs=3)
    assert after["height"] == pytest.approx(before["height"] - 40, abs=3)
    assert (after["x"], after["y"]) == pytest.approx((before["x"], before["y"]), abs=1)
