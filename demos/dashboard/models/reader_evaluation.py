"""The reader's figures from the card, and the scenes that it read wrong, with boxes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image

from demos.boxes import draw_boxes
from demos.dashboard import jobs, paths
from demos.wording import count_of
from digitrec.artifacts import read_card, reader_path, sha256
from digitrec.errors import DatasetError, DigitrecError
from digitrec.learning.evaluation.scene_readings import (
    FALSE,
    MISREAD,
    MISSED,
    RIGHT,
    SCENE_READINGS,
    SceneDigit,
    SceneReading,
    SceneReadings,
)

JOB = "evaluate the reader"
PER_PAGE = 24
SCALE = 2
"""Pixels on the screen for each of a scene."""

COLOURS = {RIGHT: "#1f7a52", MISREAD: "#b5412a", MISSED: "#2f62c9", FALSE: "#8a3fb5"}
LEGEND = ":green[right], :red[misread], :blue[missed], :violet[read where there is none]"

KINDS = {
    "Any mistake": (MISREAD, MISSED, FALSE),
    "Misread": (MISREAD,),
    "Missed": (MISSED,),
    "Read where there is none": (FALSE,),
}


def show_reader_evaluation() -> None:
    """Show the published figures, and the mistakes in scenes that are read here once."""
    _show_published()
    st.subheader("Mistakes in scenes of validation")
    st.caption(
        "Scenes are composed of digits by writers that the detector never saw, on canvases and on synthetic"
        " photographs; one in ten is cut out of a photographed sudoku."
    )
    readings = _readings()
    if readings is not None:
        _show_counts(readings)
        _show_mistakes(readings)


def figures_tables(card: dict[str, Any]) -> list[tuple[str, pd.DataFrame]]:
    """The reader's published figures: titles and tables; empty where the card has none.

    Args:
        card: The model card.
    """
    figures = card.get("reader", {}).get("figures", {})
    tables = []
    for table in figures.get("tables", []):
        if "rows" in table:
            rows = [
                {
                    "what": row["what"],
                    "pictures": row["reader"]["count"],
                    "exact": row["reader"]["exact"],
                    "digits": row["reader"]["digits"],
                    "baseline, exact": row["baseline"]["exact"],
                }
                for row in table["rows"]
            ]
        else:
            rows = [{"what": name, "figure": value} for name, value in table.get("figures", {}).items()]
        tables.append((str(table.get("title", "")), pd.DataFrame(rows)))
    return tables


def _show_published() -> None:
    try:
        card = read_card(paths.models_dir())
        tables = figures_tables(card)
    except (DigitrecError, AttributeError, KeyError, TypeError) as error:
        st.warning(f"The card's figures of the reader cannot be shown: {error}")
        return
    if not tables:
        st.info("The card has no figures of the reader. Measure them: `python -m benchmarks.reading --write-card`")
        return
    command = card["reader"]["figures"].get("command", "python -m benchmarks.reading")
    st.caption(f"From the model card, measured by `{command}`. Exact: numbers read without a mistake.")
    shares = {name: st.column_config.NumberColumn(format="percent") for name in ("exact", "digits", "baseline, exact")}
    for tab, (title, table) in zip(st.tabs([title for title, _ in tables], key="reader-figures"), tables, strict=True):
        with tab:
            st.dataframe(table, hide_index=True, height="content", column_config=shares, key=f"reader-{title}")


def _readings() -> SceneReadings | None:
    """The readings made here; offers to make them where there are none, or none of this detector."""
    folder = paths.shipped_evaluation_dir()
    job = jobs.follow(JOB, "Composing scenes, and reading them")
    if job is not None and job.running:
        return None
    readings = None
    if (folder / SCENE_READINGS).is_file():
        try:
            readings = _load(str(folder), paths.file_version(folder / SCENE_READINGS))
        except DatasetError as error:
            st.error(str(error))
    current = readings is not None and readings.model == _detector_digest(paths.file_version(reader_path()))
    if readings is not None and not current:
        st.warning("The detector has changed since; these are the readings of the earlier one.")
    if not current:
        st.write("Reading 300 scenes takes some two minutes, in a process of its own. It needs the pen recordings.")
        if st.button("Read scenes now", key="read-scenes", type="primary"):
            jobs.start(JOB, ["training.evaluate_reader", "--out", str(folder)])
            st.rerun()
    return readings


@st.cache_resource(max_entries=2, show_spinner="Reading the scenes…")
def _load(folder: str, version: tuple[int, int]) -> SceneReadings:
    """Load readings; `version` is only a key of the cache."""
    return SceneReadings.load(Path(folder))


@st.cache_data(max_entries=2, show_spinner=False)
def _detector_digest(version: tuple[int, int]) -> str:
    return sha256(reader_path().read_bytes()) if reader_path().is_file() else ""


def _show_counts(readings: SceneReadings) -> None:
    exact = sum(scene.is_right for scene in readings.scenes)
    with st.container(horizontal=True, gap="medium"):
        st.metric("Scenes without a mistake", f"{exact:,} of {len(readings.scenes):,}", width="content")
        st.metric("Digits", f"{readings.wanted:,}", width="content")
        for title, outcome in (("Misread", MISREAD), ("Missed", MISSED), ("Read where there is none", FALSE)):
            st.metric(title, f"{readings.count(outcome):,}", width="content")


def mistakes(readings: SceneReadings, kinds: Sequence[str]) -> list[tuple[int, SceneReading]]:
    """The scenes with a mistake of some kinds, and their positions; those with the most mistakes first."""

    def count(scene: SceneReading) -> int:
        wrong = sum(one.outcome in kinds for one in scene.wanted)
        return wrong + sum(one.outcome == FALSE and FALSE in kinds for one in scene.found)

    wrong = [(place, scene) for place, scene in enumerate(readings.scenes) if count(scene)]
    return sorted(wrong, key=lambda one: -count(one[1]))


def boxes_of(scene: SceneReading) -> list[tuple[SceneDigit, str]]:
    """The boxes to draw, each with its label: digits as they were read, and those that were missed."""
    read = [(one, str(one.digit)) for one in scene.found if one.outcome in COLOURS]
    return read + [(one, f"{one.digit}?") for one in scene.wanted if one.outcome == MISSED]


def _show_mistakes(readings: SceneReadings) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control("Mistakes", list(KINDS), default="Any mistake", required=True, key="reader-kind")
        shown = mistakes(readings, KINDS[kind])
        pages = max(1, -(-len(shown) // PER_PAGE))
        page = st.number_input("Page", 1, pages, 1, key=f"reader-page-{kind}", width=130) if pages > 1 else 1
    if not shown:
        st.write("None.")
        return
    st.caption(f"{count_of(len(shown), 'scene')}. Boxes: {LEGEND}. A missed digit has a question mark.")
    with st.container(horizontal=True, gap="small"):
        for place, scene in shown[PER_PAGE * (int(page) - 1) : PER_PAGE * int(page)]:
            with st.container(width=scene.picture.shape[1] * SCALE // 2 + 8, gap="xsmall"):
                st.image(_picture(scene), width="stretch", alt=_describe(place, scene), output_format="PNG")
                st.caption(f"Scene {place + 1}")


def _picture(scene: SceneReading) -> Image.Image:
    picture = Image.fromarray(scene.picture).convert("RGB")
    picture = picture.resize((picture.width * SCALE, picture.height * SCALE))
    boxes = [
        (tuple(round(SCALE * edge) for edge in one.box), label, COLOURS[one.outcome]) for one, label in boxes_of(scene)
    ]
    return draw_boxes(picture, boxes)


def _describe(place: int, scene: SceneReading) -> str:
    there = " ".join(str(one.digit) for one in scene.wanted) or "no digit"
    read = " ".join(str(one.digit) for one in scene.found) or "none"
    return f"Scene {place + 1}: {there} in it, read as {read}"
