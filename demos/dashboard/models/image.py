"""One test image: the image, what the model saw of it, and its probabilities."""

import streamlit as st

from demos.dashboard import charts
from demos.dashboard.images import tile
from demos.dashboard.models.evaluation import Judgement
from demos.wording import describe
from digitrec import Prediction
from digitrec.learning.data.examples import Examples


def show_image(found: Judgement, test: Examples, index: int, *, key: str) -> None:
    """Show what a model made of a test image.

    Args:
        found: The model's answers.
        test: The test images.
        index: Which one.
        key: Sets the charts of several images on a page apart.
    """
    kept = found.predictions
    label, digit = int(test.labels[index]), int(found.digits[index])
    answer = Prediction(
        digit,
        float(kept.probabilities[index, digit]),
        kept.probabilities[index],
        float(kept.doubt[index]),
        kept.model_input[index] / 255,
    )
    said = f"“{digit}, {describe(answer)}”" if answer.is_digit else f"“{describe(answer)}”"
    right = "It is right." if digit == label else "It is wrong."
    st.write(f"Image {index} is a **{label}**. The model says {said}. {right if answer.is_digit else ''}")
    pictures, bars = st.columns([1, 1], gap="medium")
    with pictures, st.container(horizontal=True, gap="small"):
        for words, image in (("The image", test.images[index]), ("What the model saw", kept.model_input[index])):
            with st.container(width=140, gap="xsmall"):
                st.image(tile(image, 5), width=140, alt=f"{words}: a {label}", output_format="PNG")
                st.caption(words)
    with bars:
        st.plotly_chart(
            charts.probabilities(answer.probabilities, doubted=not answer.is_digit, label=label),
            key=f"{key}-bars",
            config={**charts.CONFIG, "staticPlot": True},
            alt=f"Probabilities of the ten digits; the largest is that of {digit}",
        )


@st.dialog("Test image", width="medium")
def look(found: Judgement, test: Examples, index: int) -> None:
    """Show one image and what a model made of it, over the page.

    Args:
        found: The model's answers.
        test: The test images.
        index: Which one.
    """
    show_image(found, test, index, key="look")
