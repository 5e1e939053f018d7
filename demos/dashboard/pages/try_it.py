"""The page Try it: draw a digit and compare the models' answers, or have numbers read."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard import charts, jobs
from demos.dashboard.images import enlarge
from demos.dashboard.models.choice import ModelChoice, choose_model, finished_runs
from demos.dashboard.models.correcting import show_correcting
from demos.dashboard.models.explained import show_explanation
from demos.dashboard.models.loaded import predict_with
from demos.dashboard.models.reading import show_reading
from demos.wording import describe
from digitrec import BlankImageError, DigitrecError, Prediction

SIDE = 280
"""Width and height of the canvas, in pixels: it fits on a phone, with room beside it to scroll the page by."""

LINE = (330, 160)
"""Width and height of the canvas for numbers, as wide as a phone."""

PICTURE_TYPES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]

ONE_DIGIT, NUMBERS, PICTURE = "One digit", "Numbers", "A picture"


def page() -> None:
    """Show the page."""
    st.title("Try it")
    what = st.segmented_control(
        "What", [ONE_DIGIT, NUMBERS, PICTURE], default=ONE_DIGIT, required=True, key="try", label_visibility="collapsed"
    )
    if what == NUMBERS:
        _read_writing()
    elif what == PICTURE:
        _read_picture()
    else:
        _answer_digit()


def _answer_digit() -> None:
    runs = [ModelChoice(run) for run in finished_runs()]
    other = choose_model("Beside the shipped model", "beside", runs, none="no other model") if runs else None
    subjects = [ModelChoice()] if other is None else [ModelChoice(), other]
    with st.container(horizontal=True, gap="large"):
        # As wide as the canvas: a column that follows the window would cut it off.
        with st.container(width=SIDE + 2):
            drawing = _show_pad()
        with st.container(width="stretch"):
            for column, subject in zip(st.columns(2, gap="medium"), subjects, strict=False):
                with column:
                    _answer(subject, drawing)


def _read_writing() -> None:
    with st.container(horizontal=True, gap="large"):
        with st.container(width=LINE[0] + 2):
            writing = _show_pad("line", LINE, thickness=8)
        with st.container(width="stretch"):
            if writing is None:
                st.write("Write numbers, and what is read appears here.")
            else:
                show_reading(writing)


def _read_picture() -> None:
    upload = st.file_uploader("A picture with any number of digits", type=PICTURE_TYPES)
    if upload is not None:
        show_reading(upload.getvalue())


def _show_pad(
    key: str = "canvas", size: tuple[int, int] = (SIDE, SIDE), thickness: int = 18
) -> NDArray[np.uint8] | None:
    """Show a canvas and its brush. Returns shape (height, width, 4), uint8; None while it is blank.

    Args:
        key: Of the canvas.
        size: Its width and height, in pixels.
        thickness: Of the brush, at first.
    """
    thickness = st.slider("Brush", 3, 42, thickness, key=f"brush-{key}")
    st.space("small")  # the canvas' own tools open above it
    # No button of ours clears it: that would be another canvas, and strokes drawn until it is there would be lost.
    result = canvas(thickness, key, size)
    st.caption("The tools above the sheet undo a stroke and clear the sheet; they show when you point at it or tap it.")
    return read_drawing(result)


def canvas(thickness: int, key: str, size: tuple[int, int] = (SIDE, SIDE)) -> Any:
    """A sheet of white paper to draw on.

    Args:
        thickness: Diameter of the brush, in pixels.
        key: Of the widget.
        size: Width and height, in pixels.

    Returns:
        What `st_canvas` gives.
    """
    # Here, because importing it registers a component with the running server, and fails where there is none.
    from streamlit_drawable_canvas import st_canvas

    return st_canvas(
        stroke_width=thickness,
        stroke_color="#000000",
        background_color="#ffffff",  # in both themes: black ink on nothing would vanish in the dark
        width=size[0],
        height=size[1],
        return_image_data=True,
        key=key,
    )


def read_drawing(result: Any) -> NDArray[np.uint8] | None:
    """The pixels of a canvas as they are, RGBA; None where nothing is drawn yet.

    Args:
        result: What `st_canvas` returned.
    """
    if result.image_data is None or not (result.json_data or {}).get("objects"):
        return None
    drawing: NDArray[np.uint8] = result.image_data
    return drawing


def _answer(subject: ModelChoice, drawing: NDArray[np.uint8] | None) -> None:
    st.markdown(f"**{subject.name[0].upper()}{subject.name[1:]}**")
    if not subject.is_exported and not _offer_export(subject):
        return
    if drawing is None:
        st.write("Draw a digit, and the answer appears here.")
        return
    try:
        prediction = predict_with(subject, drawing)
        show_answer(prediction, key=subject.name)
        if subject.run is None:
            show_correcting(prediction)
        show_explanation(subject, drawing, key=f"why-{subject.name}")
    except BlankImageError:
        st.write("There is no ink yet. Draw a digit first.")
    except DigitrecError as error:
        st.error(str(error))


def _offer_export(subject: ModelChoice) -> bool:
    """Offer to export a run's model. Returns whether that is done."""
    name = f"export {subject.models_dir}"
    job = jobs.follow(name, "Preparing the model")
    if job is not None and job.running:
        return False
    st.write("To try this run, its network is exported once, into its directory. That publishes nothing.")
    if st.button("Prepare its model", key=f"prepare-{subject.name}"):
        jobs.start(name, subject.export_command(subject.models_dir))
        st.rerun()
    return False


def show_answer(prediction: Prediction, *, key: str) -> None:
    """Show an answer: the digit, the confidence, the bars, and what the model saw.

    Args:
        prediction: The answer.
        key: Makes the keys of the charts unique on the page.
    """
    sign = str(prediction.digit) if prediction.is_digit else "?"
    # Large, by a rule of `demos.streamlit_app` for this key.
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, key=f"answer-{key}"):
        st.title(sign, anchor=False)
        pixels = np.round(prediction.model_input * 255).astype(np.uint8)
        with st.container(width=140, gap="xsmall"):
            st.image(enlarge(pixels), width=112, alt="The 28 by 28 pixels the model saw", output_format="PNG")
            st.caption("What the model saw")
    st.write(describe(prediction))
    st.plotly_chart(
        charts.plot_probabilities(prediction.probabilities, doubted=not prediction.is_digit),
        key=f"bars-{key}",
        config={**charts.PLOTLY_CONFIG, "staticPlot": True},
        alt=f"Probabilities of the ten digits; the largest is that of {prediction.digit}",
    )
