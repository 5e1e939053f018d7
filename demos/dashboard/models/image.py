"""One test image: the image, what the model saw of it, and its probabilities."""

from collections.abc import Sequence

import streamlit as st

from demos.dashboard import charts
from demos.dashboard.images import enlarge
from demos.dashboard.models.evaluation import EvaluationResult
from demos.wording import describe
from digitrec import Prediction
from digitrec.learning.data.examples import Examples


def show_image(result: EvaluationResult, test: Examples, index: int, *, key: str) -> None:
    """Show a model's prediction of a test image.

    Args:
        result: The model's predictions.
        test: The test images.
        index: Which one.
        key: Makes the keys of the charts unique on the page.
    """
    predictions = result.predictions
    label, digit = int(test.labels[index]), int(result.digits[index])
    answer = Prediction(
        digit,
        float(predictions.probabilities[index, digit]),
        predictions.probabilities[index],
        float(predictions.doubt[index]),
        predictions.model_input[index] / 255,
    )
    quoted = f"“{digit}, {describe(answer)}”" if answer.is_digit else f"“{describe(answer)}”"
    verdict = "That is right." if digit == label else "That is wrong."
    st.write(f"Image {index} is a **{label}**. The model says {quoted}. {verdict if answer.is_digit else ''}")
    pictures, bars = st.columns([1, 1], gap="medium")
    with pictures, st.container(horizontal=True, gap="small"):
        for words, image in (("The image", test.images[index]), ("What the model saw", predictions.model_input[index])):
            with st.container(width=140, gap="xsmall"):
                st.image(enlarge(image, 5), width=140, alt=f"{words}: a {label}", output_format="PNG")
                st.caption(words)
    with bars:
        st.plotly_chart(
            charts.plot_probabilities(answer.probabilities, doubted=not answer.is_digit, label=label),
            key=f"{key}-bars",
            config={**charts.PLOTLY_CONFIG, "staticPlot": True},
            alt=f"Probabilities of the ten digits; the largest is that of {digit}",
        )


@st.dialog("Test image", width="medium")
def open_image_dialog(result: EvaluationResult, test: Examples, index: int) -> None:
    """Show a test image and its prediction in a dialog.

    Args:
        result: The model's predictions.
        test: The test images.
        index: Which one.
    """
    show_image(result, test, index, key="look")


@st.dialog("Test image", width="large")
def open_images_dialog(names: Sequence[str], results: Sequence[EvaluationResult], test: Examples, index: int) -> None:
    """Show a test image and several models' predictions of it in a dialog.

    Args:
        names: The models'.
        results: Their predictions.
        test: The test images.
        index: Which one.
    """
    for number, (name, result) in enumerate(zip(names, results, strict=True)):
        st.subheader(f"{name[0].upper()}{name[1:]}", anchor=False)
        show_image(result, test, index, key=f"look-{number}")
