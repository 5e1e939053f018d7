"""The page without a server: an answer and an explanation in Chromium beside native ones; the second visit, cold."""

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

CALLS, EXPLANATIONS = 20, 2
NATIVE = "native predict(RGBA array)"
BROWSER = "browser: whole answer"
NATIVE_WHY, BROWSER_WHY = "native explain(RGBA array)", "browser: the explanation and its colours"
SECOND = "second visit, cold, to the first answer"
SECOND_VISIT_SECONDS = 1.0

PREPARE = """async ([side, values]) => {
  const base = document.querySelector("script[src$='app.js']").src.replace("app.js", "");
  const load = (name) => import(base + name);
  const [ort, { makeEngine, pictureOf }, { loadAsset }, { CACHE, CALIBRATION }, { applyDelta }] = await Promise.all(
    ["vendor/ort.js", "engine.js", "assets.js", "manifest.js", "delta.js"].map(load));
  const asset = (name) => loadAsset(name, { cache: CACHE, report() {} });
  ort.env.wasm.wasmBinary = await asset("ort.wasm");
  ort.env.wasm.numThreads = 1;
  const open = (bytes) => ort.InferenceSession.create(new Uint8Array(bytes));
  const bytes = await asset("digitrec.onnx");
  const digitrec = await open(bytes);
  const explanation = await open(applyDelta(bytes, await asset("explanation.delta")));
  const graphs = { digitrec, openExplanation: async () => explanation, calibration: CALIBRATION };
  const engine = makeEngine(ort, graphs);
  const picture = { width: side, height: side, data: Uint8ClampedArray.from(values) };
  const stroke = (rows) => (_, i) => (Math.abs((i % rows) - rows / 2) < rows / 20 ? 1 : 0);
  const ink = (rows) =>
    new ort.Tensor("float32", Float32Array.from({ length: rows * rows }, stroke(rows)), [1, rows, rows]);
  const inks = { 28: ink(28), 280: ink(280) };
  window.turns = {
    whole: () => engine.predict(pictureOf(picture)),
    why: async () => (await engine.explain(pictureOf(picture), null, null, async () => {})).heat(),
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

            tables = [measure(launch, address, flags.rounds) for measure in MEASURES]
            server.shutdown()
    report(tables, flags)
    return 0


def measure_answers(launch: Callable[[], Any], address: str, rounds: int) -> Table:
    """Time one answer to a drawing on 280x280 pixels, on one thread each, and the graph alone by its rows."""
    from digitrec import predict

    turns = {
        BROWSER: "whole",
        "browser: the graph on 280 rows": "graph280",
        "browser: the graph on 28 rows": "graph28",
    }
    goals = {BROWSER: (Goal(3.0),)}
    times = measure_turns(launch, address, rounds, (NATIVE, predict), turns, CALLS)
    rows = [Row(what, figures, goals.get(what, ())) for what, figures in times.items()]
    return Table("One answer, 280x280 canvas, one thread", "ms", rows)


def measure_explanations(launch: Callable[[], Any], address: str, rounds: int) -> Table:
    """Time one explanation of the same drawing, on one thread each."""
    from digitrec import explain

    times = measure_turns(launch, address, rounds, (NATIVE_WHY, explain), {BROWSER_WHY: "why"}, EXPLANATIONS)
    rows = [Row(what, figures) for what, figures in times.items()]
    return Table("One explanation, 280x280 canvas, one thread", "ms", rows)


def measure_turns(
    launch: Callable[[], Any],
    address: str,
    rounds: int,
    native: tuple[str, Callable[[Any], object]],
    turns: dict[str, str],
    calls: int,
) -> dict[str, list[float]]:
    """Time a function of Python's beside turns of the page, which PREPARE names. Returns milliseconds a call."""
    canvas = rgba_canvas()
    context = launch()
    page = context.new_page()
    page.goto(address)
    page.locator("html[data-recognizer=ready]").wait_for(state="attached")
    page.evaluate(PREPARE, [len(canvas), canvas.ravel().tolist()])
    what, function = native

    def in_python() -> float:
        started = time.perf_counter()
        for _ in range(calls):
            function(canvas)
        return 1000 * (time.perf_counter() - started) / calls

    def in_browser(name: str) -> Callable[[], float]:
        return lambda: float(page.evaluate(TURN, [name, calls]))

    timed = {what: in_python} | {shown: in_browser(name) for shown, name in turns.items()}
    for turn in timed.values():  # compiled by use
        turn()
    times = measure_in_rounds(timed, rounds)
    context.close()
    return times


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


MEASURES = (measure_answers, measure_explanations, measure_visits)


if __name__ == "__main__":
    sys.exit(main())
