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


def test_pasting_text_shows_a_message_and_keeps_the_answer(desk) -> None:
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


def test_a_picture_that_only_the_browser_opens_is_sent_as_a_png(desk) -> None:
    four = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" fill="none" stroke="#123" stroke-width="6">
      <path d="M58 15 L28 62 L75 62 M60 40 L58 88"/></svg>"""
    choose(desk, "four.svg", "", four.encode())
    expect(desk.page.locator("#digit")).to_have_text("4")
    expect(desk.page.locator("#picture")).to_be_visible()
    assert Image.open(io.BytesIO(desk.sent())).format == "PNG"


def test_of_several_files_the_others_are_said_to_be_left_out(desk) -> None:
    script = """(base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const transfer = new DataTransfer();
      for (const name of ["four.png", "five.png"]) transfer.items.add(new File([bytes], name, { type: "image/png" }));
      document.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
    }"""
    desk.page.evaluate(script, base64.b64encode(picture()).decode())
    expect(desk.page.locator("#digit")).to_have_text("4")
    words = "This is \u201cfour.png\u201d. The other file was left out: one picture at a time."
    expect(desk.page.get_by_role("alert")).to_have_text(words)


def test_a_blank_picture_is_given_no_digit(desk) -> None:
    choose(desk, "blank.png", "image/png", picture(ink=False))
    expect(desk.page.get_by_role("alert")).to_have_text(
        "There is no ink in this picture. Choose one that shows a digit."
    )
    expect(desk.page.locator("#digit")).to_have_text("?")
    desk.expect_problems("status 422", "console: Failed to load resource.*422")


def test_a_file_that_is_no_picture_is_named_and_refused(desk) -> None:
    choose(desk, "notes.png", "image/png", b"not a picture at all")
    expect(desk.page.get_by_role("alert")).to_have_text(
        "This file cannot be opened as a picture. Choose a PNG or JPEG file."
    )
    expect(desk.page.locator("#picture-name")).to_have_text("notes.png")
    expect(desk.page.locator("#retry")).to_be_hidden()  # it would not help
    desk.expect_problems("status 400", "console: Failed to load resource.*400")


@pytest.mark.parametrize(
    ("name", "kind", "data", "words"),
    [
        ("notes.txt", "text/plain", b"hello", "is not a picture. Choose a PNG or JPEG file."),
        ("four.png", "image/png", b"", "is empty. Choose another file."),
        ("scan.pdf", "application/pdf", b"%PDF-1.7", "is a PDF file, which cannot be opened here. Take a screenshot"),
        ("scan.jpg", "image/jpeg", b"%PDF-1.7", "is a PDF file"),
        ("four.heic", "image/heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is a HEIC file"),
        ("four.jpg", "image/jpeg", b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "Save it as a JPEG first."),
        ("four.avif", "image/avif", b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "is an AVIF file"),
        ("four.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><path", "is an SVG file"),
    ],
)
def test_a_file_that_cannot_be_opened_is_named_and_not_sent(desk, name, kind, data, words) -> None:
    choose(desk, name, kind, data)
    expect(desk.page.get_by_role("alert")).to_contain_text(f"\u201c{name}\u201d {words}" if "is " in words else words)
    expect(desk.page.locator("#picture")).to_be_hidden()
    assert desk.questions() == 0


def test_a_file_over_the_limit_is_not_even_sent(desk, tmp_path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(21_000_000)
    desk.page.get_by_label("Upload a picture").set_input_files(huge)
    expect(desk.page.get_by_role("alert")).to_have_text("This picture has 21 MB. Choose one of at most 20 MB.")
    assert desk.questions() == 0
