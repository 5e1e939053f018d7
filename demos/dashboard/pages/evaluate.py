"""The page Evaluate: a model's figures on MNIST's test images, and the images behind each figure."""

import numpy as np
import streamlit as st

from demos.dashboard import charts, jobs
from demos.dashboard.images import show_gallery
from demos.dashboard.mnist import mnist_images
from demos.dashboard.models.choice import ModelChoice, choose_model, finished_runs
from demos.dashboard.models.confusion import show_confusion
from demos.dashboard.models.evaluation import EvaluationResult, load_evaluation
from demos.dashboard.models.explained import show_explanation, show_missed
from demos.dashboard.models.image import open_image_dialog, show_image
from demos.dashboard.models.network_look import show_network_look
from demos.dashboard.models.reader_evaluation import show_reader_evaluation
from demos.dashboard.models.two_models import show_two_models
from demos.wording import format_percent
from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples

ONE_DIGIT, NUMBERS = "One digit", "Numbers and photographs"


def page() -> None:
    """Show the page."""
    st.title("Evaluate")
    what = st.segmented_control(
        "What", [ONE_DIGIT, NUMBERS], default=ONE_DIGIT, required=True, key="what", label_visibility="collapsed"
    )
    if what == NUMBERS:
        show_reader_evaluation()
        return
    st.caption(
        "Evaluated on MNIST's 10,000 test images. Nothing is trained on them, and no epoch, setting or threshold is"
        " chosen by them. If you pick the best of many runs by these figures, you choose by them after all."
    )
    choices = [ModelChoice(), *(ModelChoice(run) for run in finished_runs())]
    left, right = st.columns(2)
    with left:
        subject = choose_model("Model", "model", choices)
    with right:
        other = choose_model("Beside it", "other", [one for one in choices if one != subject], none="no other model")
    if subject is None:
        return
    result = _ready_result(subject)
    images = None if result is None else mnist_images()
    if result is None or images is None or not _is_of(result, images[1]):
        return
    test = images[1]
    if other is not None:
        beside = _ready_result(other)
        if beside is not None and _is_of(beside, test):
            show_two_models((subject, other), (result, beside), test)
        return
    _figures(result)
    matrix, classes, calibration, mistakes, any_image, inside = st.tabs(
        ["Confusion matrix", "Per digit", "Calibration", "Most confident mistakes", "Any image", "Inside the network"],
        key="evaluate-tabs",  # what is open stays open where they are redrawn
    )
    with matrix:
        label, digit = show_confusion(result, test)
        if label != digit:
            show_missed(subject, test.images[result.cell(label, digit)], label, digit)
    with classes:
        _per_class(result)
    with calibration:
        _calibration(result)
    with mistakes:
        _mistakes(result, test)
    with any_image:
        _any_image(subject, result, test)
    with inside:
        show_network_look(subject, result, test)


def _ready_result(subject: ModelChoice) -> EvaluationResult | None:
    """A model's evaluation; None where there is none to show, with what to do on the page."""
    with st.container():  # a message that comes or goes in it leaves the tabs below in their place
        try:
            result = load_evaluation(subject)
        except DatasetError as error:
            st.error(str(error))
            result = None
        return result if _is_ready(subject, result) else None


def _is_of(result: EvaluationResult, test: Examples) -> bool:
    """Whether an evaluation is of these images; a message says so where it is not."""
    if np.array_equal(test.labels, result.predictions.labels):
        return True
    st.error("This evaluation used other test images than those on this machine. Evaluate the model again.")
    return False


def _is_ready(subject: ModelChoice, result: EvaluationResult | None) -> bool:
    """Offer to evaluate a model that has no current evaluation. Returns whether there is one to show."""
    name = f"evaluate {subject.evaluation_dir}"
    job = jobs.follow(name, f"Evaluating {subject.name}")
    if job is not None and job.running:
        return False
    if result is not None and result.is_current:
        return True
    if result is None:
        st.info(f"{subject.name[0].upper()}{subject.name[1:]} has not been evaluated yet. It takes under a minute.")
    else:
        st.warning("The model file has changed since this evaluation; the figures below are of the earlier model.")
    if st.button("Evaluate now", key=f"evaluate-{subject.name}", type="primary"):
        jobs.start(name, subject.evaluate_command())
        st.rerun()
    return result is not None


def _figures(result: EvaluationResult) -> None:
    evaluation = result.evaluation
    low, high = evaluation.interval
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            "Accuracy", f"{evaluation.accuracy:.2%}", help=f"95 % interval: {low:.2%} to {high:.2%}", width="content"
        )
        st.metric("Errors", f"{evaluation.errors:,} of {evaluation.count:,}", width="content")
        st.metric("Loss", f"{evaluation.loss:.4f}", help="Mean cross-entropy, in nats", width="content")
        st.metric(
            "Calibration error",
            f"{evaluation.ece:.4f}",
            help="Expected calibration error: the average difference between confidence and accuracy",
            width="content",
        )
        st.metric(
            "Doubted",
            f"{result.doubted:,}",
            help="Test images taken for non-digits, although all show a digit",
            width="content",
        )


def _per_class(result: EvaluationResult) -> None:
    st.plotly_chart(charts.plot_per_class(result.evaluation.per_class), key="per-class", config=charts.PLOTLY_CONFIG)
    st.caption(
        "Precision: of the images predicted as this digit, the share that show it. Recall: of the images that show this"
        " digit, the share predicted as it. The axis does not begin at zero."
    )
    with st.expander("As a table", key="per-class-table"):
        st.dataframe(
            [
                {
                    "digit": one.digit,
                    "precision": one.precision,
                    "recall": one.recall,
                    "F1": one.f1,
                    "images": one.support,
                }
                for one in result.evaluation.per_class
            ],
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(format="%.4f") for name in ("precision", "recall", "F1")
            },
        )


def _calibration(result: EvaluationResult) -> None:
    st.plotly_chart(
        charts.plot_reliability(result.evaluation.reliability), key="reliability", config=charts.PLOTLY_CONFIG
    )
    st.caption(
        "Where a bar ends on the dashed line, answers of that confidence are right that often. Most of the"
        f" {result.evaluation.count:,} answers have a confidence near 1, so the bars of low confidence stand for few"
        f" images. On average, confidence and accuracy differ by {result.evaluation.ece:.4f}."
    )


def _mistakes(result: EvaluationResult, test: Examples) -> None:
    mistakes = result.evaluation.mistakes
    if not mistakes:
        st.write("There are no mistakes.")
        return
    more = f" of {result.evaluation.errors:,}" if result.evaluation.errors > len(mistakes) else ""
    st.write(
        f"The {len(mistakes)} mistakes{more} with the highest confidence. Some labels are doubtful themselves."
        " Click the text under an image for details."
    )
    show_gallery(
        [test.images[one.index] for one in mistakes],
        [f"{one.label} as **{one.digit}**, {format_percent(one.confidence, 1)}" for one in mistakes],
        alts=[f"test image {one.index}, a {one.label} predicted as {one.digit}" for one in mistakes],
        key="mistake",
        on_select=lambda position: open_image_dialog(result, test, mistakes[position].index),
    )


def _any_image(subject: ModelChoice, result: EvaluationResult, test: Examples) -> None:
    index = st.number_input("Test image", 0, len(test) - 1, 0, key="any-image", width=180)
    show_image(result, test, int(index), key="any")
    show_explanation(subject, test.images[int(index)], key="why-any")
