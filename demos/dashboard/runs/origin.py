"""Where runs come from: the packages and the code in which they differ."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from demos.dashboard.runs.records import Record
from demos.dashboard.runs.table import key_by_title
from digitrec.learning.runs.provenance import PROVENANCE

ROOT = Path(__file__).parents[3]
"""The checkout, where there is one."""

CODE = ("digitrec", "training", "pyproject.toml", "constraints.txt")
"""What decides how a run trains."""

COMMIT = re.compile(r"([0-9a-f]{40})(-dirty)?")

MAX_LETTERS = 100_000
"""Of a difference that is shown."""


def show_origins(chosen: list[Record]) -> None:
    """Show the packages in which runs differ, and the difference of the code of two runs."""
    st.subheader("What differs in packages and code")
    origins = {called: record.run.read_json(PROVENANCE) for called, record in key_by_title(chosen).items()}
    table = packages_table(origins)
    if not all(_versions(one) for one in origins.values()):
        st.caption("At least one of the runs has no record of its packages.")
    elif table.empty:
        st.caption("The versions of their packages are the same.")
    if not table.empty:
        st.dataframe(table, height="content", key="packages")
    if len(origins) != 2:
        st.caption("Choose two runs to see the difference of their code.")
        return
    first, second = origins.values()
    sentence, difference = compare_code(str(first.get("commit", "")), str(second.get("commit", "")))
    st.caption(sentence)
    if difference:
        with st.expander("Difference of the code", key="code-difference"):
            st.code(difference[:MAX_LETTERS], language="diff")
            if len(difference) > MAX_LETTERS:
                st.caption(f"The first {MAX_LETTERS:,} of {len(difference):,} characters.")


def packages_table(origins: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The versions that are not the same in all runs: a row a package, a column a run; Python and backend too.

    Args:
        origins: The content of each run's `provenance.json`, by its name.
    """
    versions = {called: _versions(origin) for called, origin in origins.items()}
    names = dict.fromkeys(name for found in versions.values() for name in found)
    differing = [name for name in names if len({found.get(name) for found in versions.values()}) > 1]
    columns = {called: [found.get(name, "-") for name in differing] for called, found in versions.items()}
    return pd.DataFrame(columns, index=pd.Index(differing, name="package"))


def compare_code(first: str, second: str) -> tuple[str, str]:
    """Compare the code of two commits.

    Args:
        first: As in `provenance.json`; it ends with `-dirty` where the checkout had been changed.
        second: The other one.

    Returns:
        A sentence, and the difference as `git diff` writes it; empty where there is none, or none can be shown.
    """
    found = [COMMIT.fullmatch(commit) for commit in (first, second)]
    if not all(found):
        return "At least one of the runs has no record of its commit.", ""
    before, after = (match[1] for match in found if match)
    dirty = any(match[2] for match in found if match)
    note = " The checkout had further changes, which are not recorded." if dirty else ""
    if before == after:
        return f"They were trained by the same commit, {before[:10]}.{note}", ""
    difference = _diff(before, after)
    if difference is None:
        return f"They were trained by {before[:10]} and {after[:10]}, which are not both in this checkout.{note}", ""
    if not difference:
        return f"The code that trains is the same in {before[:10]} and {after[:10]}.{note}", ""
    return f"From {before[:10]} to {after[:10]}: {_count_lines(difference)}.{note}", difference


def _versions(origin: dict[str, Any]) -> dict[str, str]:
    packages = origin.get("packages")
    found = {str(name): str(version) for name, version in packages.items()} if isinstance(packages, dict) else {}
    return {**{name: str(origin[name]) for name in ("python", "backend") if name in origin}, **found}


@st.cache_data(max_entries=20, show_spinner="Comparing the code…")
def _diff(before: str, after: str) -> str | None:
    """What `git diff` says of the code that trains; None where it cannot."""
    command: Sequence[str] = ["git", "diff", "--no-color", "--no-ext-diff", before, after, "--", *CODE]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")


def _count_lines(difference: str) -> str:
    lines = difference.splitlines()
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    files = sum(line.startswith("diff --git") for line in lines)
    return f"{files} files, {added:,} lines added, {removed:,} removed"
