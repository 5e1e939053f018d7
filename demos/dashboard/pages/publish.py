"""The page Publish: replace the shipped model by a run's, with the commands of the command line."""

from typing import Any

import pandas as pd
import streamlit as st

from demos.dashboard import jobs, paths
from demos.dashboard.models.choice import ModelChoice, choose_model, finished_runs
from demos.dashboard.models.versions import show_versions
from digitrec.artifacts import read_card
from digitrec.errors import DigitrecError
from digitrec.publication.card_diff import (
    Change,
    best_epoch,
    differing_settings,
    format_figure,
    intervals_overlap,
    list_changes,
)

PUBLISH = "publish"


def page() -> None:
    """Show the page."""
    st.title("Publish")
    st.caption(
        f"Replaces the shipped model in {paths.models_dir()} by a run's, as `python -m training.export` does."
        " Nothing is written unless ONNX Runtime computes what Keras computes."
    )
    show_versions(paths.models_dir())
    runs = [ModelChoice(run) for run in finished_runs()]
    if not runs:
        st.info(f"No run in {paths.runs_root()} is done. Train one first.")
        return
    subject = choose_model("Run", "publish-run", runs)
    if subject is None or not _published(subject):
        return
    if not _is_prepared(subject):
        return
    try:
        new = read_card(subject.models_dir)
    except DigitrecError as error:
        st.error(str(error))
        return
    old = _shipped_card()
    if old.get("training", {}).get("run") == subject.name:
        st.info("This run is the shipped model. Publishing it exports it again.")
    show_changes(old, new)
    _confirm(subject, old, new)


def _shipped_card() -> dict[str, Any]:
    try:
        return read_card(paths.models_dir())
    except DigitrecError as error:
        st.warning(f"{error}. There is no card to compare with.")
        return {}


def _is_prepared(subject: ModelChoice) -> bool:
    """Offer to export the run into its own directory and evaluate it. Returns whether that is done."""
    name = f"prepare {subject.models_dir}"
    job = jobs.follow(name, "Exporting the run into its own directory, and evaluating it on MNIST's test images")
    if job is not None and job.running:
        return False
    if subject.is_exported and _is_measured(subject):
        return True
    st.write(
        "To show what would change, the run is exported into its own directory and evaluated on MNIST's test images."
        " The shipped model is not changed."
    )
    if st.button("Show what would change", type="primary"):
        jobs.start(
            name,
            *([] if subject.is_exported else [subject.export_command(subject.models_dir)]),
            measure_command(subject.models_dir, subject.models_dir),
        )
        st.rerun()
    return False


def measure_command(models: Any, out: Any) -> list[str]:
    """Build the command that writes the figures of an exported model to its card.

    Args:
        models: The folder of the model.
        out: The folder of its evaluation.
    """
    return ["training.evaluate", "--models", str(models), "--out", str(out), "--write-card"]


def _is_measured(subject: ModelChoice) -> bool:
    try:
        return "mnist_test" in read_card(subject.models_dir).get("figures", {})
    except DigitrecError:
        return False


def show_changes(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Show every figure of both cards.

    Args:
        old: The shipped model's card; empty where there is none.
        new: The card of the run's export.
    """
    every = list_changes(old, new)
    measured = [one for one in every if one.new is not None]
    missing = [one for one in every if one.new is None]
    st.subheader("What changes")
    st.table(changes_table(measured), hide_index=True)
    if intervals_overlap(old, new):
        st.caption("The 95 % intervals of the two accuracies overlap: the difference may be chance.")
    if missing:
        commands = " and ".join(f"`{command}`" for command in sorted({one.command for one in missing if one.command}))
        st.warning(
            f"{len(missing)} figures on the shipped model's card have not been measured for this run, and will be"
            f" missing from its card until you run {commands or 'their commands'}."
        )
        with st.expander("Which", key="not-measured"):
            st.dataframe(changes_table(missing), hide_index=True)
    differing = differing_settings(old, new)
    if differing:
        with st.expander(f"{len(differing)} settings differ", key="differing-settings"):
            rows = [{"setting": name, "shipped": str(was), "this run": str(now)} for name, was, now in differing]
            st.dataframe(rows, hide_index=True, height="content")
    if "val_doubt_auroc" not in best_epoch(new):
        st.warning("This run was trained without negatives: it will hardly doubt non-digits.")


def changes_table(rows: list[Change]) -> pd.DataFrame:
    """Make a table of the changes, as text."""
    return pd.DataFrame(
        [
            {
                "figure": one.name,
                "shipped": format_figure(one.old, one.unit),
                "this run": format_figure(one.new, one.unit),
                "change": ", ".join(filter(None, (one.difference, one.verdict))),
            }
            for one in rows
        ]
    )


def _confirm(subject: ModelChoice, old: dict[str, Any], new: dict[str, Any]) -> None:
    st.subheader("Publish")
    worse = [one.name for one in list_changes(old, new) if one.verdict == "worse"]
    if worse:
        st.warning(f"Worse than the shipped model: {', '.join(worse)}.")
    # The run's name is part of the key: consent to one run is no consent to another.
    seen = st.checkbox(
        f"I have seen the changes; replace the model in {paths.models_dir()}", key=f"consent-{subject.name}"
    )
    if st.button("Publish", type="primary", disabled=not seen, icon=":material/publish:"):
        jobs.start(
            PUBLISH,
            subject.export_command(paths.models_dir()),
            measure_command(paths.models_dir(), paths.shipped_evaluation_dir()),
        )
        st.session_state["published"] = subject.name
        st.rerun()


def _published(subject: ModelChoice) -> bool:
    """Show the state or result of publishing. Returns whether to show the rest of the page."""
    job = jobs.jobs().get(PUBLISH)
    if job is not None and job.running:
        jobs.follow(PUBLISH, "Publishing: exporting and checking the model, then measuring its figures")
        return False
    if job is None or st.session_state.get("published") != subject.name:
        return True
    if job.status:
        jobs.show_failure(job, describe_failure(job.step, job.failure))
        return True
    st.success(f"Published. {paths.models_dir()} now holds the model of {subject.name}, and its card.")
    st.markdown(
        "Next: measure the other figures on the card with `python -m benchmarks.accuracy`, check"
        " `git diff models/card.json`, and put the new figures into `README.md` and `models/README.md`."
        " `git checkout models` undoes all of it."
    )
    return False


def describe_failure(step: int, reason: str) -> str:
    """Explain a failure in a sentence.

    Args:
        step: The command that failed: 0 the export, 1 the evaluation after it.
        reason: The command's message.
    """
    reason = reason.removeprefix("refused: ")
    if step:
        return f"Published, but its figures could not be measured: {reason}"
    return f"Not published; the earlier model still ships. {reason}"
