"""The page Publish: a run's model in place of the shipped one, through the gate of the command line."""

from typing import Any

import pandas as pd
import streamlit as st

from demos.dashboard import jobs, paths
from demos.dashboard.models.card_diff import Change, best_epoch, changes, overlap, settings_that_differ, written
from demos.dashboard.models.choice import Subject, choose, finished_runs
from digitrec.artifacts import read_card
from digitrec.errors import DigitrecError

PUBLISH = "publish"


def page() -> None:
    """Show the page."""
    st.title("Publish")
    st.caption(
        f"Puts a run's model in place of the shipped one, in {paths.models_dir()}, as `python -m training.export`"
        " does: nothing is written unless ONNX Runtime gives what Keras gives."
    )
    runs = [Subject(run) for run in finished_runs()]
    if not runs:
        st.info(f"No run in {paths.runs_root()} is done. Train one first.")
        return
    subject = choose("Run", "publish-run", runs)
    if subject is None or not _published(subject):
        return
    if not _is_prepared(subject):
        return
    try:
        new = read_card(subject.models)
    except DigitrecError as error:
        st.error(str(error))
        return
    old = _shipped_card()
    if old.get("training", {}).get("run") == subject.name:
        st.info("This run is what ships already. Publishing it again would export it anew.")
    show_changes(old, new)
    _confirm(subject, old, new)


def _shipped_card() -> dict[str, Any]:
    try:
        return read_card(paths.models_dir())
    except DigitrecError as error:
        st.warning(f"{error}. So there is nothing to compare with.")
        return {}


def _is_prepared(subject: Subject) -> bool:
    """Export the run into its own directory and judge what was exported, so that its figures can be shown."""
    name = f"prepare {subject.models}"
    job = jobs.follow(name, "Exporting the run into its own directory, and judging it on MNIST's test images")
    if job is not None and job.running:
        return False
    if subject.is_exported and _is_measured(subject):
        return True
    st.write(
        "To show what would change, the run is exported into its own directory and judged on MNIST's test images."
        " The shipped model stays as it is."
    )
    if st.button("Show what would change", type="primary"):
        jobs.start(
            name,
            *([] if subject.is_exported else [subject.export_command(subject.models)]),
            measure_command(subject.models, subject.models),
        )
        st.rerun()
    return False


def measure_command(models: Any, out: Any) -> list[str]:
    """The command that puts the figures of an exported model on its card.

    Args:
        models: The folder of the model.
        out: The folder that its evaluation goes to.
    """
    return ["training.evaluate", "--models", str(models), "--out", str(out), "--write-card"]


def _is_measured(subject: Subject) -> bool:
    try:
        return "mnist_test" in read_card(subject.models).get("figures", {})
    except DigitrecError:
        return False


def show_changes(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Show every figure of both cards.

    Args:
        old: The shipped model's card; empty where there is none.
        new: The card of the run's export.
    """
    every = changes(old, new)
    measured = [one for one in every if one.new is not None]
    missing = [one for one in every if one.new is None]
    st.subheader("What changes")
    st.table(table_of(measured), hide_index=True)
    if overlap(old, new):
        st.caption("The 95 % intervals of the two accuracies overlap: the difference may be chance.")
    if missing:
        commands = " and ".join(f"`{command}`" for command in sorted({one.command for one in missing if one.command}))
        st.warning(
            f"{len(missing)} figures on the shipped model's card have not been measured of this run, and will not stand"
            f" on its card until {commands or 'their commands'} has been run."
        )
        with st.expander("Which"):
            st.dataframe(table_of(missing), hide_index=True)
    differing = settings_that_differ(old, new)
    if differing:
        with st.expander(f"{len(differing)} settings differ"):
            rows = [{"setting": name, "shipped": str(was), "this run": str(now)} for name, was, now in differing]
            st.dataframe(rows, hide_index=True, height="content")
    if "val_doubt_auroc" not in best_epoch(new):
        st.warning("This run was trained without negatives: it will hardly doubt what is no digit.")


def table_of(rows: list[Change]) -> pd.DataFrame:
    """Changes as a table of text."""
    return pd.DataFrame(
        [
            {
                "figure": one.name,
                "shipped": written(one.old, one.unit),
                "this run": written(one.new, one.unit),
                "change": ", ".join(filter(None, (one.difference, one.verdict))),
            }
            for one in rows
        ]
    )


def _confirm(subject: Subject, old: dict[str, Any], new: dict[str, Any]) -> None:
    st.subheader("Publish")
    worse = [one.name for one in changes(old, new) if one.verdict == "worse"]
    if worse:
        st.warning(f"Worse than what ships: {', '.join(worse)}.")
    # The run's name is part of the key: seeing the changes of one run is no consent to another's.
    seen = st.checkbox(
        f"I have seen the changes; replace the model in {paths.models_dir()}", key=f"consent-{subject.name}"
    )
    if st.button("Publish", type="primary", disabled=not seen, icon=":material/publish:"):
        shipped = Subject()
        jobs.start(
            PUBLISH,
            subject.export_command(paths.models_dir()),
            measure_command(paths.models_dir(), shipped.evaluation),
        )
        st.session_state["published"] = subject.name
        st.rerun()


def _published(subject: Subject) -> bool:
    """Say how publishing goes, or went. Returns whether the page goes on."""
    job = jobs.jobs().get(PUBLISH)
    if job is not None and job.running:
        jobs.follow(PUBLISH, "Publishing: exporting through the gate, then measuring")
        return False
    if job is None or st.session_state.get("published") != subject.name:
        return True
    if job.status:
        jobs.show_failure(job, refusal(job.step, job.failure))
        return True
    st.success(f"Published. {paths.models_dir()} now holds the model of {subject.name}, and its card.")
    st.markdown(
        "Next: measure the other figures on the card with `python -m benchmarks.accuracy`, look at"
        " `git diff models/card.json`, and put the new figures into `README.md` and `models/README.md`."
        " `git checkout models` takes it all back."
    )
    return False


def refusal(step: int, reason: str) -> str:
    """What a failure means, in a sentence.

    Args:
        step: Which command failed: 0 the export, 1 the measuring after it.
        reason: The command's own words.
    """
    reason = reason.removeprefix("refused: ")
    if step:
        return f"Published, but its figures could not be measured: {reason}"
    return f"Not published; the earlier model still ships. The reason: {reason}"
