"""Inspection of a CSV file: which rows would be trained on, and which the leak guard would drop."""

from pathlib import Path

import streamlit as st

from demos.dashboard.images import show_gallery
from demos.dashboard.paths import file_version, parse_path, scratch_dir
from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.flaws import Flaw
from digitrec.learning.data.inspection import Inspection, inspect_csv
from digitrec.learning.data.leak_guard import DroppedRow

TWINS_SHOWN = 16


def choose_csv(images: tuple[Examples, Examples]) -> tuple[Path, Inspection] | None:
    """Let the user choose a CSV file, and inspect it.

    Args:
        images: MNIST's training and test images.

    Returns:
        The file and its inspection; None if there is no file yet, or one that cannot be read.
    """
    upload = st.file_uploader("A CSV file in Kaggle's layout: label,pixel0,...,pixel783", type="csv")
    typed = st.text_input("or the path of one", placeholder="data/strokes.csv")
    negatives = st.toggle("It holds non-digits (label 10)")
    if upload is not None:
        folder = scratch_dir() / upload.file_id
        folder.mkdir(exist_ok=True)
        path = folder / Path(upload.name).name
        if not path.exists():
            path.write_bytes(upload.getbuffer())
        shown = upload.name
    elif typed.strip():
        path, shown = parse_path(typed), typed
    else:
        return None
    try:
        return path, _inspect(str(path), file_version(path), negatives, images)
    except DatasetError as error:
        st.error(str(error).replace(str(path), shown))
        return None


@st.cache_resource(max_entries=2, show_spinner="Reading the file…")
def _inspect(path: str, version: tuple[int, int], negatives: bool, _images: tuple[Examples, Examples]) -> Inspection:
    """Inspect a file; `version` is only a key of the cache."""
    return inspect_csv(path, _images, negatives=negatives)


def show_inspection(inspection: Inspection, images: tuple[Examples, Examples]) -> None:
    """Show which rows would be trained on, and which would be dropped and why.

    Args:
        inspection: Of the file.
        images: MNIST's training and test images.
    """
    with st.container(horizontal=True, gap="medium"):
        st.metric("Images", f"{len(inspection.examples):,}", width="content")
        st.metric("Would be used", f"{inspection.used:,}", width="content")
        st.metric("Test images", f"{len(inspection.leaks):,}", help="Equal to an MNIST test image", width="content")
        st.metric(
            "Repeated",
            f"{len(inspection.repeated):,}",
            help="Equal to an image further up, or to an MNIST training image",
            width="content",
        )
    st.write(f"**{inspection.summary}**")
    for flaw in inspection.flaws:
        _show_flaw(flaw, inspection)
    if inspection.leaks:
        st.error(
            f"{count_equal(len(inspection.leaks))} an MNIST test image. The trainer drops such rows: the figures of a"
            " network that was trained on test images say nothing."
        )
        _show_twins("leak", inspection.leaks, inspection)
    if inspection.repeated:
        st.warning(
            f"{count_equal(len(inspection.repeated))} an image further up, or an MNIST training image. The trainer"
            " drops such rows."
        )
        _show_twins("repeat", inspection.repeated, inspection)
    other = [one for one in (*inspection.leaks, *inspection.repeated) if one.label != one.original.label]
    if other:
        st.warning(f"{len(other):,} of them have another label than the image they equal.")
        _show_twins("label", other, inspection)
    if not (inspection.leaks or inspection.repeated or inspection.flaws):
        st.success("No row is a test image or repeats another: all of them would be trained on.")


def _show_flaw(flaw: Flaw, inspection: Inspection) -> None:
    st.error(f"{flaw.description}. The trainer refuses such images, unless it is run with --allow-flawed-data.")
    with st.expander("Show them", key=f"flaw-{flaw.kind}"):
        shown = flaw.rows[:TWINS_SHOWN]
        show_gallery(
            [inspection.examples.images[row] for row in shown],
            [f"image {row + 1}, label {inspection.examples.labels[row]}" for row in shown],
            alts=[f"image {row + 1} of the file" for row in shown],
        )


def count_equal(count: int) -> str:
    """Start a sentence about rows that equal others, in singular or plural."""
    return f"{count:,} rows equal" if count != 1 else "1 row equals"


def _show_twins(key: str, dropped: list[DroppedRow], inspection: Inspection) -> None:
    with st.expander("Show them", key=f"twins-{key}"):
        shown = dropped[:TWINS_SHOWN]
        show_gallery(
            [inspection.examples.images[one.row] for one in shown],
            [f"image {one.row + 1}, label {one.label} = {_describe_twin(one)}" for one in shown],
            alts=[f"image {one.row + 1} of the file" for one in shown],
        )
        if len(dropped) > len(shown):
            numbers = ", ".join(str(one.row + 1) for one in dropped[TWINS_SHOWN : TWINS_SHOWN + 500])
            st.caption(f"and the images {numbers}{'…' if len(dropped) > TWINS_SHOWN + 500 else ''}")
        st.caption("Images are counted from 1; the header and blank lines do not count.")


def _describe_twin(one: DroppedRow) -> str:
    source, row, label = one.original
    place = f"image {row + 1}" if source.endswith(".csv") else f"{source.removesuffix('s')} {row}"
    return f"{place}, label {label}"
