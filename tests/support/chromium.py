"""The browser that tests and screenshots look through."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HEADLESS = ("chromium-headless-shell", "chrome-headless-shell")
"""The same engine without the windows that Chromium opens, unseen, for each page: a third of the CPU time."""

BROWSERS = (*HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL = (
    "install chromium-headless-shell, Chromium or Chrome, or name one in DIGITREC_CHROMIUM; and: pip install playwright"
)

FLAGS = ("--js-flags=--wasm-tiering-budget=1000000000",)
"""Only WebAssembly that runs for seconds is compiled a second time, optimized: half the CPU time of a short visit."""

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
"""How Playwright plays a telephone."""


class NoBrowserError(RuntimeError):
    """There is no browser to look through; the message says what is missing and what to do."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A Chromium, as Playwright's browser, until the block ends.

    Raises:
        NoBrowserError: Playwright or the browser is missing.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowserError(f"playwright is not installed; {INSTALL}") from None
    named = os.environ.get("DIGITREC_CHROMIUM")
    path = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None or not Path(path).exists():
        raise NoBrowserError((f"no browser at {named}; " if named else "no Chromium was found; ") + INSTALL)
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's sandbox refuses to run as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *(["--no-sandbox"] if root else [])])
        yield browser
        browser.close()
