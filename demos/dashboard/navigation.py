"""Links between the pages, and the views of a page."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from demos.dashboard.widget_values import RESENT

_KEY = "pages"


def remember_pages(pages: Mapping[str, StreamlitPage]) -> None:
    """Keep the pages of the menu, so that `link_to` finds them.

    Args:
        pages: By the name of their module.
    """
    st.session_state[_KEY] = dict(pages)


def link_to(module: str, text: str, icon: str, query: Mapping[str, str]) -> None:
    """Show a link to a page; nothing where a page runs without its menu, as in tests.

    Args:
        module: Name of the page's module.
        text: Of the link.
        icon: As Streamlit takes it.
        query: Parameters in the page's address.
    """
    page = st.session_state.get(_KEY, {}).get(module)
    if page is not None:
        st.page_link(page, label=text, icon=icon, query_params=dict(query))


def choose_view(key: str, views: Sequence[str], default: str) -> str:
    """Choose a page's view: the one that a button has set, as `next-KEY` in the session's state, else the user's.

    Args:
        key: Of the widget.
        views: What may be chosen.
        default: What is shown first, and where nothing is chosen.
    """
    state, set_by_button = st.session_state, f"next-{key}"
    if set_by_button in state:
        state[key] = state.pop(set_by_button)  # Streamlit does not allow setting a widget that is already shown
    if state.get(key) is None:
        state[key] = default
    chosen = st.segmented_control("View", views, key=key, label_visibility="collapsed", persist_state=RESENT)
    return chosen or default
