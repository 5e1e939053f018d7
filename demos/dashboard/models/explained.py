"""Why a model answers what it answers: maps of an image, and the network from the inside."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard.images import show_gallery
from demos.dashboard.mnist import mnist_images
from demos.dashboard.models.choice import ModelChoice
from demos.dashboard.models.loaded import get_recognizer
from demos.dashboard.paths import file_version
from demos.wording import format_percent
from digitrec import DigitrecError, Explainer, Explanation
from digitrec.artifacts import EXPLANATION_NAME
from digitrec.explanation.changes import change_towards
from digitrec.explanation.graph import ExplanationGraph, Floats
from digitrec.explanation.inside import activation_sheet, filter_sheet
from digitrec.explanation.neighbours import Neighbours
from digitrec.explanation.picture import colour

LEGEND = "Orange speaks for the digit, blue against it. Off the ink, a colour says what missing ink does."

SEARCHED = 5_000
"""Training images among which the nearest are searched, the first ones: placing them takes some ten seconds."""

NEAREST = 8

COMPARED = 6
"""Mistakes of a cell whose maps are shown at most."""


def get_explainer(subject: ModelChoice) -> Explainer | None:
    """Get what explains a model, loaded again only when its file has changed; None, and a sentence, without one."""
    path = subject.models_dir / EXPLANATION_NAME
    if not (subject.is_exported and path.is_file()):
        st.caption("To see maps of its answers, this model has to be exported, with what explains it.")
        return None
    try:
        return _load(str(subject.onnx_file), file_version(subject.onnx_file), file_version(path))
    except DigitrecError as error:
        st.error(str(error))
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(path: str, *versions: tuple[int, int]) -> Explainer:
    """Load an explainer; the versions are only keys of the cache."""
    return Explainer(get_recognizer(Path(path)))


def show_explanation(subject: ModelChoice, picture: NDArray[np.uint8], *, key: str) -> None:
    """Show what of a picture speaks for any digit, and the network from the inside while it looks at it.

    Args:
        subject: Whose network; it must be exported.
        picture: What `digitrec.predict` takes: a drawing, or an image as MNIST has them.
        key: Makes the keys of the widgets unique on the page.
    """
    explainer = get_explainer(subject)
    if explainer is None:
        return
    try:
        digit = st.segmented_control("Why this digit, or why not another?", range(10), key=f"{key}-why", help=LEGEND)
        explanation = explainer.explain(picture, digit)
    except DigitrecError as error:
        st.error(str(error))
        return
    _show_map(explanation)
    with st.expander("Inside the network", key=f"{key}-inside"):
        _show_inside(explainer.graph, explanation.frame)
        _show_nearest(explainer, explanation.frame, f"{key}-nearest")


def _show_map(explanation: Explanation) -> None:
    with st.container(horizontal=True, gap="small"):
        alt = f"The image, coloured by what speaks for {explanation.digit} and against it"
        st.image(_enlarged_map(explanation.frame, explanation.frame_map), width=224, alt=alt, output_format="PNG")
        with st.container(width="stretch"):
            st.write(f"**Why {explanation.digit}?** The model gives it {format_percent(explanation.probability, 1)}.")
            if explanation.sentence:
                st.write(explanation.sentence)
            st.caption(LEGEND)


def _enlarged_map(frame: Floats, frame_map: Floats, scale: int = 8) -> NDArray[np.uint8]:
    paper = np.rint(255 * (1 - frame)).astype(np.uint8)
    return np.asarray(colour(frame_map, paper)).repeat(scale, 0).repeat(scale, 1)


def _show_inside(graph: ExplanationGraph, frame: Floats) -> None:
    """The path from the frame to the logits: what each layer sees."""
    st.caption("The frame goes in, 28 by 28 pixels. First filters: orange weights add to the sum, blue take from it.")
    st.image(filter_sheet(graph.filters(), zoom=6), alt="Filters of the first convolution", output_format="PNG")
    for number, activation in enumerate(graph.activate(frame), 1):
        rows, columns, filters = activation.shape
        st.caption(f"What leaves convolution {number}: {filters} filters at {rows} by {columns} places")
        zoom = max(1, 28 // rows)
        words = f"Activations of convolution {number}"
        st.image(activation_sheet(activation, zoom=zoom), alt=words, output_format="PNG")
    logits = graph.run(*_asked(frame), outputs=("logits",))["logits"][0]
    st.caption("The logits: softmax makes probabilities of the first ten; the last is that of non-digits.")
    st.dataframe(
        [{**{str(digit): float(value) for digit, value in enumerate(logits[:10])}, "non-digit": float(logits[10])}],
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.1f") for name in (*map(str, range(10)), "non-digit")
        },
    )


def _asked(frame: Floats) -> tuple[Floats, Floats, NDArray[np.int32]]:
    return np.zeros((1, 1, 1), np.float32), frame[np.newaxis], np.zeros(1, np.int32)


def _show_nearest(explainer: Explainer, frame: Floats, key: str) -> None:
    if not st.toggle("Show the nearest training images", key=key):
        return
    images = mnist_images()
    if images is None:
        return
    searched = images[0].take(slice(0, SEARCHED))
    st.caption(
        f"The most similar of MNIST's first {len(searched):,} training images, in the features before the logits; below"
        " each, its label and how similar it is, up to 1."
    )
    neighbours = _place(explainer.recognizer.sha256, len(searched), explainer.graph, searched.images)
    places, cosines = neighbours.nearest(explainer.graph, frame, NEAREST)
    show_gallery(
        [searched.images[place] for place in places],
        [f"**{searched.labels[place]}**, {cosine:.2f}" for place, cosine in zip(places, cosines, strict=True)],
        alts=[f"training image {place}, a {searched.labels[place]}" for place in places],
    )


@st.cache_resource(max_entries=2, show_spinner="Placing training images…")
def _place(digest: str, count: int, _graph: ExplanationGraph, _images: NDArray[np.uint8]) -> Neighbours:
    """Place images in a model's features; the digest and the count are only keys of the cache."""
    return Neighbours.of(_graph, _images)


def show_missed(subject: ModelChoice, images: NDArray[np.uint8], label: int, digit: int) -> None:
    """Show of mistakes what would have had to be different.

    Args:
        subject: Whose mistakes.
        images: Shape (n, 28, 28), uint8: images of `label` that were predicted as `digit`.
        label: The right digit.
        digit: The prediction.
    """
    explainer = get_explainer(subject)
    if explainer is None or not len(images):
        return
    st.caption(f"What would have had to be different for a {label}: blue ink away, ink in the blue gaps. {LEGEND}")
    with st.container(horizontal=True, gap="xsmall"):
        for image in images[:COMPARED]:
            _show_missed(explainer, image, label, digit)


def _show_missed(explainer: Explainer, image: Any, label: int, digit: int) -> None:
    try:
        explanation = explainer.explain(image, label)
    except DigitrecError as error:
        st.caption(str(error))
        return
    change = change_towards(explainer.graph, explanation.frame, explanation.frame_map, label)
    with st.container(width=168, gap="xsmall"):
        alt = f"What speaks for {label} and against it, in an image predicted as {digit}"
        picture = _enlarged_map(explanation.frame, explanation.frame_map, 6)
        st.image(picture, width=168, alt=alt, output_format="PNG")
        before, after = format_percent(explanation.probability, 1), format_percent(change.probability, 1)
        became = f"{label}: {before}, changed {after}"
        st.caption(became if change.is_answer else f"{became}, not enough")
