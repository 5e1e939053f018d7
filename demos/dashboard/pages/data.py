"""The page Data: the images that a network learns from."""

from functools import lru_cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard import charts
from demos.dashboard.data.augmentation import show_augmentation
from demos.dashboard.data.csv_inspection import choose_csv, show_inspection
from demos.dashboard.data.label_errors import show_label_errors
from demos.dashboard.images import enlarge, lay_out
from demos.dashboard.mnist import mnist_images
from digitrec.learning.data.examples import Examples
from digitrec.training_rows import NOT_A_DIGIT

TRAINING, TEST, CSV = "MNIST, training images", "MNIST, test images", "A CSV file"
COLUMNS = 14


def page() -> None:
    """Show the page."""
    st.title("Data")
    samples, augmentation = st.tabs(["Images", "Augmentation"], key="data-tabs")
    with samples:
        _images()
    with augmentation:
        show_augmentation()


def _images() -> None:
    source = st.segmented_control("Source", [TRAINING, TEST, CSV], default=TRAINING, required=True)
    images = mnist_images()
    if images is None:
        return
    train, test = images
    if source == CSV:
        chosen = choose_csv(images)
        if chosen is None:
            return
        path, inspection = chosen
        show_inspection(inspection, images)
        examples = inspection.examples
        if not (examples.labels == NOT_A_DIGIT).any():
            show_label_errors(path, examples)
    else:
        examples = train if source == TRAINING else test
        if source == TEST:
            st.caption("Only finished models are evaluated on them; no run trains on them or chooses by them.")
    show_samples(examples)
    show_balance(examples)


def label_name(label: int) -> str:
    """Name a label as the page does."""
    return "non-digit" if label == NOT_A_DIGIT else str(label)


def show_samples(examples: Examples) -> None:
    """Show some images of each label, or many of one.

    Args:
        examples: The images.
    """
    st.subheader("Samples by class")
    labels = [int(label) for label in np.unique(examples.labels)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.pills("Class", ["all", *map(label_name, labels)], default="all", required=True, wrap=True)
        if st.button("Show others", icon=":material/shuffle:"):
            st.session_state["shuffle"] = st.session_state.get("shuffle", 0) + 1
    rng = np.random.default_rng(st.session_state.get("shuffle", 0))
    for label in labels:
        if chosen not in ("all", label_name(label)):
            continue
        rows = np.flatnonzero(examples.labels == label)
        count = COLUMNS if chosen == "all" else 6 * COLUMNS
        picked = rng.permutation(rows)[:count]
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            if chosen == "all":
                st.markdown(f"**{label_name(label)}**", width="content")
            st.image(
                lay_out(examples.images[picked], COLUMNS, scale=2),
                caption=None if chosen == "all" else f"{len(picked)} of {len(rows):,}",
                alt=f"{len(picked)} images with the label {label_name(label)}",
                width="stretch",
                output_format="PNG",
            )


def show_balance(examples: Examples) -> None:
    """Show the number of images of each label, and their mean.

    Args:
        examples: At least one.
    """
    labels, counts = np.unique(examples.labels, return_counts=True)
    names = [label_name(int(label)) for label in labels]
    st.subheader("Class balance")
    st.plotly_chart(
        charts.plot_balance(dict(zip(names, counts.tolist(), strict=True))), key="balance", config=charts.PLOTLY_CONFIG
    )
    st.subheader("Mean image")
    with st.container(horizontal=True, gap="small"):
        for mean, name in zip(_mean_images(examples), names, strict=True):
            with st.container(width=84, gap="xsmall"):
                st.image(
                    enlarge(mean, 3),
                    width=84,
                    caption=name,
                    alt=f"Mean of the images with the label {name}",
                    output_format="PNG",
                )


@lru_cache(maxsize=3)
def _mean_images(examples: Examples) -> list[NDArray[np.uint8]]:
    """Compute the mean image of each label, the lowest first; examples are compared by identity."""
    images, labels = examples.images, examples.labels
    return [images[labels == label].mean(0).round().astype(np.uint8) for label in np.unique(labels)]
