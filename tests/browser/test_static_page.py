"""The page without a server: the same answers as Python's, offline, on the device alone, and never of two versions."""

import base64
import gzip
import io
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import digitrec
from benchmarks.servers import serve_web_app
from demos.browser import __main__ as browser_command
from demos.browser.assemble import assemble, clear
from digitrec.decoding.limits import MAX_SIDE
from digitrec.explanation.changes import Finding
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.training_rows import NOT_A_DIGIT
from tests.browser.test_languages import WRONG
from tests.browser.test_numbers import number as strokes_of
from tests.support.drawings import STROKES
from tests.support.kinds import SURROUNDINGS, picture, surrounded

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")

PICTURES = 200
EXPLAINED, OF_TWO = (0, 11, 42, 73), 5  # drawings of several kinds, and one of two digits
FIRST_VISIT_BYTES = 4_500_000
SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]

MODULE = """
const load = (name) => import(document.querySelector("script[src$='app.js']").src.replace("app.js", name));
const pixelsOf = async (file) => {
  const blob = await (await fetch(`data:image/png;base64,${file}`)).blob();
  const bitmap = await createImageBitmap(blob, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
};
"""

ASK = f"""async (files) => {{
  {MODULE}
  const {{ LocalRecognizer }} = await load("local.js");
  const recognizer = (window.local ??= new LocalRecognizer());
  const answers = [];
  for (const file of files) {{
    const pixels = await pixelsOf(file);
    answers.push(await recognizer.ask({{ pixels: async () => pixels }}));
  }}
  return answers;
}}"""

# The explanation, and how opaque each pixel of its overlay is.
EXPLAIN = f"""async ([file, digit, box]) => {{
  {MODULE}
  const {{ Explainer }} = await load("explainer.js");
  const explainer = (window.explainer ??= new Explainer());
  const pixels = await pixelsOf(file);
  const {{ explanation }} = await explainer.explain({{ pixels: async () => pixels }}, digit, box);
  const {{ width, height, data }} = await pixelsOf(explanation.overlay.split(",")[1]);
  return {{ ...explanation, width, height, opacity: Array.from(data).filter((_, i) => i % 4 === 3) }};
}}"""

# Whether the service worker with this cache has taken over.
UPDATED = """async (cache) => {
  const { installing, waiting } = await navigator.serviceWorker.getRegistration();
  return (await caches.has(cache)) && !installing && !waiting;
}"""


class Site:
    """A folder that is served, and pages of it."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    assemble(folder)
    return folder


@pytest.fixture(scope="module")
def site(built: Path) -> Iterator[Site]:
    server = browser_command.serve(built, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(built, f"http://127.0.0.1:{server.server_address[1]}/")
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open the page in a context of its own; scripts that break fail the test."""
    contexts, broken = [], []

    def open_page(address: str, **options: Any) -> Any:
        # The tests call functions of the page; its policy allows no script but its own.
        context = chromium.new_context(bypass_csp=options.pop("bypass_csp", False), **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert broken == []


@pytest.fixture(scope="module")
def asked(site: Site, chromium: Any) -> Iterator[Any]:
    """A page that tests ask through its modules, which its policy would not allow."""
    context = chromium.new_context(bypass_csp=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(site.address)
    wait_until_ready(page)
    yield page
    context.close()


def wait_until_ready(page: Any) -> None:
    page.locator("html[data-recognizer=ready]").wait_for(state="attached")


def draw(page: Any, *strokes: list[tuple[float, float]]) -> None:
    box = page.locator("#canvas").bounding_box()
    for stroke in strokes:
        for i, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
            if i == 0:
                page.mouse.down()
        page.mouse.up()


def encoded(number: int, kind: Callable[[int], Image.Image] = picture) -> bytes:
    file = io.BytesIO()
    kind(number).save(file, "PNG")
    return file.getvalue()


def test_the_browser_answers_as_python_does(asked) -> None:
    files = [encoded(number) for number in range(PICTURES)]
    files += [encoded(number, surrounded) for number in range(10 * len(SURROUNDINGS))]
    answers = []
    for start in range(0, len(files), 20):
        answers += asked.evaluate(ASK, [base64.b64encode(file).decode() for file in files[start : start + 20]])
    read = 0
    for number, (file, reply) in enumerate(zip(files, answers, strict=True)):
        expected, answer = digitrec.predict(file), reply["answer"]
        assert (answer["digit"], answer["is_digit"]) == (expected.digit, expected.is_digit), number
        np.testing.assert_allclose(answer["probabilities"], expected.probabilities, atol=1e-4, err_msg=str(number))
        assert answer["doubt"] == pytest.approx(expected.doubt, abs=1e-4), number
        if expected.is_digit:
            assert answer["reading"] is None
            continue
        reading, found = digitrec.read(file), answer["reading"]
        read += bool(reading)
        assert found["text"] == reading.text, number
        for one, other in zip(found["digits"], reading.digits, strict=True):
            np.testing.assert_allclose(one["probabilities"], other.probabilities, atol=1e-4, err_msg=str(number))
            np.testing.assert_allclose(one["box"], other.box, atol=1e-2, err_msg=str(number))
    assert read > PICTURES / 10


def test_the_browser_explains_as_python_does(asked) -> None:
    questions = [(number, digit, None) for number in EXPLAINED for digit in (None, (number + 3) % 10)]
    questions += [(OF_TWO, None, digitrec.read(encoded(OF_TWO)).digits[1].box)]
    equal = 0
    for number, digit, box in questions:
        file, question = encoded(number), (number, digit, box)
        expected = digitrec.explain(file, digit, box=box)
        found = asked.evaluate(EXPLAIN, [base64.b64encode(file).decode(), digit, box])
        assert (found["digit"], found["predicted"]) == (expected.digit, expected.predicted), question
        assert found["probability"] == pytest.approx(expected.probability, abs=1e-4), question
        heat = np.asarray(expected.heat())
        assert (found["height"], found["width"]) == heat.shape[:2], question
        difference = np.abs(np.array(found["frame_map"]) - expected.frame_map).max()
        if difference <= 1e-4:
            equal += 1
            np.testing.assert_allclose(found["opacity"], heat[..., 3].ravel(), atol=3, err_msg=str(question))
            assert found["finding"] == (expected.finding and pytest.approx(expected.finding.to_dict(), abs=1e-3)), (
                question
            )
        else:  # two pixels that matter equally are in another order
            assert np.corrcoef(np.ravel(found["frame_map"]), expected.frame_map.ravel())[0, 1] > 0.9, question
    assert equal > len(questions) / 2


def test_the_limit_of_a_side_is_that_of_python(built) -> None:
    (engine,) = built.glob("assets/*/engine.js")
    assert f"LONGEST_SIDE = {MAX_SIDE};" in engine.read_text("utf-8")


def test_once_it_is_loaded_nothing_leaves_the_page(site, visit, tmp_path) -> None:
    page = visit(site.address)
    wait_until_ready(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.wait_for_load_state("networkidle")
    requests = []
    page.context.on("request", lambda request: requests.append(request.url))
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect(page.locator("#digit")).to_have_text("7")
    assert page.locator("#seen").get_attribute("src").startswith("data:image/png")
    (tmp_path / "photo.png").write_bytes(encoded(8))
    page.locator("#file").set_input_files(tmp_path / "photo.png")
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
    assert [url for url in requests if not url.startswith(("blob:", "data:"))] == []


def test_opened_once_it_works_without_a_network(site, visit, asked, tmp_path) -> None:
    page = visit(site.address)
    wait_until_ready(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.context.set_offline(True)
    page.goto("about:blank")
    page.goto(site.address)
    wait_until_ready(page)
    threads = page.locator("html").get_attribute("data-threads")
    # The service worker isolates the page, so that it may have threads.
    assert int(threads) == min(4, page.evaluate("navigator.hardwareConcurrency"))
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    expect_the_sentences_of_python(page, asked, tmp_path / "drawing.png")
    page.get_by_role("button", name="Clear").click()
    draw(page, *strokes_of(4, 7))
    page.locator(".numeral").nth(1).click()
    expect(page.locator("#map")).to_have_attribute("alt", "What speaks for 7, and what against it")
    page.get_by_role("link", name="Accuracy and privacy").click()
    expect(page.get_by_role("heading", name="What happens to my drawing?")).to_be_visible()


def expect_the_sentences_of_python(page: Any, asked: Any, drawing: Path) -> None:
    """A drawing that shows its digit plainly, and what the page says of it and of others: what it found, in words.

    What it finds is what Python finds, but where two pixels that matter equally are in another order.
    """
    drawing.write_bytes(encoded(0))
    page.locator("#file").set_input_files(drawing)
    page.get_by_role("button", name="Why?", exact=True).click()
    sentences, equal = set(), 0
    for digit in range(10):
        expected = digitrec.explain(drawing, digit)
        explained = asked.evaluate(EXPLAIN, [base64.b64encode(drawing.read_bytes()).decode(), digit, None])
        finding = explained["finding"] and Finding(digit, digit == expected.predicted, **explained["finding"])
        found = finding.describe() if finding else ""
        if np.abs(np.array(explained["frame_map"]) - expected.frame_map).max() <= 1e-4:
            equal += 1
            assert found == expected.sentence, digit
        page.locator(".why-bar").nth(digit).click()
        expect(page.locator("#map")).to_have_attribute("alt", f"What speaks for {digit}, and what against it")
        otherwise = "Off the ink, a colour says what missing ink does."
        expect(page.locator("#why-words")).to_have_text(found or otherwise)
        sentences.add(found)
    assert sentences != {""}
    assert equal > 5


def test_a_map_that_cannot_be_loaded_is_said_and_tried_again(site, visit) -> None:
    page = visit(site.address, service_workers="block")
    page.route("**/explanation.delta.xz", lambda route: route.abort())
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    page.get_by_role("button", name="Why?", exact=True).click()
    expect(page.locator("#why-words")).to_have_text("The map needs a file that could not be loaded. Are you online?")
    expect(page.locator("#digit")).to_have_text("7")
    page.unroute_all()
    page.locator("#why").get_by_role("button", name="Try again").click()
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator("#why-retry")).to_be_hidden()


def test_after_an_update_the_old_page_goes_on_and_the_next_visit_is_new(built, visit, tmp_path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(built, folder)
    server = browser_command.serve(folder, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        page = visit(address)
        wait_until_ready(page)
        page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        (old,) = (path.name for path in (folder / "assets").iterdir())
        clear(folder)
        make_other_version(built, folder, old, "new0000000")
        draw(page, SEVEN)  # the old page, whose files are gone from the server
        expect(page.locator("#digit")).to_have_text("7")
        page.reload()
        wait_until_ready(page)
        page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => 0)")
        # Not by Playwright's own wait, which needs eval, nor by a request, which keeps the old worker from ending.
        for _ in range(600):
            if page.evaluate(UPDATED, "digitrec-new0000000"):
                break
            page.wait_for_timeout(100)
        page.goto("about:blank")
        page.goto(address)
        wait_until_ready(page)
        names = page.evaluate(
            "[...document.querySelectorAll('script[src], link[href*=assets]')].map((e) => e.src || e.href)"
        )
        assert names
        assert all("/assets/new0000000/" in name for name in names)
        draw(page, SEVEN)
        expect(page.locator("#digit")).to_have_text("7")
    finally:
        server.shutdown()
        server.server_close()


def make_other_version(built: Path, folder: Path, old: str, new: str) -> None:
    """The same page as another version, as if one of its files had changed."""
    for path in built.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(built).as_posix().replace(old, new)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))


def test_corrections_stay_on_the_device_and_are_downloaded_as_training_data(site, visit) -> None:
    page = visit(site.address)
    wait_until_ready(page)
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    page.get_by_label("Keep my drawing").check()
    page.get_by_role("button", name="Yes").click()
    button = page.get_by_role("button", name="Download 1 correction (CSV)")
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "corrections.csv"
    examples = load_csv(download.value.path())
    assert examples.labels.tolist() == [7]
    assert (examples.images.min(), examples.images.max()) == (0, 255)
    page.get_by_role("button", name="Undo my answer").click()
    expect(page.locator("#download")).to_be_hidden()
    page.keyboard.press("Delete")
    draw(page, *[[(0.2 + 0.6 * x, 0.15 + 0.7 * y) for x, y in stroke] for stroke in STROKES[3]])
    expect(page.locator("#feedback")).not_to_have_attribute("data-state", "idle")
    page.evaluate("document.querySelector('#choices button[value=none]').click()")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 1 marked “Not a digit” (CSV)").click()
    assert download.value.suggested_filename == "corrections-negatives.csv"
    assert load_csv(download.value.path(), negatives=True).labels.tolist() == [NOT_A_DIGIT]
    expect(page.locator("#download")).to_be_hidden()


def test_the_page_has_the_words_of_the_browser_s_language(site, visit) -> None:
    page = visit(site.address, locale="de-DE")
    expect(page.locator("#loading-words")).to_contain_text("Die Erkennung wird geladen")
    assert page.evaluate(WRONG) == []
    wait_until_ready(page)
    draw(page, SEVEN)
    page.get_by_role("button", name="Ja", exact=True).click()
    page.get_by_role("button", name="Meine Antwort rückgängig machen").wait_for()
    page.get_by_label("Meine Zeichnung zum Lernen behalten").check()
    expect(page.locator("#download")).to_have_text("1 Korrektur herunterladen (CSV)")
    page.get_by_role("link", name="Genauigkeit und Datenschutz").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_text("auf diesem Gerät erkannt und nirgendwohin gesendet")).to_be_visible()
    assert page.evaluate(WRONG) == []


def test_the_page_says_where_corrections_go(tmp_path) -> None:
    assemble(tmp_path, server="https://digits.example")
    about = (tmp_path / "about.html").read_text("utf-8")
    assert "are sent to the" in about
    assert "sent nowhere" not in about


def test_where_the_model_explains_nothing_there_is_no_button(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("demos.browser.assemble.EXPLANATION_NAME", "missing.onnx")
    assemble(tmp_path)
    assert "why-button" not in (tmp_path / "index.html").read_text("utf-8")
    assert list(tmp_path.rglob("explanation*")) == []


def test_the_first_visit_is_small(built) -> None:
    size = 0
    for path in built.rglob("*"):
        if path.is_file() and path.name not in ("README.md", "LICENSE", ".gitattributes"):
            data = path.read_bytes()
            size += len(data) if path.suffix in (".xz", ".png") else len(gzip.compress(data))
    assert size <= FIRST_VISIT_BYTES


def test_what_is_loaded_is_shown_and_drawing_does_not_wait_for_it(site, visit, chromium) -> None:
    context = chromium.new_context(service_workers="block")
    held, released = [], []

    def hold(route) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    context.route("**/*.xz", hold)
    page = context.new_page()
    page.goto(site.address)
    draw(page, SEVEN)
    strokes = page.evaluate("JSON.parse(sessionStorage.getItem('digitrec-strokes')).length")
    assert strokes == 1
    released.append(True)
    for route in held:
        route.continue_()
    expect(page.locator("#loading-words")).to_contain_text("MB", timeout=30_000)
    expect(page.locator("#digit")).to_have_text("7", timeout=60_000)
    expect(page.locator("#loading")).to_be_hidden()
    context.close()


def test_the_page_has_no_barriers_that_axe_finds(site, visit) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for scheme in ("light", "dark"):
        page = visit(site.address, color_scheme=scheme, bypass_csp=True)
        wait_until_ready(page)
        draw(page, SEVEN)
        page.locator("#why-button").click()
        page.locator("#map").wait_for()
        assert axe.run(page).response["violations"] == []


def test_the_web_app_s_page_answers_itself_while_the_server_is_away(built, visit, tmp_path) -> None:
    with serve_web_app(tmp_path, DIGITREC_BROWSER_FOLDER=str(built)) as web:
        page = visit(web.url)
        page.locator("html[data-fallback=ready]").wait_for(state="attached")
    draw(page, SEVEN)  # the server has ended
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.get_by_role("alert")).to_have_text("")
