"""The form of a new search: its name, how many trials, and what it tries."""

import shlex

import streamlit as st

from demos.dashboard.paths import runs_root
from demos.dashboard.runs import searches
from digitrec.learning.runs.run import check_name
from digitrec.learning.search.space import parse_space

EXAMPLE = """# The same in all trials.
[settings]
epochs = 8
limit = 12000

# Tried: ranges, and lists of values.
[search]
learning_rate = { low = 0.0005, high = 0.01, log = true }
dropout = { low = 0.1, high = 0.5 }
width = [16, 24, 32]
"""


def show_form(url: str, names: list[str]) -> str | None:
    """Show the form. Returns the name of the search when its button has started it.

    Args:
        url: The address of the database of studies.
        names: The studies that there are.
    """
    left, right = st.columns([3, 1])
    name = left.text_input(
        "Name", "search", key="study-name", help="Its runs are called NAME-0, NAME-1 and so on"
    ).strip()
    trials = int(right.number_input("Trials", 1, 10_000, 20, key="study-trials"))
    text = st.text_area(
        "Space",
        EXAMPLE,
        height=320,
        key="study-space",
        help="TOML: any setting of a run in [settings]; in [search] lists of values, and ranges with low, high, and"
        " step or log = true",
    )
    problem = _find_problem(name, text, names)
    if problem:
        st.error(problem)
    started = st.button(
        "Start", key="start-search", type="primary", icon=":material/play_arrow:", disabled=bool(problem)
    )
    if not problem:
        st.caption("The same on the command line, with the space in a file:")
        words = ["python", "-m", "training.search", f"{name}.toml", "--trials", str(trials)]
        st.code(shlex.join(words), language="bash", wrap_lines=True)
    if not started:
        return None
    searches.start(name, trials, url, runs_root(), text)
    return name


def _find_problem(name: str, text: str, names: list[str]) -> str:
    try:
        check_name(name)
        parse_space(text)
    except ValueError as error:
        return f"{str(error).replace('run name', 'name')}."
    return f"There is a search {name} already; watch it, or choose another name." if name in names else ""
