"""`make browsers`: draw, answer, clear and upload on both pages, in Chromium, Firefox and WebKitGTK."""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.servers import serve_web_app
from demos.browser.__main__ import serve
from demos.browser.assemble import assemble
from tests.browsers.drivers import DRIVERS, Driver, MissingError
from tests.support.drawings import drawing, encoded

SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]
PATIENCE = 120.0
"""Seconds until what should come must have come: the first visit compiles fourteen megabytes."""

DIGIT = "document.querySelector('#digit').textContent"


def try_page(driver: Driver, address: str, photo: Path) -> None:
    """Go through what a visitor does.

    Raises:
        AssertionError: Something is not as it should be.
    """
    driver.open(address)
    box = driver.evaluate(
        "(({ left, top, width }) => [left, top, width])(document.querySelector('#canvas').getBoundingClientRect())"
    )
    driver.draw([(box[0] + x * box[2], box[1] + y * box[2]) for x, y in SEVEN])
    wait_for(driver, DIGIT, "7")
    driver.evaluate("document.querySelector('#clear').click()")
    wait_for(driver, DIGIT, "?")
    driver.choose_file("#file", photo)
    wait_for(driver, DIGIT, "4")


def wait_for(driver: Driver, expression: str, expected: str) -> None:
    """Wait until an expression has a value."""
    deadline = time.monotonic() + PATIENCE
    while (value := driver.evaluate(expression)) != expected:
        assert time.monotonic() < deadline, f"{expression} is {value!r}, not {expected!r}"
        time.sleep(0.1)


def main() -> int:
    """Try both pages in the browsers that are named, or in all. Returns the exit status: 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.browsers", description=__doc__)
    parser.add_argument("browsers", nargs="*", choices=[*DRIVERS, []], help="which (default: all)")
    names = parser.parse_args().browsers or list(DRIVERS)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        assemble(place / "static")
        photo = place / "four.png"
        photo.write_bytes(encoded(255 - drawing(4)))
        with serve(place / "static", 0) as static, serve_web_app(place) as web:
            threading.Thread(target=static.serve_forever, daemon=True).start()
            pages = {"web app": web.url, "page without a server": f"http://127.0.0.1:{static.server_address[1]}/"}
            for name in names:
                for page, address in pages.items():
                    failed |= not report(name, page, address, photo)
            static.shutdown()
    return int(failed)


def report(name: str, page: str, address: str, photo: Path) -> bool:
    """Try one page in one browser and print how it went. Returns whether it went well."""
    started = time.monotonic()
    try:
        driver = DRIVERS[name]()
    except MissingError as error:
        print(f"{name}: not installed ({error})")
        return False
    try:
        try_page(driver, address, photo)
    except (AssertionError, RuntimeError) as error:
        print(f"{driver.name}, {page}: {error}")
        return False
    finally:
        driver.close()
    print(f"{driver.name}, {page}: draws, answers, clears and uploads ({time.monotonic() - started:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
