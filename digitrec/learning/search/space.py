"""What a search tries: settings that are the same in all trials, and ranges or choices of others. Needs no Keras."""

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

from digitrec.errors import DigitrecError
from digitrec.learning.config import TrainConfig

FIELDS = {option.name: option for option in fields(TrainConfig)}

DATA = "it decides which images are trained on or validated on, and trials are compared on the same ones"

NOT_SEARCHED = {
    "name": "the search names its runs itself",
    "epochs": "trials of different lengths cannot be compared epoch by epoch, which is how bad ones are ended early",
    **dict.fromkeys(
        (
            *("seed", "split_seed", "limit", "validation_fraction", "allow_flawed_data"),
            *("csv", "validation_csv", "negatives", "validation_negatives"),
        ),
        DATA,
    ),
    "teachers": "it is a list of runs",
}
"""Settings that are the same in all trials, and why."""


class SearchError(DigitrecError):
    """A search that cannot be made: its space, its study or its database."""


class Suggests(Protocol):
    """What chooses values: `optuna.Trial`."""

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """Choose a whole number."""
        ...

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        """Choose a number."""
        ...

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:
        """Choose one of several values."""
        ...


@dataclass(frozen=True)
class Space:
    """What a search tries.

    Attributes:
        settings: Settings of `TrainConfig` that all trials share; the others are at their defaults.
        search: By setting, a list of values to choose from, or a range: a dict of `low` and `high`, which may have
            `step`, or `log` for a logarithmic scale.
    """

    settings: dict[str, Any]
    search: dict[str, Any]

    def __post_init__(self) -> None:
        """Refuse what no run could train with.

        Raises:
            SearchError: It names the setting, its value and what to write instead.
        """
        if not self.search:
            raise SearchError("there is nothing to search: [search] names no setting")
        for name in (*self.settings, *self.search):
            _check_known(name)
        if "name" in self.settings:
            raise SearchError(f"name cannot be set: {NOT_SEARCHED['name']}")
        for name in self.search:
            if name in NOT_SEARCHED:
                raise SearchError(f"{name} cannot be searched: {NOT_SEARCHED[name]}; give it one value in [settings]")
            if name in self.settings:
                raise SearchError(f"{name} is in [settings] and in [search]; leave one of them out")
        shared = {name: _checked(name, value) for name, value in self.settings.items()}
        for name, wanted in self.search.items():
            for value in wanted if isinstance(wanted, list) else _ends(name, wanted):
                _build({**shared, name: _checked(name, value)})
        _build(shared)

    def suggest(self, trial: Suggests) -> TrainConfig:
        """Choose the settings of a trial. The name is `TrainConfig`'s default."""
        chosen = {name: _checked(name, value) for name, value in self.settings.items()}
        for name, wanted in self.search.items():
            if isinstance(wanted, list):
                chosen[name] = _checked(name, trial.suggest_categorical(name, wanted))
                continue
            low, high = _ends(name, wanted)
            log = wanted.get("log", False)
            if isinstance(FIELDS[name].default, int):
                chosen[name] = trial.suggest_int(name, low, high, step=wanted.get("step", 1), log=log)
            else:
                chosen[name] = trial.suggest_float(name, low, high, step=wanted.get("step"), log=log)
        return TrainConfig(**chosen)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"settings": self.settings, "search": self.search}


def parse_space(text: str) -> Space:
    """Read a space from TOML: a table `[settings]` of values, and a table `[search]` of lists and ranges.

    Raises:
        SearchError: It is no TOML, or no space.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SearchError(f"not TOML: {error}") from error
    for name, table in tables.items():
        if name not in ("settings", "search") or not isinstance(table, dict):
            raise SearchError(f"there is {name!r}; a space has the tables [settings] and [search], and nothing else")
    return Space(tables.get("settings", {}), tables.get("search", {}))


def _check_known(name: str) -> None:
    if name in FIELDS:
        return
    close = difflib.get_close_matches(name.replace("-", "_"), FIELDS, n=1, cutoff=0)
    raise SearchError(f"there is no setting {name!r}; the nearest is {close[0]}")


def _build(values: Mapping[str, Any]) -> TrainConfig:
    try:
        return TrainConfig(**values)
    except ValueError as error:
        raise SearchError(str(error)) from error


def _ends(name: str, wanted: Any) -> tuple[Any, Any]:
    """The ends of a range that makes sense for a setting."""
    example = f"{name} = {{ low = ..., high = ... }} or {name} = [...]"
    if not isinstance(wanted, dict) or not {"low", "high"} <= set(wanted) <= {"low", "high", "step", "log"}:
        raise SearchError(f"{name} is {wanted!r}; write {example}, where step = ... or log = true may be added")
    default = FIELDS[name].default
    if isinstance(default, bool) or not isinstance(default, int | float):
        raise SearchError(f"{name} has no range, since it is no number; write {name} = [...]")
    low, high, step, log = wanted["low"], wanted["high"], wanted.get("step"), wanted.get("log")
    for value in (low, high, *([] if step is None else [step])):
        _checked(name, value)
    if not low < high:
        raise SearchError(f"{name} goes from {low} to {high}; low must be below high")
    if step is not None and (not step > 0 or log):
        raise SearchError(f"{name} has the step {step!r}; a step is above 0, and does not go with log = true")
    if log not in (None, False, True) or (log and not low > 0):
        raise SearchError(f"{name} has log = {log!r} from {low} on; log is true or false, and needs a low above 0")
    return low, high


def _checked(name: str, value: Any) -> Any:
    """A value of the setting's kind.

    Raises:
        SearchError: It is of another kind.
    """
    default = FIELDS[name].default
    if isinstance(default, bool) and isinstance(value, bool):
        return value
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if isinstance(default, str) and isinstance(value, str):
        return value
    if not isinstance(default, bool) and type(value) is int:  # True is an int, too
        if isinstance(default, float):
            return float(value)
        if default is None or isinstance(default, int):
            return value
    if isinstance(default, float) and isinstance(value, float) and math.isfinite(value):
        return value
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple: "a list of texts"}
    raise SearchError(f"{name} is {value!r}; it must be {kinds.get(type(default), 'a whole number')}")
