"""The training dashboard: `streamlit run demos/streamlit_app.py`."""

import importlib
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from demos.dashboard.navigation import remember_pages
from demos.dashboard.runs.notices import show_notices

PAGES = (
    ("train", "Train", ":material/model_training:"),
    ("runs", "Runs", ":material/table_rows:"),
    ("search", "Search", ":material/manage_search:"),
    ("evaluate", "Evaluate", ":material/fact_check:"),
    ("data", "Data", ":material/grid_view:"),
    ("try_it", "Try it", ":material/draw:"),
    ("publish", "Publish", ":material/publish:"),
)
"""Module below `demos.dashboard.pages`, title and icon of each page, in the order of the menu."""

ICON = Path(__file__).parent / "dashboard" / "icon.png"

STYLE = """<style>
.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 3rem; }
[class*="st-key-answer-"] h1 { font-size: 5.5rem; line-height: 1; padding: 0; }
</style>"""
"""Less empty space above the title than Streamlit leaves on a phone, and larger digits as answers."""


def main() -> None:
    """Show the chosen page."""
    # The browser would fetch a symbol named instead of a file from another host.
    st.set_page_config(page_title="digitrec", page_icon=ICON, layout="wide")
    st.html(STYLE)
    pages = {
        module: st.Page(_page(module), title=title, icon=icon, url_path=module.replace("_", "-"))
        for module, title, icon in PAGES
    }
    remember_pages(pages)
    st.navigation(list(pages.values()), position="top").run()
    show_notices()


def _page(module: str) -> Callable[[], None]:
    """Make a page that imports its module only when it is opened."""

    def show() -> None:
        importlib.import_module(f"demos.dashboard.pages.{module}").page()

    show.__name__ = module
    return show


if __name__ == "__main__":
    main()
