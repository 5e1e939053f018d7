"""The page without a server: an answer in Chromium beside a native one on one thread, and the second visit, cold."""

import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.canvas import rgba_canvas
from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Goal, Row, Table

CALLS = 20
NATIVE = "native predict(RGBA array)"
BROWSER = "browser: whole answer"
SECOND = "second visit, cold, to the first answer"
SECOND_VISIT_SECONDS = 1.0

PREPARE = """async ([side, values]) => {
  const base = document.querySelector("script[src$='app.js']").src.replace("app.js", "");
  const load = (name) => import(base + name);
  const [ort, { makeEngine, pictureOf }, { loadAsset }, { CACHE }] = await Promise.all(
    ["vendor/ort.js", "engine.js", "assets.js", "manifest.js"].map(load));
  const asset = (name) => loadAsset(name, { cache: CACHE, report() {} });
  ort.env.wasm.wasmBinary = await asset("ort.wasm");
  ort.env.wasm.numThreads = 1;
  const open = async (name) => ort.InferenceSession.create(new Uint8Array(await asset(name)));
  const digitrec = await open("digitrec.onnx");
  const engine = makeEngine(ort, { digitrec });
  const picture = { width: side, height: side, data: Uint8ClampedArray.from(values) };
  const stroke = (rows) => (_, i) => (Math.abs((i % rows) - rows / 2) < rows / 20 ? 1 : 0);
  const ink = (rows) =>
    new ort.Tensor("float32", Float32Array.from({ length: rows * rows }, stroke(rows)), [1, rows, rows]);
  const inks = { 28: ink(28), 280: ink(280) };
  window.turns = {
    whole: () => engine.predict(pictureOf(picture)),
    graph280: () => digitrec.run({ ink: inks[280] }),
    graph28: () => digitrec.run({ ink: inks[28] }),
  };
}"""

TURN = """async ([name, calls]) => {
  const started = performance.now();
  for (let i = 0; i < calls; i++) await window.turns[name]();
  return (performance.now() - started) / calls;
}"""


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status, 0."""
    flags = parse_flags("browser", __doc__, argv, rounds=20, quick_rounds=2)
    from playwright.sync_api import sync_playwright

    from demos.browser.__main__ import serve
    from demos.browser.assemble import assemble

    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        assemble(place / "page")
        with serve(place / "page", 0) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_address[1]}/"

            def launch() -> Any:
                return playwright.chromium.launch_persistent_context(
                    place / "profile", executable_path=executable, args=["--no-sandbox"], bypass_csp=True
                )

            tables = [measure_answers(launch, address, flags.rounds), measure_visits(launch, address, flags.rounds)]
            server.shutdown()
    report(tables, flags)
    return 0


def measure_answers(launch: Callable[[], Any], address: str, rounds: int) -> Table:
    """Time one answer to a drawing on 280x280 pixels, on one thread each, and the graph alone by its rows."""
    from digitrec import predict

    canvas = rgba_canvas()
    context = launch()
    page = context.new_page()
    page.goto(address)
    page.locator("html[data-recognizer=ready]").wait_for(state="attached")
    page.evaluate(PREPARE, [len(canvas), canvas.ravel().tolist()])

    def native() -> float:
        started = time.perf_counter()
        for _ in range(CALLS):
            predict(canvas)
        return 1000 * (time.perf_counter() - started) / CALLS

    def browser(name: str) -> Callable[[], float]:
        return lambda: float(page.evaluate(TURN, [name, CALLS]))

    turns = {
        NATIVE: native,
        BROWSER: browser("whole"),
        "browser: the graph on 280 rows": browser("graph280"),
        "browser: the graph on 28 rows": browser("graph28"),
    }
    for turn in turns.values():  # compiled by use
        turn()
    times = measure_in_rounds(turns, rounds)
    context.close()
    goals = {BROWSER: (Goal(3.0),)}
    rows = [Row(what, figures, goals.get(what, ())) for what, figures in times.items()]
    return Table("One answer, 280x280 canvas, one thread", "ms", rows)


def measure_visits(launch: Callable[[], Any], address: str, rounds: int) -> Table:
    """Time a visit in a new browser process, from the address to an answer, all from the cache."""
    context = launch()
    page = context.new_page()
    page.goto(address)
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    context.close()
    seconds = []
    for _ in range(max(2, rounds // 4)):
        context = launch()
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address)
        page.locator("#examples button").first.click()
        page.locator("#answer[data-state=answer]").wait_for()
        seconds.append(time.perf_counter() - started)
        context.close()
    verdict = "met" if statistics.median(seconds) <= SECOND_VISIT_SECONDS else "MISSED"
    return Table(f"A visit (goal: at most {SECOND_VISIT_SECONDS:g} s: {verdict})", "s", [Row(SECOND, seconds)])


if __name__ == "__main__":
    sys.exit(main())
