"""The settings of a run as widgets, made from the fields of TrainConfig: their defaults, help, choices and ranges."""

import math
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any

import streamlit as st

from demos.dashboard.paths import runs_root
from demos.dashboard.widget_values import RESENT
from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import list_runs

USUAL = ("name", "epochs", "batch_size", "learning_rate", "seed", "limit")
"""The settings that are always shown."""

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
    "Validation": ("validation_fraction", "split_seed", "patience", "keep", "allow_flawed_data", "correction_repeats"),
}
"""The other settings, by group. A field that no group names is shown in the last one."""

FILES = ("csv", "validation_csv", "negatives", "validation_negatives", "corrections")
"""The settings that name files; `demos.dashboard.runs.csv_form` shows their widgets."""

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
"""Settings that apply only if another one has a certain value."""

FIELDS: dict[str, Field[Any]] = {option.name: option for option in fields(TrainConfig)}


TIMES_SET = "times-settings-were-set"
"""Key of how often `set_settings` was called."""


def widget_key(name: str) -> str:
    """Key of a field's widget: another one each time the settings are set, for the browser keeps what a widget held."""
    return f"setting-{name}-{st.session_state.get(TIMES_SET, 0)}"


def field_groups() -> dict[str, tuple[str, ...]]:
    """Group the rarely needed fields by the title of their tab."""
    named = {*USUAL, *FILES, *(name for names in RARE.values() for name in names)}
    *first, last = RARE
    return {
        **{title: RARE[title] for title in first},
        last: (*RARE[last], *(name for name in FIELDS if name not in named)),
    }


def current_settings() -> dict[str, Any]:
    """All settings with their current values; kept while other pages are shown."""
    kept: dict[str, Any] = st.session_state.setdefault("settings", {})
    for name, option in FIELDS.items():
        assert option.default is not MISSING
        kept.setdefault(name, option.default)
    return kept


def set_settings(values: dict[str, Any]) -> None:
    """Set the settings, such as those of an earlier run. Unknown names and invalid values are skipped."""
    kept = current_settings()
    st.session_state[TIMES_SET] = st.session_state.get(TIMES_SET, 0) + 1
    for name in FIELDS.keys() & values.keys():
        value: Any = values[name]
        value = tuple(value) if isinstance(value, list) else value
        if is_valid(FIELDS[name], value):
            kept[name] = float(value) if isinstance(FIELDS[name].default, float) else value


def is_valid(option: Field[Any], value: Any) -> bool:
    """Whether a value read from a file fits a field: no widget could show one of another type."""
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


def show_usual_widgets() -> None:
    """The usual settings, three in a row."""
    _in_columns(USUAL, 3)


def show_rare_widgets() -> None:
    """The others, a tab for each group."""
    shown = field_groups()
    for tab, names in zip(st.tabs(list(shown), key="rare-settings"), shown.values(), strict=True):
        with tab:
            _in_columns(names, 3)


def changed_settings() -> list[str]:
    """The names of the rarely needed settings that are not at their default."""
    kept = current_settings()
    return [name for names in field_groups().values() for name in names if kept[name] != FIELDS[name].default]


def _in_columns(names: tuple[str, ...], count: int) -> None:
    for start in range(0, len(names), count):
        for column, name in zip(st.columns(count), names[start : start + count], strict=False):
            with column:
                _field(name)


def _field(name: str) -> None:
    """Show the widget of a field. Its value is kept outside the widget, which Streamlit forgets on other pages."""
    kept, key = current_settings(), widget_key(name)
    value = kept[name]
    if key not in st.session_state and value != FIELDS[name].default:
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
    needed = NEEDS.get(name)
    idle = needed is not None and kept[needed[0]] != needed[1]
    help_text = FIELDS[name].metadata["help"]
    if idle and needed is not None:
        help_text += f". Applies only with {field_label(needed[0])} {needed[1]}"
    kept[name] = make_widget(FIELDS[name])(
        field_label(name), key=key, help=help_text, disabled=idle, persist_state=RESENT
    )


def field_label(name: str) -> str:
    """Write a field's name in words."""
    special = {"csv": "CSV files", "validation_csv": "Validation CSV files", "ema_momentum": "EMA momentum"}
    return special.get(name, name.replace("_", " ").capitalize())


def make_widget(option: Field[Any]) -> Callable[..., Any]:
    """Choose the widget for a field by its type and metadata; it is called with label, key and help.

    The field's default is the widget's own: a value set beside it comes later, and may replace what a user has typed.
    """
    meta, default = option.metadata, option.default
    if meta["choices"]:
        return lambda label, **more: st.selectbox(label, meta["choices"], meta["choices"].index(default), **more)
    if isinstance(default, tuple):
        runs = [str(run.path) for run in list_runs(runs_root()) if run.checkpoint.exists()]
        return lambda label, **more: tuple(st.multiselect(label, runs, accept_new_options=True, **more))
    if isinstance(default, bool):
        return lambda label, **more: st.checkbox(label, default, **more)
    if isinstance(default, str):
        return lambda label, **more: st.text_input(label, default, **more)
    if isinstance(default, float):
        return lambda label, **more: st.number_input(label, value=default, **more, **float_range(option))
    # An int, or None that stands for all there is.
    least, most = (None if meta[bound] is None else int(meta[bound]) for bound in ("ge", "le"))
    more_options: dict[str, Any] = {"min_value": least, "max_value": most, "value": default, "step": 1}
    if default is None:
        more_options["placeholder"] = meta["none"]
    return lambda label, **more: st.number_input(label, **more_options, **more)


def float_range(option: Field[Any]) -> dict[str, Any]:
    """Compute bounds, step and format of a float's widget, as options of `st.number_input`.

    The step is a tenth to a whole of the default, by powers of ten; for 0 a hundredth where values are shares, and a
    tenth elsewhere.
    """
    bounds = {name: option.metadata[name] for name in ("ge", "gt", "le", "lt")}
    least = float(bounds["ge"]) if bounds["ge"] is not None else _next_float(bounds["gt"], math.inf)
    most = float(bounds["le"]) if bounds["le"] is not None else _next_float(bounds["lt"], -math.inf)
    default: Any = option.default
    if default:
        # 0.999 is changed by a part of what it lacks to 1.
        scale = 1 - default if bounds["lt"] == 1 and default > 0.9 else default
        step = 10.0 ** math.floor(math.log10(scale) + 1e-9)
    else:
        step = 0.01 if most is not None else 0.1
    return {"min_value": least, "max_value": most, "step": step, "format": "%g"}


def _next_float(bound: float | None, towards: float) -> float | None:
    """The nearest value that an exclusive bound allows."""
    return None if bound is None else math.nextafter(bound, towards)
