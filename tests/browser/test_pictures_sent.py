"""What the page sends of a drawing is answered as the whole sheet is: digits, doubt and boxes."""

import base64
import itertools

import numpy as np
import pytest

import digitrec
from tests.support.drawings import HEART, STROKES

pytest.importorskip("playwright.sync_api", reason="pip install playwright")

# The picture that is sent of strokes, with its place, and the whole sheet as a canvas has it.
ENCODE = """async ([drawings, ratio]) => {
  const module = (name) => import(document.querySelector(`link[href*="/${name}.js"]`).href);
  const [{ pictureOfStrokes, SHEET_HEIGHT }, { paint }] = await Promise.all([module("picture"), module("strokes")]);
  const base64 = async (blob) => btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
  return Promise.all(drawings.map(async (strokes) => {
    const canvas = new OffscreenCanvas(SHEET_HEIGHT * ratio, SHEET_HEIGHT);
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    paint(context, strokes, SHEET_HEIGHT, "#000");
    const picture = pictureOfStrokes(strokes, ratio);
    const { left, top } = picture.place;
    const corner = [left * SHEET_HEIGHT, top * SHEET_HEIGHT];
    return [await base64(await picture.blob()), await base64(await canvas.convertToBlob()), corner];
  }));
}"""


def strokes(figure, left: float, top: float, size: float, width: float) -> list[dict]:
    """A digit, or lines of one's own, as the page keeps it."""
    lines = STROKES[figure] if isinstance(figure, int) else figure
    return [{"width": width, "points": [[left + x * size, top + y * size] for x, y in line]} for line in lines]


def sent_and_whole(desk, drawings: list[list[dict]], ratio: int) -> list[tuple[bytes, bytes, list[float]]]:
    found = desk.page.evaluate(ENCODE, [drawings, ratio])
    return [(base64.b64decode(sent), base64.b64decode(whole), corner) for sent, whole, corner in found]


def test_one_digit_is_answered_alike_wherever_and_however_large_it_is(desk) -> None:
    places = [(0.05, 0.05, 0.2, 0.05), (0.3, 0.15, 0.65, 0.065), (0.6, 0.55, 0.35, 0.03), (0.1, 0.08, 0.85, 0.15)]
    drawings = [strokes(figure, *place) for figure, place in itertools.product([*range(10), HEART], places)]
    for sent, whole, _ in sent_and_whole(desk, drawings, 1):
        assert len(sent) < len(whole)
        mine, all_of_it = digitrec.predict(sent), digitrec.predict(whole)
        assert (mine.digit, mine.is_digit) == (all_of_it.digit, all_of_it.is_digit)
        np.testing.assert_allclose(mine.probabilities, all_of_it.probabilities, atol=1e-3)
        np.testing.assert_allclose(mine.model_input, all_of_it.model_input, atol=0.02)


def test_numbers_are_read_alike_and_their_boxes_lie_where_they_were_drawn(desk) -> None:
    drawings = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        size = rng.uniform(0.2, 0.4)
        gap, left, top = size * rng.uniform(0.1, 0.35), rng.uniform(0.05, 0.2), rng.uniform(0.05, 0.95 - size)
        digits = rng.integers(0, 10, rng.integers(2, 5))
        drawings.append(
            [
                stroke
                for place, digit in enumerate(digits)
                for stroke in strokes(int(digit), left + place * (0.8 * size + gap), top, size, 0.12 * size)
            ]
        )
    for sent, whole, corner in sent_and_whole(desk, drawings, 2):
        mine, all_of_it = digitrec.read(sent), digitrec.read(whole)
        assert mine.text == all_of_it.text
        assert len(mine.text) > 1
        for one, other in zip(mine.digits, all_of_it.digits, strict=True):
            assert np.add(one.box, [*corner, *corner]) == pytest.approx(np.array(other.box), abs=2)
