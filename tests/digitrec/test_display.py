"""How a prediction is shown: its repr, its words, and in a notebook."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from digitrec.display import describe, format_percent
from digitrec.prediction import Prediction
from tests.support.drawings import HEART, drawing


def test_a_repr_fits_a_line_and_leaves_the_arrays_out(recognizer):
    text = repr(recognizer.predict(drawing(7)))
    assert re.fullmatch(
        r"Prediction\(digit=7, confidence=\d\.\d{4}, is_digit=True, doubt=\d\.\d{4}\)",
        text,
    )


def test_a_notebook_shows_digit_bars_and_what_the_network_saw(recognizer):
    answer = recognizer.predict(drawing(7))
    html = answer._repr_html_()
    assert ">7</div>" in html
    assert html.count("<tr>") == 10
    encoded = re.search(r'src="data:image/png;base64,([^"]+)"', html)[1]
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        pixels = np.asarray(picture)
    np.testing.assert_array_equal(pixels, np.round(255 * (1 - answer.model_input)))
    assert not re.search(r"https?:", html)  # nothing is fetched


def test_a_notebook_says_that_a_heart_is_no_digit(recognizer):
    html = recognizer.predict(drawing(HEART))._repr_html_()
    assert ">not a digit</div>" in html


@pytest.mark.parametrize(
    ("confidence", "doubt", "words"),
    [
        (1.0, 0.0, "3, 99.9% sure"),
        (0.9876, 0.499, "3, 98.8% sure"),
        (0.5, 0.5, "not a digit (best guess 3)"),
    ],
)
def test_words(confidence, doubt, words):
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[3] = confidence
    answer = Prediction(3, confidence, probabilities, doubt, np.zeros((28, 28), np.float32))
    assert describe(answer) == words


def test_no_answer_is_certain():
    assert format_percent(1.0) == "99%"
    assert format_percent(0.99999, 2) == "99.99%"
