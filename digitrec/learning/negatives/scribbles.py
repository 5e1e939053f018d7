"""Scribbles, waves, lines and dots, as strokes of a pen (see `digitrec.learning.strokes.handwriting`)."""

from collections.abc import Callable, Sequence

import numpy as np

from digitrec.learning.strokes.drawing import Style, random_style
from digitrec.learning.strokes.handwriting import POINTS, Stroke, aspect, legible_style, path_length, resample


def scribble(rng: np.random.Generator) -> tuple[list[Stroke], Style]:
    """A scribble of some kind, with more line in it than a digit has and wider than a 1; and a style to draw it in."""
    while True:
        kind = SCRIBBLES[rng.integers(len(SCRIBBLES))]
        strokes = kind(rng)
        if path_length(strokes) > LONGEST_DIGIT and aspect(strokes) > 0.6:
            break
    # Under a thick brush the round ones leave a ring, which is a 0.
    dense = kind in (_hatching, _curve, _angular) and path_length(strokes) > 9 and rng.random() < 0.5
    return strokes, random_style(rng) if dense else legible_style(strokes, rng, 0.6)


LONGEST_DIGIT = 5.0
"""Length of a long-winded 8's line, in units of its height; a curve through random points is a digit if shorter."""


def _curve(rng: np.random.Generator) -> list[Stroke]:
    return [resample(rng.uniform(0, 1, (rng.integers(7, 22), 2)), count=220)]


def _hatching(rng: np.random.Generator) -> list[Stroke]:
    count = int(rng.integers(6, 26))
    across = np.linspace(0, 1, count) + rng.normal(0, 0.01, count)
    down = np.where(np.arange(count) % 2, 1.0, 0.0) * rng.uniform(0.4, 1.0) + rng.normal(0, 0.07, count)
    points = np.stack([across * rng.uniform(0.7, 1.4), down], axis=1)
    return _rotate([resample(points, straight=bool(rng.integers(2)), count=200)], rng.uniform(-0.9, 0.9))


def _loops(rng: np.random.Generator) -> list[Stroke]:
    turns = rng.uniform(3.2, 9)
    t = np.linspace(0, 2 * np.pi * turns, 240)
    radius = rng.uniform(0.5, 1.0) * (1 + 0.25 * np.sin(t * rng.uniform(0.05, 0.4) + rng.uniform(0, 6)))
    x = rng.uniform(0.2, 0.5) * t / 3 + radius * np.sin(t)
    return _rotate([np.stack([x, radius * np.cos(t) * rng.uniform(0.6, 1.2)], axis=1)], rng.uniform(-0.4, 0.4))


def _tangle(rng: np.random.Generator) -> list[Stroke]:
    t = np.linspace(0, 2 * np.pi * rng.uniform(3, 9), 260)
    wobble = np.zeros_like(t)
    for _ in range(3):
        wobble += rng.normal(0, 1) * np.sin(t * rng.uniform(0.1, 1.9) + rng.uniform(0, 6))
    wobble *= rng.uniform(0.4, 0.7) / wobble.std()  # a circle drawn again and again is a 0
    return [np.stack([(1 + wobble) * np.cos(t), (1 + wobble) * np.sin(t * rng.uniform(0.9, 1.1))], axis=1)]


def _lissajous(rng: np.random.Generator) -> list[Stroke]:
    one, other = [(2, 3), (3, 4), (4, 5), (5, 2), (3, 2)][rng.integers(5)]
    t = np.linspace(0, 2 * np.pi, 240)
    phase = rng.uniform(-0.6, 0.6) / other  # further off, it runs back on itself
    return [np.stack([np.sin(one * t + phase), np.sin(other * t)], axis=1)]


def _random_walk(rng: np.random.Generator) -> list[Stroke]:
    heading = np.cumsum(rng.normal(0, rng.uniform(0.4, 1.2), rng.integers(25, 110)))
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * rng.uniform(0.4, 1.6, (len(heading), 1))
    path = np.cumsum(steps, axis=0)
    # A pen that leaves the page comes back: the walk is folded at its edges.
    side = np.sqrt(len(path)) * rng.uniform(0.6, 1.1)
    return [resample(np.abs((path + side) % (2 * side) - side), count=240)]


def _crossing_strokes(rng: np.random.Generator) -> list[Stroke]:
    """Many separate strokes, as in a character of an unknown script."""
    strokes = []
    for _ in range(rng.integers(5, 13)):
        start = rng.uniform(0, 1, 2)
        angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)]) + rng.normal(0, 0.12)
        end = start + rng.uniform(0.3, 0.9) * np.array([np.cos(angle), np.sin(angle)])
        strokes.append(resample(np.stack([start, (start + end) / 2 + rng.normal(0, 0.05, 2), end])))
    return strokes


def _spiral(rng: np.random.Generator) -> list[Stroke]:
    t = np.linspace(0, 1, 240)
    angle = 2 * np.pi * rng.uniform(2.4, 5.5) * t * rng.choice([-1, 1]) + rng.uniform(0, 6.3)
    radius = 0.04 + t ** rng.uniform(0.8, 1.2)
    return [np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)]


def _angular(rng: np.random.Generator) -> list[Stroke]:
    return [resample(rng.uniform(0, 1, (rng.integers(8, 20), 2)), straight=True, count=240)]


def _bursts(rng: np.random.Generator) -> list[Stroke]:
    """Strokes out of one middle, as a splash or a sun without a disc."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(7, 16)))
    reach = rng.uniform(0.5, 1.0, len(angle))
    inner = rng.uniform(0.0, 0.4)
    ends = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [resample(np.stack([inner * e, r * e]), straight=True) for e, r in zip(ends, reach, strict=True)]


SCRIBBLES: tuple[Callable[[np.random.Generator], list[Stroke]], ...] = (
    _curve, _curve, _hatching, _loops, _tangle, _lissajous, _random_walk, _crossing_strokes, _spiral, _angular, _bursts,
)  # fmt: skip


def wave(rng: np.random.Generator) -> list[Stroke]:
    """A wave or zigzag across the page, of at least a period and a half."""
    periods = rng.uniform(1.5, 7)
    t = np.linspace(0, periods, 240)
    smooth = np.sin(2 * np.pi * t)
    height = smooth if rng.integers(2) else 2 / np.pi * np.arcsin(smooth)
    return _rotate([np.stack([t / periods * rng.uniform(1.5, 5), height * 0.5], axis=1)], rng.normal(0, 0.15))


def line(rng: np.random.Generator) -> list[Stroke]:
    """One to four lines across the page, nearer to level than any 1 leans."""
    angle = rng.normal(0.0, 0.12) if rng.integers(2) else rng.uniform(-0.42, 0.6)  # a 1 leans to the right
    count = int(rng.choice([1, 1, 1, 2, 3, 4]))
    strokes = []
    for number in range(count):
        x = np.linspace(0, 1, POINTS) * rng.uniform(0.85, 1.0) + rng.normal(0, 0.03)
        bow = rng.normal(0, 0.05) * np.sin(np.pi * x) + rng.normal(0, 0.01) * np.sin(3 * np.pi * x)
        strokes.append(np.stack([x, bow + number * rng.uniform(0.12, 0.3)], axis=1))
    return _rotate(strokes, angle)


def dots(rng: np.random.Generator) -> list[Stroke]:
    """A dot, mostly one: a tap, or a little round on one spot; to be drawn with a brush as wide as the dot itself."""
    count = int(rng.choice([1, 1, 1, 1, 2, 3, 5, 9]))
    in_a_row = count < 4 or rng.integers(2)  # two, one above the other, are an 8 whose holes have run full
    spots = rng.uniform(0, 1, (count, 2)) * ([8.0, 1.0] if in_a_row else [6.0, 6.0])
    t = np.linspace(0, 2 * np.pi * rng.uniform(0.3, 2), 12)
    reach = rng.uniform(0.0, 0.25)
    return [spot + reach * np.stack([np.cos(t), rng.uniform(0.3, 1.0) * np.sin(t)], axis=1) for spot in spots]


def blob(rng: np.random.Generator) -> Stroke:
    """The outline of a spot of ink, to be filled: round, bulging or with corners, no narrower than high."""
    if rng.random() < 0.25:
        angle = np.sort(2 * np.pi * (np.arange(rng.integers(3, 9)) + rng.uniform(0, 0.8)))
        angle = angle / len(angle) + rng.uniform(0, 6.3)
        radius = rng.uniform(0.6, 1.0, len(angle))
        return np.stack([radius * np.cos(angle) * rng.uniform(1.1, 2.0), radius * np.sin(angle)], axis=1)
    t = np.linspace(0, 2 * np.pi, 120)
    bulge = np.zeros_like(t)
    for k in range(2, 7):
        bulge += rng.normal(0, 0.16 / k) * np.sin(k * t + rng.uniform(0, 6.3))
    radius = 1 + rng.choice([0.0, 0.3, 1.0]) * bulge
    return np.stack([radius * np.cos(t) * rng.uniform(1.0, 2.0), radius * np.sin(t)], axis=1)


def _rotate(strokes: Sequence[Stroke], angle: float) -> list[Stroke]:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [stroke @ turn for stroke in strokes]
