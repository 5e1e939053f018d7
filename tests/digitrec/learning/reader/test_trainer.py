"""The detector's configuration, and the batches it trains on."""

import numpy as np
import pytest

from digitrec.learning.reader import stream
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.reader.stream import Composer
from tests.support.reader_sources import small_sources


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(stream, "load_sources", lambda part, **_: small_sources(part))
    monkeypatch.setattr(stream, "read_photos", lambda *_: [])
    return ReaderConfig(name="small", epochs=2, steps=2, batch_size=2, width=4, validation_scenes=3)


def test_a_batch_follows_from_epoch_and_number_alone(small):
    composer = Composer("train", small)
    first, again, other = composer.batch(3, 1), composer.batch(3, 1), composer.batch(3, 2)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize(("name", "value"), [("epochs", 0), ("photographs", 1.0), ("precision", "float8")])
def test_settings_that_cannot_work_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        ReaderConfig(**{name: value})


def test_a_configuration_is_read_back_whole():
    config = ReaderConfig(epochs=3)
    assert ReaderConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="unknown or missing"):
        ReaderConfig.from_dict({"epochs": 3})
