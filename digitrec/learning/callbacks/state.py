"""What callbacks remember from epoch to epoch, so that a resumed run goes on as an uninterrupted one would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import keras
import numpy as np
from numpy.typing import NDArray

Number = float | int | bool | None


@dataclass(frozen=True)
class CallbackState:
    """What a callback remembers.

    Attributes:
        numbers: Counters and figures, by name.
        weights: Lists of arrays, by name. A list that is not kept at the moment is left out.
    """

    numbers: Mapping[str, Number] = field(default_factory=dict)
    weights: Mapping[str, Sequence[NDArray[Any]]] = field(default_factory=dict)


@runtime_checkable
class StatefulCallback(Protocol):
    """A callback of this project that remembers something."""

    def get_state(self) -> CallbackState:
        """What it remembers now."""
        ...

    def set_state(self, state: CallbackState) -> None:
        """Remember this, and nothing of what was before."""
        ...


@dataclass(frozen=True)
class _Attributes:
    """Names of the attributes in which one of Keras' callbacks remembers something."""

    numbers: tuple[str, ...]
    weights: tuple[str, ...] = ()


KERAS_CALLBACKS: dict[type[keras.callbacks.Callback], _Attributes] = {
    keras.callbacks.EarlyStopping: _Attributes(("best", "best_epoch", "wait", "stopped_epoch"), ("best_weights",)),
    keras.callbacks.ReduceLROnPlateau: _Attributes(("best", "wait", "cooldown_counter")),
}
"""Keras' own callbacks that remember something. They have no methods for it."""


def get_state(callback: keras.callbacks.Callback) -> CallbackState:
    """What a callback remembers; an empty state for one that remembers nothing.

    Raises:
        AttributeError: One of Keras' callbacks has changed: it lacks an attribute that `KERAS_CALLBACKS` names.
    """
    if isinstance(callback, StatefulCallback):
        return callback.get_state()
    attributes = _attributes_of(callback)
    weights = {name: getattr(callback, name) for name in attributes.weights}
    return CallbackState(
        {name: _python_number(getattr(callback, name)) for name in attributes.numbers},
        {name: arrays for name, arrays in weights.items() if arrays is not None},
    )


def set_state(callback: keras.callbacks.Callback, state: CallbackState) -> None:
    """Have a callback remember what `get_state` returned.

    Raises:
        KeyError: The state lacks a number that the callback needs.
        AttributeError: One of Keras' callbacks lacks an attribute that `KERAS_CALLBACKS` names.
    """
    if isinstance(callback, StatefulCallback):
        callback.set_state(state)
        return
    attributes = _attributes_of(callback)
    values: dict[str, Any] = {name: state.numbers[name] for name in attributes.numbers}
    values |= {name: state.weights.get(name) for name in attributes.weights}
    for name, value in values.items():
        getattr(callback, name)  # an attribute that Keras no longer reads would be set in vain
        setattr(callback, name, value)


def _attributes_of(callback: keras.callbacks.Callback) -> _Attributes:
    found = (attributes for kind, attributes in KERAS_CALLBACKS.items() if isinstance(callback, kind))
    return next(found, _Attributes(()))


def _python_number(value: Any) -> Number:
    """A number as Python's own, which JSON writes without loss."""
    number: Number = value.item() if isinstance(value, np.generic) else value
    return number
