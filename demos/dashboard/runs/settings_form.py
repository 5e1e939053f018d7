"""The settings of a run as widgets, made from the fields of TrainConfig: their defaults, help, choices and ranges."""

import math
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any

import streamlit as st

from demos.dashboard.paths import runs_root
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import list_runs

USUAL = ("name", "epochs", "batch_size", "learning_rate", "seed", "limit")
"""What most runs differ in, always in sight."""

RARE = {
    "Optimizer": (
        "optimizer",
        "weight_decay",
        "ema_momentum",
        "schedule",
        "warmup_epochs",
        "floor",
        "plateau_patience",
        "plateau_factor",
    ),
    "Network": ("architecture", "width", "depth", "dropout", "precision", "start_from"),
    "Labels": ("label_smoothing", "mixup", "teachers", "distillation"),
    "Distortion": (
        "augment",
        "rotation",
        "zoom",
        "shear",
        "shift",
        "elastic",
        "thickness",
        "erasing",
        "corruption",
    ),
    "Validation": ("validation_fraction", "patience"),
}
"""The others, by idea. A field that stands nowhere is shown in the last group."""

FILES = ("csv", "validation_csv", "negatives", "validation_negatives")
"""Those that name files; `demos.dashboard.runs.csv_form` has widgets for them."""

NEEDS: dict[str, tuple[str, str]] = {
    "weight_decay": ("optimizer", "adamw"),
    "warmup_epochs": ("schedule", "cosine"),
    "floor": ("schedule", "cosine"),
    "plateau_patience": ("schedule", "plateau"),
    "plateau_factor": ("schedule", "plateau"),
    "width": ("architecture", "digitrec"),
    "depth": ("architecture", "digitrec"),
    **{name: ("augment", "layers") for name in RARE["Distortion"][1:]},
}
"""Settings that count only where another has a certain value."""

FIELDS: dict[str, Field[Any]] = {option.name: option for option in fields(TrainConfig)}


def key_of(name: str) -> str:
    """The key of a field's widget."""
    return f"setting-{name}"


def groups() -> dict[str, tuple[str, ...]]:
    """The rarely needed fields by the title of their tab, all that stand nowhere else among them."""
    named = {*USUAL, *FILES, *(name for names in RARE.values() for name in names)}
    *first, last = RARE
    return {
        **{title: RARE[title] for title in first},
        last: (*RARE[last], *(name for name in FIELDS if name not in named)),
    }


def chosen() -> dict[str, Any]:
    """The settings as they stand, those with the trainer's default among them; kept while other pages are looked at."""
    kept: dict[str, Any] = st.session_state.setdefault("settings", {})
    for name, option in FIELDS.items():
        assert option.default is not MISSING
        kept.setdefault(name, option.default)
    return kept


def choose(values: dict[str, Any]) -> None:
    """Set the settings, as those of an earlier run; what is no setting of today, or cannot be one, is left out."""
    kept = chosen()
    for name in FIELDS.keys() & values.keys():
        value: Any = values[name]
        value = tuple(value) if isinstance(value, list) else value
        if can_be(FIELDS[name], value):
            kept[name] = float(value) if isinstance(FIELDS[name].default, float) else value
            st.session_state.pop(key_of(name), None)


def can_be(option: Field[Any], value: Any) -> bool:
    """Whether a field can have a value that was read from a file: one of another type no widget could show."""
    default = option.default
    if isinstance(default, tuple):
        return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    if isinstance(default, bool):
        return isinstance(value, bool)
    if value is None or isinstance(value, bool):
        return value is default
    kind = str if isinstance(default, str) else int if not isinstance(default, float) else int | float
    if not isinstance(value, kind) or (isinstance(value, float) and not math.isfinite(value)):
        return False
    alone: dict[str, Any] = {option.name: value}
    try:
        TrainConfig(**alone)
    except ValueError:
        return False
    return True


def usual_widgets() -> None:
    """The usual settings, three in a row."""
    _in_columns(USUAL, 3)


def rare_widgets() -> None:
    """The others, a tab for each group."""
    shown = groups()
    for tab, names in zip(st.tabs(list(shown)), shown.values(), strict=True):
        with tab:
            _in_columns(names, 3)


def changed() -> list[str]:
    """The names of the rarely needed settings that are not at their default."""
    kept = chosen()
    return [name for names in groups().values() for name in names if kept[name] != FIELDS[name].default]


def _in_columns(names: tuple[str, ...], count: int) -> None:
    for start in range(0, len(names), count):
        for column, name in zip(st.columns(count), names[start : start + count], strict=False):
            with column:
                _field(name)


def _field(name: str) -> None:
    """The widget of one field. Streamlit forgets a widget's value when another page is shown, so it is kept apart."""
    kept, key = chosen(), key_of(name)
    if key not in st.session_state:
        value = kept[name]
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
    needed = NEEDS.get(name)
    idle = needed is not None and kept[needed[0]] != needed[1]
    help_text = FIELDS[name].metadata["help"]
    if idle and needed is not None:
        help_text += f". Counts only with {label(needed[0])} {needed[1]}"
    kept[name] = widget_of(FIELDS[name])(label(name), key=key, help=help_text, disabled=idle)


def label(name: str) -> str:
    """A field's name as people write it."""
    special = {"csv": "CSV files", "validation_csv": "Validation CSV files", "ema_momentum": "EMA momentum"}
    return special.get(name, name.replace("_", " ").capitalize())


def widget_of(option: Field[Any]) -> Callable[..., Any]:
    """The widget for a field, by the type of its default and by its metadata; still to be given label and key."""
    meta = option.metadata
    if meta["choices"]:
        return lambda label, **more: st.selectbox(label, meta["choices"], **more)
    if isinstance(option.default, tuple):
        runs = [str(run.path) for run in list_runs(runs_root()) if run.checkpoint.exists()]
        return lambda label, **more: tuple(st.multiselect(label, runs, accept_new_options=True, **more))
    if isinstance(option.default, bool):
        return lambda label, **more: st.checkbox(label, **more)
    if isinstance(option.default, str):
        return lambda label, **more: st.text_input(label, **more)
    if isinstance(option.default, float):
        return lambda label, **more: st.number_input(label, **more, **float_range(option))
    # An int, or None that stands for all there is.
    least, most = (None if meta[bound] is None else int(meta[bound]) for bound in ("ge", "le"))
    more_options: dict[str, Any] = {"min_value": least, "max_value": most, "step": 1}
    if option.default is None:
        more_options |= {"value": None, "placeholder": "all"}
    return lambda label, **more: st.number_input(label, **more_options, **more)


def float_range(option: Field[Any]) -> dict[str, Any]:
    """Bounds, step and format of the widget of a float, as `st.number_input` takes them.

    The step is a tenth to a whole of the default, by powers of ten; for 0 a hundredth where values are shares, and a
    tenth elsewhere.
    """
    bounds = {name: option.metadata[name] for name in ("ge", "gt", "le", "lt")}
    least = float(bounds["ge"]) if bounds["ge"] is not None else _next_float(bounds["gt"], math.inf)
    most = float(bounds["le"]) if bounds["le"] is not None else _next_float(bounds["lt"], -math.inf)
    default: Any = option.default
    if default:
        # 0.999 is nearly all, and what is changed of it is the rest.
        scale = 1 - default if bounds["lt"] == 1 and default > 0.9 else default
        step = 10.0 ** math.floor(math.log10(scale) + 1e-9)
    else:
        step = 0.01 if most is not None else 0.1
    return {"min_value": least, "max_value": most, "step": step, "format": "%g"}


def _next_float(bound: float | None, towards: float) -> float | None:
    """The nearest value that a bound allows which it excludes itself."""
    return None if bound is None else math.nextafter(bound, towards)
