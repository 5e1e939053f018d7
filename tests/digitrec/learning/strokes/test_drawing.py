import hashlib

import numpy as np
import pytest

from digitrec.learning.strokes.drawing import CANVAS, Style, draw, random_style, vary_handwriting
from digitrec.learning.strokes.recordings import PenDigit

SEVEN = [[[100, 100], [200, 100], [150, 300]]]
ONE = [[[250, 50], [250, 450]]]
WAVE = [[[x, 100 + x % 7] for x in range(0, 400, 10)]]


def pen_digit(strokes=SEVEN, label=7):
    return PenDigit(label, "ann", [np.array(stroke, float) for stroke in strokes])


def page(strokes=SEVEN, seed=0, **style):
    return draw(pen_digit(strokes), Style(**style), np.random.default_rng(seed))


def drawn(strokes=SEVEN, **style):
    """Where the ink is on the page: first and last row, first and last column."""
    ink = page(strokes, **style) < 128
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def test_size_and_brush_are_in_pixels():
    top, bottom, left, right = drawn(ONE, size=100, brush=20)
    assert bottom - top == pytest.approx(120, abs=1)
    assert right - left == pytest.approx(20, abs=1)


@pytest.mark.parametrize(("left", "top"), [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_corners_are_reached_and_not_left(left, top):
    first_row, last_row, first_column, last_column = drawn(size=100, brush=10, left=left, top=top)
    assert (first_row == pytest.approx(0, abs=1)) if top == 0 else (last_row == pytest.approx(CANVAS, abs=1))
    assert (first_column == pytest.approx(0, abs=1)) if left == 0 else (last_column == pytest.approx(CANVAS, abs=1))


def test_slant_leans_to_the_right():
    ink = page(ONE, size=200, slant=0.3) < 128
    upper, lower = np.flatnonzero(ink[:100].any(0)).mean(), np.flatnonzero(ink[-100:].any(0)).mean()
    assert upper > lower + 20


def test_jitter_moves_the_line_a_little():
    still, shaky = (page(WAVE, seed=1, jitter=jitter, brush=4).astype(int) for jitter in (0.0, 1.5))
    assert 0 < np.abs(still - shaky).mean() < 8


def test_a_hairline_and_a_dot_leave_ink():
    assert page(brush=1.0).min() < 200
    assert page([[[5, 5]]], brush=6.0).min() == 0


def test_the_plain_style_is_what_it_always_was():
    """Benchmarks are drawn in given styles: were their pixels to change, their figures would mean something else."""
    assert hashlib.sha256(page(WAVE).tobytes()).hexdigest().startswith("0db45385cf6a6ebd")
    shaky = page(WAVE, size=100, brush=4, jitter=0.5, slant=0.2)
    assert hashlib.sha256(shaky.tobytes()).hexdigest().startswith("ed61c0705ef93e35")


def test_aspect_widens_and_narrows():
    square = [[[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]]
    top, bottom, left, right = drawn(square, size=160, brush=2, aspect=0.8)
    assert (right - left) / (bottom - top) == pytest.approx(0.8, abs=0.02)
    top, bottom, left, right = drawn(square, size=160, brush=2, aspect=1.25)
    assert (right - left) / (bottom - top) == pytest.approx(1.25, abs=0.02)


def test_pressure_swells_the_brush_along_the_stroke():
    long = [[[250, y] for y in range(0, 400, 5)]]
    for seed in range(5):
        widths = (page(long, seed=seed, brush=20, pressure=0.25) < 128).sum(1)[60:-60]
        assert 14 <= widths.min() < widths.max() <= 26
    assert np.ptp((page(long, brush=20) < 128).sum(1)[60:-60]) == 0


def test_coarse_sampling_leaves_corners_on_a_curve():
    angle = np.linspace(0, np.pi, 60)
    arc = [np.stack([100 * np.cos(angle), 100 - 100 * np.sin(angle)], axis=1)]
    smooth, coarse = (page(arc, size=200, brush=2, coarse=gap) < 128 for gap in (0.0, 90.0))
    assert (smooth != coarse).sum() > 200
    assert drawn(arc, size=200, brush=2, coarse=1000.0)[0] > 130  # of three points or fewer, a line at the bottom


def test_another_hand_bends_and_shifts_strokes_but_keeps_the_size():
    two_strokes = [WAVE[0], [[0, 300], [400, 300]]]
    plain = page(two_strokes, seed=4).astype(int)
    for changes in ({"bend": 0.1}, {"loose": 0.1}):
        one, other = (page(two_strokes, seed=seed, **changes).astype(int) for seed in (4, 5))
        assert np.abs(one - plain).mean() > 1
        assert np.abs(one - other).mean() > 1
        rows, columns = np.flatnonzero((one < 128).any(1)), np.flatnonzero((one < 128).any(0))
        assert max(np.ptp(rows), np.ptp(columns)) == pytest.approx(190 + 18, abs=3)


def test_strokes_slip_without_changing_their_shape():
    # One stroke's own shift is undone by the box around it.
    assert np.abs(page(WAVE, seed=4).astype(int) - page(WAVE, seed=4, loose=0.1).astype(int)).mean() < 0.5


def test_hands_differ():
    hands = [vary_handwriting(Style(), np.random.default_rng(seed)) for seed in range(200)]
    assert max(h.bend for h in hands) <= 0.12 < 2 * np.mean([h.bend for h in hands]) + 0.03
    assert max(h.loose for h in hands) <= 0.08 < 2 * np.mean([h.loose for h in hands]) + 0.02
    assert {(h.size, h.brush) for h in hands} == {(Style().size, Style().brush)}


def test_stray_dots_are_of_the_brushs_size_anywhere():
    clean = page(ONE, brush=20)
    seen = set()
    for seed in range(40):
        dot = (page(ONE, seed=seed, brush=20, dots=1) < 128) & (clean >= 128)
        if dot.any():
            rows, columns = np.flatnonzero(dot.any(1)), np.flatnonzero(dot.any(0))
            assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 31
            seen.add((rows.mean() > CANVAS / 2, columns.mean() > CANVAS / 2))
    assert len(seen) == 4
    assert (page(ONE, brush=20, dots=2) < 128).sum() > (page(ONE, brush=20) < 128).sum() + 100


def test_styles_cover_what_people_do():
    styles = [random_style(np.random.default_rng(seed)) for seed in range(500)]
    assert min(s.brush for s in styles) < 1.2
    assert max(s.brush / s.size for s in styles) > 0.23
    assert all(1 <= s.brush <= s.size / 4 for s in styles)
    assert min(s.size for s in styles) < 0.17 * CANVAS < 0.95 * CANVAS < max(s.size for s in styles)
    assert all(0.8 <= s.aspect <= 1.25 and s.pressure <= 0.25 and s.coarse <= 0.15 * s.size for s in styles)
    assert {s.dots for s in styles} == {0, 1, 2}
    assert 0.1 < np.mean([s.dots > 0 for s in styles]) < 0.2
