"""The pages of the dashboard that look at models and data, in a real browser; no other host is asked for anything."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from digitrec.artifacts import model_path
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.runs.run import Run
from tests.support.chromium import PHONE
from tests.support.dashboard import evaluated, finished_run
from tests.support.dashboard_server import IDLE, dashboard
from tests.support.drawings import STROKES

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture(scope="module")
def address(data_dir, house):
    """The address of a dashboard with the evaluations of a run, of one that changed since, and of the shipped model."""
    runs = house / "runs"
    runs.mkdir()
    labels = load_mnist()[1].labels
    run = finished_run(runs)
    evaluated(run.path, run.checkpoint, labels)
    changed = finished_run(runs, "changed")
    evaluated(changed.path, run.checkpoint, labels)
    evaluated(house / "evaluation", model_path(), labels)
    with dashboard(house) as url:
        yield url


def click_cell(page, label, digit):
    """Click a cell of the confusion matrix."""
    plot = page.locator(".nsewdrag").first
    plot.wait_for()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    x, y = box["x"] + (digit + 0.5) / 10 * box["width"], box["y"] + (label + 0.5) / 10 * box["height"]
    page.mouse.move(x, y)  # Plotly takes a click for that of the point it hovers over
    expect(page.locator(".hoverlayer .hovertext").first).to_contain_text(
        f"{label} predicted as {digit}", timeout=30_000
    )
    page.mouse.click(x, y)


def open_tab(page, name):
    """Click a tab, and see that it is the one that is open."""
    tab = page.get_by_role("tab", name=name)
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_click_on_a_cell_shows_its_images(visit, scheme):
    page = visit("evaluate", color_scheme=scheme)
    labels = load_mnist()[1].labels
    label = int(labels[3])  # whose image 3 is taken for 8, as tests.support.dashboard has it
    assert label != 8
    page.get_by_text("of 10,000").wait_for()
    click_cell(page, label, label)
    page.get_by_text(f"images of a {label} were predicted as {label}. The 24 with the highest confidence:").wait_for()
    click_cell(page, label, 8)
    page.get_by_text(f"images of a {label} was predicted as 8.").wait_for()
    picture = page.get_by_role("img", name=f"test image 3, a {label} predicted as 8")
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") == 112


def test_two_taps_on_a_cell_show_its_images_and_other_charts_let_the_page_scroll(visit):
    page = visit("evaluate", **PHONE)
    plot = page.locator(".nsewdrag").first
    plot.wait_for()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    label = int(load_mnist()[1].labels[3])
    for _ in range(2):
        page.touchscreen.tap(
            box["x"] + (label + 0.5) / 10 * box["width"], box["y"] + (label + 0.5) / 10 * box["height"]
        )
    page.get_by_text(f"images of a {label} were predicted as {label}.").wait_for()
    open_tab(page, "Per digit")
    chart = page.locator(".nsewdrag:visible").first
    chart.wait_for()
    main = page.get_by_test_id("stMain")
    main.evaluate("main => { main.scrollTop = 0 }")
    box = chart.bounding_box()
    fingers = page.context.new_cdp_session(page)
    for i in range(10):
        point = {"x": box["x"] + 100, "y": min(830, box["y"] + 150) - 15 * i}
        fingers.send("Input.dispatchTouchEvent", {"type": "touchMove" if i else "touchStart", "touchPoints": [point]})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("main => main.scrollTop > 50", arg=main.element_handle())


def test_an_image_opens_with_what_the_model_made_of_it(visit):
    page = visit("evaluate")
    open_tab(page, "Most confident mistakes")
    page.get_by_role("button", name=" as 8,").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("The model says").wait_for()
    dialog.get_by_text("What the model saw").wait_for()
    dialog.locator(".barlayer .point").first.wait_for()


def test_the_open_tab_stays_open_under_the_warning_of_a_model_that_changed(visit):
    page = visit("evaluate")
    open_tab(page, "Per digit")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="-changed").click()
    page.get_by_text("The model file has changed since this evaluation").wait_for()
    page.locator(IDLE).wait_for()
    expect(page.get_by_role("tab", name="Per digit")).to_have_attribute("aria-selected", "true")


def test_the_address_names_the_model(visit):
    page = visit("evaluate")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="-first").click()
    page.wait_for_url("**model=*-first*")
    page.reload()
    page.get_by_text("of 10,000").wait_for()
    assert "-first" in page.url


def at(page, point):
    """Where a point of the unit square lies on the canvas, in CSS pixels of the window."""
    box = page.locator("canvas").last.bounding_box()
    return box["x"] + (0.2 + 0.6 * point[0]) * box["width"], box["y"] + (0.14 + 0.72 * point[1]) * box["height"]


def expect_answer(page, digit):
    page.get_by_role("heading", name=str(digit), exact=True, level=1).wait_for()
    page.get_by_text("% sure").wait_for()
    page.get_by_role("img", name="The 28 by 28 pixels the model saw").wait_for()


def pen(page, digit):
    """Draw a digit with the mouse."""
    for stroke in STROKES[digit]:
        page.mouse.move(*at(page, stroke[0]))
        page.mouse.down()
        for point in stroke[1:]:
            page.mouse.move(*at(page, point), steps=4)
        page.mouse.up()


@pytest.mark.parametrize("digit", [4, 7])
def test_a_digit_drawn_with_the_mouse_is_recognized(visit, digit):
    page = visit("try-it")
    page.locator("canvas").last.wait_for()
    pen(page, digit)
    expect_answer(page, digit)
    page.get_by_role("button", name="Reset canvas & history").click()
    page.get_by_text("Draw a digit, and the answer appears here.").wait_for()


def test_a_stroke_drawn_right_after_clearing_is_kept(visit):
    page = visit("try-it")
    page.locator("canvas").last.wait_for()
    pen(page, 7)
    expect_answer(page, 7)
    page.get_by_role("button", name="Reset canvas & history").click()
    pen(page, 1)
    expect_answer(page, 1)


def test_a_digit_drawn_with_a_finger_in_the_dark_is_recognized_and_the_page_stays(visit):
    page = visit("try-it", color_scheme="dark", **PHONE)
    sheet = page.locator("canvas").last
    sheet.wait_for()
    sheet.scroll_into_view_if_needed()
    before = sheet.bounding_box()
    assert before["x"] >= 0
    assert before["x"] + before["width"] <= 390
    fingers = page.context.new_cdp_session(page)
    for stroke in STROKES[7]:
        steps = [np.linspace(a, b, 6) for a, b in itertools.pairwise(stroke)]
        for i, point in enumerate(np.concatenate(steps)):
            x, y = at(page, point)
            kind = "touchMove" if i else "touchStart"
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert sheet.bounding_box() == before  # the page has not scrolled under the finger
    seen = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=before))).convert("L"))
    assert (seen > 250).mean() > 0.5  # white paper, though the page is dark
    assert (seen < 20).mean() > 0.03
    expect_answer(page, 7)


def test_data_are_shown_and_nothing_is_wider_than_a_phone(visit):
    page = visit("data", **PHONE)
    page.get_by_role("img", name="Mean of the images with the label 9").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("Samples by class", "Class balance", "Mean image"):
        page.get_by_role("heading", name=name).wait_for()


def test_publishing_needs_a_click_to_begin_with(visit):
    page = visit("publish")
    page.get_by_role("button", name="Show what would change").wait_for()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)


def test_the_end_of_a_run_shows_in_a_browser_notice_and_in_the_table(visit, address, house):
    """Without a click or a reload."""
    run = Run.create(house / "runs", "at-work", TrainConfig(name="at-work").to_dict())
    (run.path / "history.csv").write_text(
        "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n0,0.9,0.1,1,0.9,1\n"
    )
    page = visit("runs")
    page.add_init_script("""
        window.notices = [];
        window.Notification = class {
          static permission = "default";
          static requestPermission() { this.permission = "granted"; return Promise.resolve("granted"); }
          constructor(title, { body }) { window.notices.push(`${title}: ${body}`); }
        };
    """)
    with run.hold():
        run.set_status("running")
        page.reload()
        page.get_by_role("button", name="Notify me when a run ends").click()
        row = page.locator("tr").filter(has_text="at-work")  # the table is drawn; these rows are for screen readers
        expect(row).to_contain_text("running")
        run.set_status("done")
    page.wait_for_function("window.notices.length > 0")
    (notice,) = page.evaluate("window.notices")
    assert notice.startswith("at-work")
    expect(row).to_contain_text("done", timeout=30_000)
