"""A look inside a run's network: histograms, and a map of images that opens the one behind a point."""

from pathlib import Path
from typing import Any

import streamlit as st

from demos.dashboard import charts, jobs
from demos.dashboard.models.choice import ModelChoice
from demos.dashboard.models.evaluation import EvaluationResult
from demos.dashboard.models.image import show_image
from demos.dashboard.paths import file_version
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.evaluation.network_look import NETWORK_LOOK, Histogram, NetworkLook

MAP, IMAGE = "embedding-map", "map-image"
"""Keys of the map, and of the image that was chosen on it."""


def show_network_look(subject: ModelChoice, result: EvaluationResult, test: Examples) -> None:
    """Show a run's network from the inside; offer to look where nobody has.

    Args:
        subject: Whose network; it must be a run.
        result: Its predictions of the test images.
        test: The test images.
    """
    if subject.run is None:
        st.info("Choose a run: the shipped model comes without the network that Keras could look into.")
        return
    look = _load_current(subject)
    if look is None:
        return
    kind = st.segmented_control(
        "Show", ["Map of images", "Weights", "Activations"], default="Map of images", required=True, key="look-kind",
        label_visibility="collapsed",
    )  # fmt: skip
    if kind == "Map of images":
        _show_map(look, result, test)
    elif kind == "Weights":
        st.caption("How often each value occurs among a layer's weights, from the first layer to the last.")
        _show_histograms("weights", look.weights)
    else:
        st.caption("What comes out of each layer, for 200 test images. Values that are exactly 0 are left out.")
        _show_histograms("activations", look.activations)


def _load_current(subject: ModelChoice) -> NetworkLook | None:
    assert subject.run is not None
    name = f"look into {subject.name}"
    job = jobs.follow(name, f"Looking into {subject.name}")
    if job is not None and job.running:
        return None
    look = None
    path = subject.run.path / NETWORK_LOOK
    if path.is_file():
        try:
            look = _load(str(subject.run.path), file_version(path))
        except DatasetError as error:
            st.error(str(error))
    current = look is not None and look.model == _digest(
        str(subject.run.checkpoint), file_version(subject.run.checkpoint)
    )
    if look is not None and not current:
        st.warning("The network has changed since; this is a look into the earlier one.")
    if not current:
        st.write("Keras looks into the network in a process of its own, which takes a minute. Nothing is changed.")
        if st.button("Look inside now", key="look-inside", type="primary"):
            jobs.start(name, ["training.inspect_network", str(subject.run.path)])
            st.rerun()
    return look


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(folder: str, version: tuple[int, int]) -> NetworkLook:
    """Load a look; `version` is only a key of the cache."""
    return NetworkLook.load(Path(folder))


@st.cache_data(max_entries=8, show_spinner=False)
def _digest(path: str, version: tuple[int, int]) -> str:
    return sha256(Path(path).read_bytes())


def _show_map(look: NetworkLook, result: EvaluationResult, test: Examples) -> None:
    st.caption(
        "Where test images lie in the features before the last layer, by label; crosses are mistakes. Click a point to"
        " open its image."
    )
    if len(look.maps) > 1:
        name = st.segmented_control(
            "Projection", list(look.maps), default=list(look.maps)[-1], required=True, key="projection"
        )
    else:
        name = next(iter(look.maps))
        st.caption("For a map by UMAP too: `pip install 'digitrec[maps]'`, and look again.")
    inside = look.images < len(test)
    images = look.images[inside]
    figure = charts.plot_map(
        look.maps[name][inside], test.labels[images], result.digits[images] != test.labels[images], images
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.plotly_chart(
            figure, key=MAP, on_select=_take_point, selection_mode="points",
            config={**charts.PLOTLY_CONFIG, "scrollZoom": True}, alt=f"Map of {len(images)} test images, by {name}",
        )  # fmt: skip
    with right:
        chosen = st.session_state.get(IMAGE)
        if chosen is None or chosen >= len(test):
            st.write("No point is chosen.")
        else:
            show_image(result, test, chosen, key="on-map")


def _take_point() -> None:
    """Keep the image of the clicked point."""
    position = point_from_event(st.session_state[MAP])
    if position is not None:
        st.session_state[IMAGE] = position


def point_from_event(event: Any) -> int | None:
    """Read the image's position from a selection event of the map; None where nothing is selected."""
    points = event["selection"]["points"]
    if not points:
        return None
    data = points[-1].get("customdata")
    return int(data[0] if isinstance(data, list | tuple) else data) if data is not None else None


def _show_histograms(kind: str, histograms: Any) -> None:
    columns = st.columns(3)
    for number, (name, histogram) in enumerate(histograms.items()):
        with columns[number % 3]:
            st.plotly_chart(
                charts.plot_histogram(_title(name, histogram), histogram.edges, histogram.counts),
                key=f"{kind}-{name}",
                config={**charts.PLOTLY_CONFIG, "staticPlot": True},
            )


def _title(name: str, histogram: Histogram) -> str:
    return f"{name}, {histogram.zeros:.0%} zeros" if histogram.zeros > 0.005 else name
