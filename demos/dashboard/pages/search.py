"""The page Search: start, watch and stop a search over settings."""

import streamlit as st

from demos.dashboard.navigation import choose_view
from demos.dashboard.paths import runs_root
from demos.dashboard.widget_values import RESENT
from digitrec.learning.search.space import SearchError

WATCH, NEW = "Watch", "New search"


def page() -> None:
    """Show the page. The watched search is in the address, so that a reload shows it again."""
    st.title("Search")
    try:
        import optuna  # noqa: F401 - what the page shows needs it, and an installation may lack it
    except ModuleNotFoundError:
        st.info('A search needs the package optuna. Get it with: `python -m pip install "digitrec[search]"`')
        return
    try:
        _show()
    except SearchError as error:
        st.error(str(error))


def _show() -> None:
    from demos.dashboard.runs import searches
    from demos.dashboard.runs.search_form import show_form
    from demos.dashboard.runs.search_panel import show_search
    from digitrec.learning.search.study import list_studies, storage_url

    url = storage_url(runs_root())
    storage = searches.storage(url, runs_root())
    names, state = list_studies(storage), st.session_state
    asked = state.get("next-study", st.query_params.get("study"))
    if asked and asked not in names and searches.is_starting(asked):
        st.fragment(_wait_for, run_every=1.0)(storage, asked)
        return
    if not names:
        st.caption("There is no search yet. It is a process of its own, so you may close this page meanwhile.")
    if asked and asked not in names:
        reason = searches.failure(asked, runs_root())
        st.error(f"The search {asked} did not start: {reason}") if reason else st.warning(
            f"There is no search {asked}."
        )
    if names and choose_view("search-view", (WATCH, NEW), WATCH) == WATCH:
        show_search(storage, url, _choose(names, asked))
    elif started := show_form(url, names):
        state["next-search-view"], state["next-study"] = WATCH, started
        st.query_params.pop("study", None)
        st.rerun()


def _choose(names: list[str], asked: str | None) -> str:
    """Choose the search: the one that was started or is in the address, else the newest."""
    state = st.session_state
    started = state.pop("next-study", None)
    if started or state.get("watched-study") not in names or "study" not in st.query_params:
        state["watched-study"] = asked if asked in names else names[0]
    name: str = st.selectbox("Search", names, key="watched-study", label_visibility="collapsed", persist_state=RESENT)
    st.query_params["study"] = name
    return name


def _wait_for(storage: object, name: str) -> None:
    """Wait until the process that was started has begun its study."""
    from demos.dashboard.runs import searches
    from digitrec.learning.search.study import list_studies

    if name in list_studies(storage) or not searches.is_starting(name):
        st.rerun()
    st.info(f"The search {name} is starting.", icon=":material/hourglass_top:")
