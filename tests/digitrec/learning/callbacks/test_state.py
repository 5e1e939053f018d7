"""What callbacks remember, taken from one and given to another."""

import keras
import numpy as np
import pytest

from digitrec.learning.callbacks import AverageWeights, LogLearningRate, ModelCheckpoint, Progress, state
from digitrec.learning.callbacks.state import CallbackState, get_state, set_state
from digitrec.learning.runs.run import Run


def test_a_callback_that_remembers_nothing_has_an_empty_state(tmp_path):
    for callback in (LogLearningRate(), Progress(Run.create(tmp_path, "a", {}))):
        assert get_state(callback) == CallbackState()
        set_state(callback, CallbackState())


def test_a_callback_of_keras_gives_and_takes_its_counters():
    stopping = keras.callbacks.EarlyStopping(restore_best_weights=True)
    stopping.on_train_begin()
    stopping.best, stopping.best_epoch, stopping.wait, stopping.stopped_epoch = np.float32(0.5), 3, 2, 0
    stopping.best_weights = [np.ones(2), np.zeros(3)]
    other = keras.callbacks.EarlyStopping(restore_best_weights=True)
    other.on_train_begin()
    set_state(other, get_state(stopping))
    assert (other.best, other.best_epoch, other.wait, other.stopped_epoch) == (0.5, 3, 2, 0)
    assert [array.tolist() for array in other.best_weights] == [[1, 1], [0, 0, 0]]
    assert type(get_state(stopping).numbers["best"]) is float  # JSON knows no NumPy


def test_a_subclass_of_a_callback_of_keras_is_not_forgotten():
    class Patient(keras.callbacks.ReduceLROnPlateau):
        pass

    plateau = Patient()
    plateau.on_train_begin()
    plateau.wait = 4
    assert get_state(plateau).numbers["wait"] == 4


def test_an_attribute_that_keras_has_renamed_fails_loudly(monkeypatch):
    changed = {keras.callbacks.EarlyStopping: state._Attributes(("best", "patience_left"))}
    monkeypatch.setattr(state, "KERAS_CALLBACKS", changed)
    stopping = keras.callbacks.EarlyStopping()
    with pytest.raises(AttributeError, match="patience_left"):
        get_state(stopping)
    with pytest.raises(AttributeError, match="patience_left"):
        set_state(stopping, CallbackState({"best": 0.5, "patience_left": 3}))


def test_a_state_that_lacks_a_counter_fails_loudly(tmp_path):
    for callback, missing in (
        (keras.callbacks.ReduceLROnPlateau(), "best"),
        (ModelCheckpoint(Run.create(tmp_path, "a", {}), "val_accuracy"), "best"),
        (AverageWeights(0.9), "steps"),
    ):
        with pytest.raises(KeyError, match=missing):
            set_state(callback, CallbackState())
