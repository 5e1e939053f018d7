"""`python -m tests.screenshots`: pictures of the running apps, for the README.

A small training run and an evaluation of the shipped model are made first, so that the dashboard has something to
show: nothing in the pictures is made up. Takes about two minutes.
"""

import argparse
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.servers import serve_web_app
from tests.support import dashboard_server
from tests.support.chromium import PHONE, chromium
from tests.support.drawings import HEART, STROKES, Points
from tests.support.gradio_server import sketchpad

ROOT = Path(__file__).parents[1]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
TALL: dict[str, Any] = {"viewport": {"width": 1280, "height": 1120}}
RUN = ["--name", "first-try", "--epochs", "8", "--limit", "6000", "--width", "16"]
COLOURS = 128
"""Of each picture: enough for flat pages, and a quarter of the bytes."""


def pen(page: Any, box: dict[str, float], strokes: list[Points], share: float = 0.62) -> None:
    """Draw strokes of the unit square with the mouse, in the middle of a box, `share` of its shorter side large."""
    side = share * min(box["width"], box["height"])
    left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
    for stroke in strokes:
        page.mouse.move(left + side * stroke[0][0], top + side * stroke[0][1])
        page.mouse.down()
        for x, y in stroke[1:]:
            page.mouse.move(left + side * x, top + side * y, steps=2)
        page.mouse.up()


class Camera:
    """Opens pages, and keeps pictures of them."""

    def __init__(self, browser: Any, out: Path) -> None:
        self.browser = browser
        self.out = out

    @contextmanager
    def page(self, address: str, **options: Any) -> Iterator[Any]:
        context = self.browser.new_context(reduced_motion="reduce", **options)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(address)
        yield page
        context.close()

    def keep(self, page: Any, name: str) -> None:
        """Write what the window shows to `name`.png."""
        page.mouse.move(2, 2)  # nothing stands highlighted below the pointer
        page.wait_for_timeout(500)  # charts fade in
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        path = self.out / f"{name}.png"
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        print(f"wrote {path} ({path.stat().st_size // 1000} kB)")


def web_app(camera: Camera, folder: Path) -> None:
    """The web app: a digit on a desk, and a heart in the hand and in the dark."""
    with serve_web_app(folder) as server:
        for name, strokes, shown, options in (
            ("web-app", STROKES[4], "4", DESKTOP),
            ("web-app-phone", HEART, "?", PHONE | {"color_scheme": "dark"}),
        ):
            with camera.page(server.url, **options) as page:
                pen(page, page.locator("#canvas").bounding_box(), strokes)
                page.locator("#digit", has_text=shown).wait_for()
                page.locator("#aside", has_text="ms").or_(page.locator("#sureness", has_text="see")).first.wait_for()
                camera.keep(page, name)


def gradio_sketchpad(camera: Camera, folder: Path) -> None:
    """The sketchpad with a digit drawn on it."""
    with sketchpad(folder) as running, camera.page(running.url, **DESKTOP) as page:
        sheet = page.locator(".sketchpad canvas")
        pen(page, sheet.bounding_box(), STROKES[3])
        page.locator(".answer:visible .digit", has_text="3").wait_for()
        camera.keep(page, "sketchpad")


def dashboard(camera: Camera, folder: Path) -> None:
    """The dashboard: a run's curves, and the shipped model's confusion matrix."""
    runs = folder / "runs"
    for command in (
        ["training.train", *RUN, "--runs", str(runs)],
        ["training.evaluate", "--out", str(folder / "evaluation")],
    ):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    (run,) = runs.glob("*-first-try")
    with dashboard_server.dashboard(folder) as address:
        with camera.page(f"{address}/?run={run.name}", **DESKTOP) as page:
            page.get_by_text("right on validation").wait_for()
            page.locator(".js-plotly-plot .legend").first.wait_for()
            camera.keep(page, "dashboard-train")
        with camera.page(f"{address}/evaluate", **TALL) as page:
            page.get_by_text("of 10,000").wait_for()
            page.locator(".nsewdrag").first.wait_for()
            camera.keep(page, "dashboard-evaluate")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots", metavar="DIR")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        for name, take in (("web", web_app), ("gradio", gradio_sketchpad), ("dashboard", dashboard)):
            folder = Path(scratch) / name
            folder.mkdir()
            take(Camera(browser, out), folder)


if __name__ == "__main__":
    main()
