"""Links between the pages."""

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

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
