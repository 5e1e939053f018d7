"""The page Evaluate: how a model fares on MNIST's test images, and the images behind each figure."""

import numpy as np
import streamlit as st

from demos.dashboard import charts, jobs
from demos.dashboard.data.mnist import mnist_images
from demos.dashboard.images import gallery
from demos.dashboard.models.choice import Subject, choose, finished_runs
from demos.dashboard.models.confusion import show_confusion
from demos.dashboard.models.evaluation import Judgement, judgement
from demos.dashboard.models.image import look, show_image
from demos.wording import format_percent
from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples


def page() -> None:
    """Show the page."""
    st.title("Evaluate")
    st.caption(
        "Judged on MNIST's 10,000 test images. Nothing is trained on them and they chose nothing: no epoch, no setting,"
        " no line of doubt. Whoever picks the best of many runs by the figures below lets them choose after all."
    )
    subject = choose("Model", "model", [Subject(), *(Subject(run) for run in finished_runs())])
    if subject is None:
        return
    try:
        found = judgement(subject)
    except DatasetError as error:
        st.error(str(error))
        found = None
    if not _is_ready(subject, found):
        return
    assert found is not None
    images = mnist_images()
    if images is None:
        return
    test = images[1]
    if not np.array_equal(test.labels, found.predictions.labels):
        st.error("This evaluation is of other images than the test images on this machine. Evaluate it again.")
        return
    _figures(found)
    matrix, classes, calibration, mistakes, any_image = st.tabs(
        ["Confusion matrix", "Digit by digit", "Calibration", "Surest mistakes", "Any image"]
    )
    with matrix:
        show_confusion(found, test)
    with classes:
        _per_class(found)
    with calibration:
        _calibration(found)
    with mistakes:
        _mistakes(found, test)
    with any_image:
        _any_image(found, test)


def _is_ready(subject: Subject, found: Judgement | None) -> bool:
    """Offer to evaluate what has not been, or what has changed since. Returns whether there is something to show."""
    name = f"evaluate {subject.evaluation}"
    job = jobs.follow(name, f"Evaluating {subject.name}")
    if job is not None and job.running:
        return False
    if found is not None and found.is_current:
        return True
    if found is None:
        st.info(f"{subject.name[0].upper()}{subject.name[1:]} has not been evaluated yet; that takes under a minute.")
    else:
        st.warning("The model file has changed since it was evaluated; the figures below are of the earlier one.")
    if st.button("Evaluate now", type="primary"):
        jobs.start(name, subject.evaluate_command())
        st.rerun()
    return found is not None


def _figures(found: Judgement) -> None:
    judged = found.evaluation
    low, high = judged.interval
    with st.container(horizontal=True, gap="medium"):
        st.metric("Right", f"{judged.accuracy:.2%}", help=f"95 % interval: {low:.2%} to {high:.2%}", width="content")
        st.metric("Wrong", f"{judged.errors:,} of {judged.count:,}", width="content")
        st.metric("Loss", f"{judged.loss:.4f}", help="Mean cross-entropy, in nats", width="content")
        st.metric(
            "Calibration error",
            f"{judged.ece:.4f}",
            help="Expected calibration error: how far confidence and accuracy are apart on average",
            width="content",
        )
        st.metric(
            "Doubted",
            f"{found.doubted:,}",
            help="Test images taken for no digit, though all are digits",
            width="content",
        )


def _per_class(found: Judgement) -> None:
    st.plotly_chart(charts.per_class(found.evaluation.per_class), key="per-class", config=charts.CONFIG)
    st.caption(
        "Precision: of the images taken for this digit, the share that are. Recall: of the images of this digit, the"
        " share recognized. The axis does not begin at zero."
    )
    with st.expander("As a table"):
        st.dataframe(
            [
                {
                    "digit": one.digit,
                    "precision": one.precision,
                    "recall": one.recall,
                    "F1": one.f1,
                    "images": one.support,
                }
                for one in found.evaluation.per_class
            ],
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(format="%.4f") for name in ("precision", "recall", "F1")
            },
        )


def _calibration(found: Judgement) -> None:
    st.plotly_chart(charts.reliability(found.evaluation.reliability), key="reliability", config=charts.CONFIG)
    st.caption(
        f"Where a bar ends on the dashed line, answers of that confidence are right as often as they say. Of the"
        f" {found.evaluation.count:,} answers most are near certain, so the bars of low confidence stand for few"
        f" images. On average the two are {found.evaluation.ece:.4f} apart."
    )


def _mistakes(found: Judgement, test: Examples) -> None:
    mistakes = found.evaluation.mistakes
    if not mistakes:
        st.write("No mistake at all.")
        return
    more = f" of {found.evaluation.errors:,}" if found.evaluation.errors > len(mistakes) else ""
    st.write(
        f"The {len(mistakes)} mistakes{more} it was surest of. Some of the labels can be doubted, too."
        " Click the words under an image to look into it."
    )
    gallery(
        [test.images[one.index] for one in mistakes],
        [f"{one.label} as **{one.digit}**, {format_percent(one.confidence, 1)}" for one in mistakes],
        alts=[f"test image {one.index}, a {one.label} taken for {one.digit}" for one in mistakes],
        key="mistake",
        on_look=lambda position: look(found, test, mistakes[position].index),
    )


def _any_image(found: Judgement, test: Examples) -> None:
    index = st.number_input("Test image", 0, len(test) - 1, 0, key="any-image", width=180)
    show_image(found, test, int(index), key="any")
