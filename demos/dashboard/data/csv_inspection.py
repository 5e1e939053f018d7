"""A CSV file looked into before it is used: what would be trained on, and what the leak guard would drop."""

from pathlib import Path

import streamlit as st

from demos.dashboard.images import gallery
from demos.dashboard.paths import named, scratch, version_of
from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.inspection import Inspection, inspect_csv
from digitrec.learning.data.leak_guard import DroppedRow

TWINS_SHOWN = 16


def inspected(images: tuple[Examples, Examples]) -> Inspection | None:
    """Let the visitor name a CSV file, and look into it.

    Args:
        images: MNIST's training and test images.

    Returns:
        What is in it; None where there is no file yet, or one that cannot be read.
    """
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
    elif typed.strip():
        path, shown = named(typed), typed
    else:
        return None
    try:
        return _inspect(str(path), version_of(path), negatives, images)
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
    other = [one for one in (*found.leaks, *found.repeated) if one.label != one.original.label]
    if other:
        st.warning(f"{len(other):,} of them carry another label than the image they equal.")
        _twins("label", other, found)
    if not found.leaks and not found.repeated:
        st.success("No test image and no image twice: all of it would be trained on.")


def rows_that_equal(count: int) -> str:
    """So many rows, ready to be followed by what they equal."""
    return f"{count:,} rows equal" if count != 1 else "1 row equals"


def _twins(key: str, dropped: list[DroppedRow], found: Inspection) -> None:
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


def _twin(one: DroppedRow) -> str:
    source, row, label = one.original
    place = f"image {row + 1}" if source.endswith(".csv") else f"{source.removesuffix('s')} {row}"
    return f"{place}, label {label}"
