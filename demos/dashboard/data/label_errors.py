"""Likely label errors of a CSV file: found by networks that never saw the row, decided on by the user.

Nothing is changed silently: each row is kept until it is dropped or relabelled by a click, and the decisions go into a
new file.
"""

from pathlib import Path

import streamlit as st

from demos.dashboard import jobs
from demos.dashboard.images import enlarge
from demos.dashboard.paths import file_version, scratch_dir
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.label_errors import DROP, LabelError, LabelErrors, read_label_errors, write_corrected

SHOWN = 60
"""Rows that are shown at most."""


def show_label_errors(path: Path, examples: Examples) -> None:
    """Offer to look for label errors in a file, show them, and write a corrected copy.

    Args:
        path: The file.
        examples: Its rows, digits.
    """
    st.subheader("Likely label errors")
    name = f"label errors {path} {file_version(path)}"
    found = scratch_dir() / f"label-errors-{sha256(name.encode())[:16]}.json"
    job = jobs.follow(name, "Training networks on parts of the rows, to look at the others")
    if job is not None and job.running:
        return
    if not found.exists():
        st.write("Five networks are trained, each without a fifth of the rows, and read the rows that they never saw.")
        if st.button("Look for label errors", icon=":material/rule:"):
            jobs.start(name, ["training.find_label_errors", str(path), str(found)])
            st.rerun()
        return
    try:
        errors = read_label_errors(found, examples)
    except DatasetError as error:
        st.error(str(error))
        return
    _show(path, examples, errors)


def _show(path: Path, examples: Examples, errors: LabelErrors) -> None:
    if not errors.errors:
        st.success("No row is read as another digit with certainty.")
        return
    st.caption(
        f"{len(errors.errors):,} rows are read as another digit than their label says; the surest first. A row stays as"
        " it is until you decide."
    )
    decisions: dict[int, int] = {}
    with st.container(horizontal=True, gap="medium"):
        for error in errors.errors[:SHOWN]:
            decision = _ask(examples, error)
            if decision is not None:
                decisions[error.row] = decision
    dropped = sum(decision == DROP for decision in decisions.values())
    st.write(f"{dropped} to drop, {len(decisions) - dropped} to relabel, {len(examples) - len(decisions):,} unchanged.")
    if st.button("Write a corrected copy", type="primary", disabled=not decisions, icon=":material/save:"):
        try:
            out = write_corrected(examples, decisions, path)
        except OSError as failure:
            st.error(f"{path.parent} cannot be written to: {failure.strerror or failure}")
            return
        st.success(f"Wrote {out}. {path.name} is as it was.")
        st.download_button("Download it", out.read_bytes(), out.name, "text/csv", icon=":material/download:")


def _ask(examples: Examples, error: LabelError) -> int | None:
    """Show a row and what may become of it; returns the decision, None to keep it."""
    keep, relabel, drop = "keep", f"make it {error.predicted}", "drop"
    with st.container(width=150, gap="xsmall"):
        st.image(
            enlarge(examples.images[error.row], 4),
            width=112,
            alt=f"Row {error.row + 1}, labelled {error.label}",
            output_format="PNG",
        )
        chosen = st.radio(
            f"Row {error.row + 1}: {error.label}, read as {error.predicted} ({error.confidence:.0%})",
            [keep, relabel, drop],
            key=f"label-error-{error.row}-{error.label}",
        )
    return {relabel: error.predicted, drop: DROP}.get(str(chosen))
