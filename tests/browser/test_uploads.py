"""A picture of one's own, by button, drop or paste."""

import base64
import io

import pytest
from PIL import Image, ImageDraw

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect


def picture(kind: str = "PNG", *, ink: bool = True) -> bytes:
    """A four, dark blue on cream, wider than high."""
    image = Image.new("RGB", (400, 300), (250, 245, 230))
    if ink:
        pen = ImageDraw.Draw(image)
        pen.line([(190, 50), (130, 170), (270, 170)], (20, 30, 90), 20, joint="curve")
        pen.line([(235, 60), (230, 260)], (20, 30, 90), 20)
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def choose(desk, name: str, kind: str, data: bytes) -> None:
    file = {"name": name, "mimeType": kind, "buffer": data}
    desk.page.get_by_label("Upload a picture").set_input_files(file)


def bring(desk, event: str, data: bytes) -> None:
    """Drop a file on the page, or paste it."""
    script = """([event, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const transfer = new DataTransfer();
      if (bytes.length) transfer.items.add(new File([bytes], "four.png", { type: "image/png" }));
      const options = { bubbles: true, cancelable: true };
      const made = event === "paste"
        ? new ClipboardEvent(event, { ...options, clipboardData: transfer })
        : new DragEvent(event, { ...options, dataTransfer: transfer });
      document.getElementById("sheet").dispatchEvent(made);
      return made.defaultPrevented;
    }"""
    return desk.page.evaluate(script, [event, base64.b64encode(data).decode()])


def test_a_picture_chosen_by_button_is_shown_sent_as_it_is_and_read(desk) -> None:
    data = picture("JPEG")
    with desk.page.expect_file_chooser() as chooser:
        desk.page.get_by_text("Upload", exact=True).click()
    chooser.value.set_files({"name": "four.jpg", "mimeType": "image/jpeg", "buffer": data})
    expect(desk.page.locator("#digit")).to_have_text("4")
    expect(desk.page.locator("#picture")).to_be_visible()
    expect(desk.page.locator("#invitation")).to_be_hidden()
    assert desk.sent() == data


def test_the_same_picture_can_be_chosen_twice(desk) -> None:
    for _ in range(2):
        choose(desk, "four.png", "image/png", picture())
        expect(desk.page.locator("#digit")).to_have_text("4")
        desk.page.get_by_role("button", name="Clear").click()
        expect(desk.page.locator("#digit")).to_have_text("?")
        expect(desk.page.locator("#picture")).to_be_hidden()


def test_a_dropped_picture_is_read(desk) -> None:
    sheet = desk.page.locator("#sheet")
    assert bring(desk, "dragover", picture())  # else the browser would open the file itself
    expect(sheet).to_have_class("sheet dropping")
    assert bring(desk, "drop", picture())
    expect(desk.page.locator("#digit")).to_have_text("4")
    expect(sheet).to_have_class("sheet")
    assert desk.sent() == picture()


def test_a_pasted_picture_is_read(desk) -> None:
    bring(desk, "paste", picture())
    expect(desk.page.locator("#digit")).to_have_text("4")
    expect(desk.page.locator("#picture")).to_be_visible()


def test_pasting_what_is_no_picture_says_so_and_keeps_the_answer(desk) -> None:
    bring(desk, "paste", picture())
    expect(desk.page.locator("#digit")).to_have_text("4")
    bring(desk, "paste", b"")
    expect(desk.page.get_by_role("alert")).to_have_text("There is no picture on the clipboard.")
    expect(desk.page.locator("#digit")).to_have_text("4")


def test_drawing_on_a_picture_starts_afresh_and_undo_brings_it_back(desk) -> None:
    choose(desk, "four.png", "image/png", picture())
    expect(desk.page.locator("#digit")).to_have_text("4")
    desk.draw([(0.5, 0.15), (0.5, 0.85)])
    expect(desk.page.locator("#digit")).to_have_text("1")
    expect(desk.page.locator("#picture")).to_be_hidden()
    desk.page.get_by_role("button", name="Undo").click()
    expect(desk.page.locator("#digit")).to_have_text("4")
    expect(desk.page.locator("#picture")).to_be_visible()


def test_a_blank_picture_is_given_no_digit(desk) -> None:
    choose(desk, "blank.png", "image/png", picture(ink=False))
    expect(desk.page.get_by_role("alert")).to_contain_text("No ink")
    expect(desk.page.locator("#digit")).to_have_text("?")
    desk.expect_problems("status 422", "console: Failed to load resource.*422")


def test_a_file_that_is_no_picture_is_named_and_refused(desk) -> None:
    choose(desk, "notes.png", "image/png", b"not a picture at all")
    expect(desk.page.get_by_role("alert")).to_contain_text("not a readable picture")
    expect(desk.page.locator("#picture-name")).to_have_text("notes.png")
    expect(desk.page.locator("#retry")).to_be_hidden()  # it would not help
    desk.expect_problems("status 400", "console: Failed to load resource.*400")


@pytest.mark.parametrize(
    ("name", "kind", "data"), [("notes.txt", "text/plain", b"hello"), ("four.png", "image/png", b"")]
)
def test_a_file_that_can_hold_no_picture_is_not_even_sent(desk, name, kind, data) -> None:
    choose(desk, name, kind, data)
    expect(desk.page.get_by_role("alert")).to_contain_text(f"{name}\u201d is no picture; choose a PNG")
    expect(desk.page.locator("#picture")).to_be_hidden()
    assert desk.questions() == 0


def test_a_file_over_the_limit_is_not_even_sent(desk, tmp_path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(21_000_000)
    desk.page.get_by_label("Upload a picture").set_input_files(huge)
    expect(desk.page.get_by_role("alert")).to_have_text("This picture has 21 MB; at most 20 MB are read.")
    assert desk.questions() == 0
