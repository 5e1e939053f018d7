"""Why a model answers what it answers, on the pages: maps, the inside, the nearest images, what would be different."""

import shutil

import numpy as np
import pytest

from demos.dashboard.models import explained
from demos.dashboard.models.choice import ModelChoice
from digitrec import artifacts
from digitrec.artifacts import EXPLANATION_NAME
from digitrec.learning.data.examples import Examples
from tests.support.dashboard import house, opened, run_again, said
from tests.support.drawings import drawing

__all__ = ["house"]

FOUR = drawing(4, size=20, canvas=(28, 28), thickness=2.5)


def why_page() -> None:
    explained.show_explanation(ModelChoice(), FOUR, key="it")


def missed_page() -> None:
    explained.show_missed(ModelChoice(), np.stack([FOUR] * 2), 9, 4)


@pytest.fixture
def shipped(house, monkeypatch):
    """The shipped model in the house, and a few training images."""
    for file in artifacts.models_dir().glob("*.[oj][ns][no]*"):
        shutil.copy(file, house.models)
    images = np.stack([drawing(digit, size=20, canvas=(28, 28), thickness=2) for digit in range(10)])
    train = Examples(images, np.arange(10, dtype=np.uint8))
    monkeypatch.setattr(explained, "mnist_images", lambda: (train, train))
    return house


def test_the_answer_is_explained_and_any_other_digit(shipped):
    app = opened(why_page)
    assert "**Why 4?**" in said(app)
    assert explained.LEGEND in said(app)
    app.segmented_control(key="it-why").set_value(9)
    run_again(app)
    assert "**Why 9?**" in said(app)
    assert "What leaves convolution 1: 32 filters" in said(app)


def test_the_nearest_training_images_are_of_the_same_digit(shipped):
    app = opened(why_page)
    app.toggle(key="it-nearest").set_value(True)
    run_again(app)
    shown = [caption.value for caption in app.caption if caption.value.startswith("**")]
    assert len(shown) == explained.NEAREST
    assert shown[0].startswith("**4**")


def test_what_would_have_had_to_be_different(shipped):
    app = opened(missed_page)
    assert "What would have had to be different for a 9" in said(app)
    assert sum(caption.value.startswith("9: ") for caption in app.caption) == 2


def test_a_model_without_what_explains_it_says_so(shipped):
    (shipped.models / EXPLANATION_NAME).unlink()
    app = opened(why_page)
    assert "has to be exported, with what explains it" in said(app)
