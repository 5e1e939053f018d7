"""Preview of augmentation: sliders for its settings, and a batch of training images before and after."""

import hashlib
from dataclasses import fields
from typing import Any, NamedTuple

import streamlit as st

from demos.dashboard import jobs
from demos.dashboard.paths import scratch_dir
from digitrec.learning.config import AUGMENTATIONS, TrainConfig


class Range(NamedTuple):
    """The range of a slider, from 0, and its step."""

    highest: float
    step: float


RANGES = {
    "rotation": Range(45.0, 1.0),
    "zoom": Range(0.5, 0.01),
    "shear": Range(0.6, 0.01),
    "shift": Range(0.3, 0.01),
    "elastic": Range(1.5, 0.05),
    "thickness": Range(1.0, 0.05),
    "erasing": Range(0.95, 0.01),
    "corruption": Range(0.95, 0.01),
}
"""The augmentation settings of TrainConfig. The ranges are wider than what helps training."""


def show_augmentation() -> None:
    """Show the sliders and, at the press of a button, their effect."""
    st.write("How a run's settings change its training images. The sliders start at the trainer's defaults.")
    settings = _sliders()
    flags = to_flags(settings)
    st.code(" ".join(["python -m training.train", *flags]), language="bash")
    picture = scratch_dir() / f"{hashlib.sha256(' '.join(flags).encode()).hexdigest()[:16]}.png"
    job = jobs.follow("preview", "Augmenting a batch of training images")
    is_running = job is not None and job.running
    if st.button("Show a batch", type="primary", disabled=is_running or picture.exists()):
        jobs.start("preview", ["training.train", "--preview-augmentation", str(picture), *flags])
        st.rerun()
    if picture.exists() and not is_running:
        st.image(
            str(picture),
            caption="Every second row shows the images above it as the network sees them.",
            alt="Training images, and below each row the same images augmented",
        )


def _sliders() -> dict[str, Any]:
    """Show a widget for each setting, with the trainer's default and help. Returns the values by name."""
    helps = {option.name: option.metadata["help"] for option in fields(TrainConfig)}
    defaults = TrainConfig()
    with st.container(horizontal=True):
        kind = st.selectbox(
            "augment",
            AUGMENTATIONS,
            AUGMENTATIONS.index(defaults.augment),
            help=helps["augment"],
            key="augmentation-augment",
            width=220,
        )
        seed = st.number_input(
            "seed", 0, value=defaults.seed, help=helps["seed"], key="augmentation-seed",
            width=140,
        )  # fmt: skip
    settings: dict[str, Any] = {"augment": kind, "seed": int(seed)}
    with st.container(horizontal=True, gap="small"):
        for name, reach in RANGES.items():
            settings[name] = st.slider(
                name,
                0.0,
                reach.highest,
                float(getattr(defaults, name)),
                reach.step,
                help=helps[name],
                disabled=kind != "layers",
                key=f"augmentation-{name}",
                width=164,  # two beside each other on a phone
            )
    if kind != "layers":
        st.caption("The sliders apply to augment: layers.")
        settings = {"augment": kind, "seed": int(seed)}
    return settings


def to_flags(settings: dict[str, Any]) -> list[str]:
    """Turn settings into command-line flags, without those at the trainer's default.

    Args:
        settings: Values by the names of TrainConfig's fields.
    """
    defaults = {option.name: option.default for option in fields(TrainConfig)}
    given = {name: value for name, value in settings.items() if value != defaults[name]}
    return [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", _format(value))]


def _format(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
