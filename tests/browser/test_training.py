"""The pages Train and Runs in a real browser, with a real run; no other host is asked for anything."""

import contextlib
import os
import re
import shutil
import signal

import pytest

from benchmarks.servers import free_port
from digitrec.learning.runs.run import list_runs
from tests.support import dashboard_server
from tests.support.chromium import PHONE
from tests.support.run_directories import broken_run, made_run

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

PATIENCE = 120_000  # milliseconds until a run has come somewhere; importing Keras alone may take a fifth of that


class Dashboard:
    """The dashboard as a process, which can be ended and started again at the same address."""

    def __init__(self, folder):
        self.folder, self.runs, self.port = folder, folder / "runs", free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.serving = contextlib.ExitStack()

    def start(self):
        self.serving.enter_context(dashboard_server.dashboard(self.folder, self.port))

    def stop(self):
        self.serving.close()


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    started = Dashboard(tmp_path_factory.mktemp("dashboard"))
    started.start()
    yield started
    started.stop()


@pytest.fixture
def dashboard(process):
    """The dashboard of this file, without runs."""
    yield process
    for run in list_runs(process.runs):
        if run.status.state == "running":  # a test failed half-way: let nothing go on training
            (run.path / "stop-requested").touch()
        else:
            shutil.rmtree(run.path)


@pytest.fixture
def address(dashboard):
    return dashboard.address


@contextlib.contextmanager
def paused(run):
    """Hold up a run's process: its few steps would be over while a dashboard starts on a busy machine."""
    process = run.progress["pid"]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def fill(page, label, value):
    """Type into a field, once the page has taken in the one before: nobody types two within a few milliseconds."""
    page.locator(dashboard_server.IDLE).wait_for()
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")
    expect(field).to_have_value(value)


POINTS = """() => {
  const chart = document.querySelector(".js-plotly-plot");
  const curve = chart && chart.data.find(({ name }) => name === "validation");
  return curve ? curve.y.length ?? 0 : 0;
}"""


def wait_for_points(page, count):
    """Wait until the curve of validation has so many points."""
    page.wait_for_function(f"() => ({POINTS})() >= {count}", timeout=PATIENCE)


def test_a_run_is_started_watched_stopped_and_resumed(visit, dashboard, data_dir):
    page = visit()
    page.set_default_timeout(PATIENCE)
    page.get_by_text("No run yet").wait_for()
    for label, value in {"Name": "tiny", "Epochs": "5", "Batch size": "16", "Limit": "2000"}.items():
        fill(page, label, value)
    page.get_by_text("More settings").click()
    page.get_by_role("tab", name="Network").click()
    fill(page, "Width", "4")
    page.get_by_text("--name tiny --epochs 5 --batch-size 16 --width 4 --limit 2000").wait_for()
    page.get_by_role("button", name=re.compile("Start$")).click()

    page.get_by_role("button", name="Stop").wait_for(timeout=PATIENCE)
    (run,) = list_runs(dashboard.runs)
    assert run.status.state == "running"
    with paused(run):
        page.context.close()
        dashboard.stop()  # the run goes on without it
        assert run.status.state == "running"
        dashboard.start()
        page = visit()  # nothing but the run directory tells of the run
    page.get_by_text(re.compile(r"Epoch \d of 5")).wait_for(timeout=PATIENCE)
    wait_for_points(page, 1)  # the curve moves without anybody touching the page

    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped by hand").first.wait_for(timeout=PATIENCE)
    done = len(run.history())
    assert run.status.state == "stopped"
    assert 1 <= done < 5
    page.get_by_text(f"Resume continues after epoch {done}").first.wait_for()

    page.get_by_role("button", name="Resume").click()
    wait_for_points(page, done + 1)
    page.get_by_text("right on validation").first.wait_for(timeout=PATIENCE)
    assert run.status.state == "done"
    assert [row["epoch"] for row in run.history()] == [0, 1, 2, 3, 4]
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_text("best validation accuracy").wait_for()  # in the log


def tick(page, row):
    """Tick a row of the table of runs; it is painted, so there is nothing to click but a place."""
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 52 + 35 * row)


@pytest.mark.parametrize(
    ("scheme", "options"), [("light", {}), ("dark", PHONE)], ids=["a light desk", "a dark telephone"]
)
def test_runs_are_compared_and_a_report_opens_offline(visit, dashboard, chromium, tmp_path, scheme, options):
    made_run(dashboard.runs, "b-wide", width=64)
    made_run(dashboard.runs, "a-narrow", width=16)
    broken_run(dashboard.runs)
    page = visit("runs", color_scheme=scheme, **options)
    page.get_by_test_id("stDataFrame").first.wait_for()
    for row, button in ((0, "Report"), (1, "One report")):
        tick(page, row)
        page.get_by_role("button", name=button, exact=True).wait_for()
    page.get_by_text("What differs in their settings").wait_for()
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data.length === 2")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    with page.expect_download() as download:
        page.get_by_role("button", name="One report").click()
    download.value.save_as(tmp_path / "report.html")
    context = chromium.new_context(offline=True)
    asked = []
    report = context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.goto((tmp_path / "report.html").as_uri())
    report.wait_for_function("() => [...document.querySelectorAll('.js-plotly-plot')].length >= 6")
    assert report.title() == "2 runs"
    assert asked == [(tmp_path / "report.html").as_uri()]
    context.close()


def test_a_finished_run_leads_to_what_can_be_done_with_it(visit, dashboard):
    # A newer one is the page's first choice, which its address would not name.
    run, _newer = (made_run(dashboard.runs, name) for name in ("mine", "newer"))
    for one in (run, _newer):
        one.checkpoint.write_bytes(b"a network")
        one.write_json("calibration.json", {"temperature": 1.0})
    for name, parameter in (("Evaluate", "model"), ("Try it", "beside"), ("Publish", "publish-run")):
        page = visit(f"?run={run.name}")
        page.set_default_timeout(PATIENCE)
        page.get_by_test_id("stMain").get_by_role("link", name=name).click()
        page.get_by_role("heading", level=1, name=name).wait_for()
        page.wait_for_function(f"() => new URL(location.href).searchParams.get('{parameter}') === '{run.name}'")
        page.context.close()


def test_more_settings_stay_open_while_they_are_changed(visit, dashboard):
    page = visit()
    page.set_default_timeout(PATIENCE)
    page.get_by_text("More settings").click()
    page.get_by_role("tab", name="Network").click()
    fill(page, "Width", "64")
    page.get_by_text("Changed under More settings: Width.").wait_for()
    expect(page.get_by_label("Width", exact=True)).to_be_visible()
    fill(page, "Depth", "3")
    page.get_by_text("Changed under More settings: Width, Depth.").wait_for()
    expect(page.get_by_label("Depth", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", ["", "runs"])
def test_pages_fit_a_phones_screen(visit, dashboard, path):
    made_run(dashboard.runs, "first")
    page = visit(path, **PHONE)
    page.get_by_text("More settings" if not path else "Tick runs on the left").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
