"""LocalContrast: what light and contrast leave alone, and that it interpolates without seams."""

import numpy as np
import pytest

from digitrec.learning.layers.local_contrast import LocalContrast, _enlarged
from tests.support.drawings import drawing

PAGE = (255 - drawing(5, size=40, canvas=(64, 96), thickness=4)).astype(np.float32)[np.newaxis, ..., np.newaxis] / 255


def contrast(page):
    return np.asarray(LocalContrast()(page.astype(np.float32)))


def test_two_channels_of_the_same_size():
    assert contrast(PAGE).shape == (1, 96, 64, 2)


def test_evenly_brighter_paper_changes_nothing():
    assert contrast(0.5 * PAGE + 0.3) == pytest.approx(contrast(0.5 * PAGE + 0.1), abs=1e-4)


def test_faint_ink_is_nearly_as_strong_as_black():
    strong, faint = (np.abs(contrast(page)[..., 0]).max() for page in (PAGE, 0.8 + 0.2 * PAGE))
    assert faint > 0.6 * strong


def test_blank_paper_has_no_contrast():
    assert np.abs(contrast(np.full_like(PAGE, 0.7))).max() < 1e-4


def test_a_slope_stays_a_slope():
    steps = np.arange(4, dtype=np.float32).reshape(1, 1, 4, 1)
    row = np.asarray(_enlarged(steps, 8))[0, 4, :, 0]
    assert row[:4] == pytest.approx(0)  # beyond the middle of the outermost block its value goes on
    assert np.diff(row[4:28]) == pytest.approx(1 / 8)
