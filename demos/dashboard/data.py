"""The page Data: what a network learns from."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard import charts
from demos.dashboard.distortion import show_distortion
from demos.dashboard.mnist import mnist
from demos.dashboard.scratch import scratch
from demos.dashboard.tiles import gallery, sheet, tile
from digitrec.errors import DatasetError
from digitrec.learning.examples import NOT_A_DIGIT, Examples
from digitrec.learning.leaks import Dropped, Inspection, inspect_csv

TRAINING, TEST, CSV = "MNIST, training images", "MNIST, test images", "A CSV file"
A_ROW = 14
TWINS_SHOWN = 16


def page() -> None:
    """Show the page."""
    st.title("Data")
    samples, distortion = st.tabs(["Images", "Distortion"])
    with samples:
        _images()
    with distortion:
        show_distortion()


def _images() -> None:
    source = st.segmented_control("Source", [TRAINING, TEST, CSV], default=TRAINING, required=True)
    images = mnist()
    if images is None:
        return
    train, test = images
    if source == CSV:
        found = _inspected(images)
        if found is None:
            return
        show_inspection(found, images)
        examples = found.examples
    else:
        examples = train if source == TRAINING else test
        if source == TEST:
            st.caption("They are for judging a model that is finished; no run trains on them or chooses by them.")
    show_samples(examples)
    show_balance(examples)


def _inspected(images: tuple[Examples, Examples]) -> Inspection | None:
    """Let the visitor name a CSV file, and look into it; None where there is none, or one that cannot be read."""
    upload = st.file_uploader("A CSV file in Kaggle's layout: label,pixel0,...,pixel783", type="csv")
    typed = st.text_input("or the path of one", placeholder="data/strokes.csv")
    negatives = st.toggle("It shows what is no digit (label 10)")
    if upload is not None:
        folder = scratch() / upload.file_id
        folder.mkdir(exist_ok=True)
        path = folder / Path(upload.name).name
        if not path.exists():
            path.write_bytes(upload.getbuffer())
        shown = upload.name
    elif typed:
        path, shown = Path(typed), typed
    else:
        return None
    stat: Any = path.stat() if path.is_file() else None
    version = (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)
    try:
        return _inspect(str(path), version, negatives, images)
    except DatasetError as error:
        st.error(str(error).replace(str(path), shown))
        return None


@st.cache_resource(max_entries=2, show_spinner="Reading the file…")
def _inspect(path: str, version: tuple[int, int], negatives: bool, _images: tuple[Examples, Examples]) -> Inspection:
    """`version` is there for the cache alone: another one means another file under this name."""
    return inspect_csv(path, _images, negatives=negatives)


def show_inspection(found: Inspection, images: tuple[Examples, Examples]) -> None:
    """Say what would be trained on, and show what would be dropped and why.

    Args:
        found: What is in the file.
        images: MNIST's training and test images.
    """
    with st.container(horizontal=True, gap="medium"):
        st.metric("Images", f"{len(found.examples):,}", width="content")
        st.metric("Would be used", f"{found.used:,}", width="content")
        st.metric("Test images", f"{len(found.leaks):,}", help="Equal to an MNIST test image", width="content")
        st.metric(
            "Repeated",
            f"{len(found.repeated):,}",
            help="Equal to an image further up, or to an MNIST training image",
            width="content",
        )
    if found.leaks:
        st.error(
            f"{rows_that_equal(len(found.leaks))} an MNIST test image. The trainer drops such rows: a network that has"
            " seen test images would be praised for its memory."
        )
        _twins("leak", found.leaks, found)
    if found.repeated:
        st.warning(
            f"{rows_that_equal(len(found.repeated))} an image further up, or an MNIST training image. The trainer drops"
            " such rows."
        )
        _twins("repeat", found.repeated, found)
    other = [one for one in (*found.leaks, *found.repeated) if one.label != one.twin.label]
    if other:
        st.warning(f"{len(other):,} of them carry another label than the image they equal.")
        _twins("label", other, found)
    if not found.leaks and not found.repeated:
        st.success("No test image and no image twice: all of it would be trained on.")


def rows_that_equal(count: int) -> str:
    """So many rows, ready to be followed by what they equal."""
    return f"{count:,} rows equal" if count != 1 else "1 row equals"


def _twins(key: str, dropped: list[Dropped], found: Inspection) -> None:
    with st.expander("Show them", key=f"twins-{key}"):
        shown = dropped[:TWINS_SHOWN]
        gallery(
            [found.examples.images[one.row] for one in shown],
            [f"image {one.row + 1}, label {one.label} = {_twin(one)}" for one in shown],
            alts=[f"image {one.row + 1} of the file" for one in shown],
        )
        if len(dropped) > len(shown):
            numbers = ", ".join(str(one.row + 1) for one in dropped[TWINS_SHOWN : TWINS_SHOWN + 500])
            st.caption(f"and the images {numbers}{'…' if len(dropped) > TWINS_SHOWN + 500 else ''}")
        st.caption("Images are counted from 1; the header and blank lines do not count.")


def _twin(one: Dropped) -> str:
    source = one.twin.source
    place = f"image {one.twin.row + 1}" if source.endswith(".csv") else f"{source.removesuffix('s')} {one.twin.row}"
    return f"{place}, label {one.twin.label}"


def label_name(label: int) -> str:
    """A label as it is called on the page."""
    return "no digit" if label == NOT_A_DIGIT else str(label)


def show_samples(examples: Examples) -> None:
    """Show some images of each label, or many of one.

    Args:
        examples: What to choose from.
    """
    st.subheader("Samples by class")
    labels = [int(label) for label in np.unique(examples.labels)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.pills("Class", ["all", *map(label_name, labels)], default="all", required=True, wrap=True)
        if st.button("Show others", icon=":material/shuffle:"):
            st.session_state["deal"] = st.session_state.get("deal", 0) + 1
    rng = np.random.default_rng(st.session_state.get("deal", 0))
    for label in labels:
        if chosen not in ("all", label_name(label)):
            continue
        rows = np.flatnonzero(examples.labels == label)
        count = A_ROW if chosen == "all" else 6 * A_ROW
        dealt = rng.permutation(rows)[:count]
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            if chosen == "all":
                st.markdown(f"**{label_name(label)}**", width="content")
            st.image(
                sheet(examples.images[dealt], A_ROW, scale=2),
                caption=None if chosen == "all" else f"{len(dealt)} of {len(rows):,}",
                alt=f"{len(dealt)} images with the label {label_name(label)}",
                width="stretch",
                output_format="PNG",
            )


def show_balance(examples: Examples) -> None:
    """Show how many images there are of each label, and their mean.

    Args:
        examples: At least one.
    """
    labels, counts = np.unique(examples.labels, return_counts=True)
    names = [label_name(int(label)) for label in labels]
    st.subheader("Class balance")
    st.plotly_chart(charts.balance(dict(zip(names, counts.tolist(), strict=True))), key="balance", config=charts.CONFIG)
    st.subheader("Mean image")
    with st.container(horizontal=True, gap="small"):
        for mean, name in zip(_means(examples), names, strict=True):
            with st.container(width=84, gap="xsmall"):
                st.image(
                    tile(mean, 3),
                    width=84,
                    caption=name,
                    alt=f"Mean of the images with the label {name}",
                    output_format="PNG",
                )


@lru_cache(maxsize=3)
def _means(examples: Examples) -> list[NDArray[np.uint8]]:
    """The mean image of each label, the lowest first. Examples are compared by identity, which costs nothing."""
    images, labels = examples.images, examples.labels
    return [images[labels == label].mean(0).round().astype(np.uint8) for label in np.unique(labels)]
