"""What people draw that is no digit, as strokes of a pen: signs in a human hand, scribbles, lines and dots.

Strokes are arrays of shape (points, 2), x and y with y down, in any unit; `digitrec.learning.strokes` draws them.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.drawing import Style, random_style

Stroke = NDArray[np.float64]

POINTS = 48
"""Points of a stroke, however long: close enough for its corners to round and its line to tremble."""


def parse(drawing: str, rng: np.random.Generator | None = None, spread: float = 0.0) -> list[Stroke]:
    """The strokes of a drawing in the notation of `digitrec.learning.symbols`.

    Args:
        drawing: The text.
        rng: Where the spread of the points comes from.
        spread: Standard deviation by which each point of the text is off, as a share of the drawing's height.

    Returns:
        The strokes, of `POINTS` points each.
    """
    strokes = []
    for text in drawing.split("|"):
        kind, *numbers = text.split()
        values = np.array(numbers, float)
        points = _arc(*values) if kind == "o" else values.reshape(-1, 2)
        if rng is not None and kind != "o":
            points = points + rng.normal(0.0, 100 * spread, points.shape)
        strokes.append(along(points, straight=kind == "-"))
    return strokes


def _arc(x: float, y: float, across: float, down: float, start: float, sweep: float) -> Stroke:
    angle = np.radians(start + np.linspace(0.0, sweep, POINTS))
    return np.stack([x + across * np.cos(angle), y + down * np.sin(angle)], axis=1)


def along(points: Stroke, *, straight: bool = False, count: int = POINTS) -> Stroke:
    """Points close together along a line or a smooth curve (centripetal enough: Catmull-Rom) through some points."""
    if not straight and len(points) > 2:
        ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
        t = np.linspace(0.0, 1.0, 12, endpoint=False)[:, None]
        pieces = [
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
        ]
        points = np.concatenate([*pieces, points[-1:]])
    steps = np.hypot(*np.diff(points, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.linspace(0.0, travelled[-1], count)
    return np.stack([np.interp(even, travelled, points[:, axis]) for axis in range(2)], axis=1)


def by_hand(
    strokes: Sequence[Stroke], rng: np.random.Generator, wildness: float = 1.0, *, crisp: bool = False
) -> list[Stroke]:
    """The strokes as a hand would draw them: each a little off, corners rounded, the whole bent, stretched and turned.

    Args:
        strokes: What was meant.
        rng: Where the hand's whims come from.
        wildness: 0 for exactly what was meant, 1 for how people draw.
        crisp: Whether corners stay corners.

    Returns:
        As many strokes, of the same numbers of points, in a unit of the longer side.
    """
    points = np.concatenate(strokes)
    low, span = points.min(0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    stretch = np.exp(wildness * rng.normal(0.0, [0.12, 0.05]))
    turn = wildness * rng.normal(0.0, 0.08)
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    wave = wildness * rng.normal(0.0, 0.018, (2, 2, 2))  # which axis moves, along which, at which frequency
    phase = rng.uniform(0.0, 2 * np.pi, (2, 2, 2))
    roundness = 0 if crisp else int(rng.integers(0, 3))
    drawn = []
    for stroke in strokes:
        path = _past_its_ends((stroke - low) / span, wildness * rng.normal(0.0, 0.03, 2))
        middle = path.mean(0)
        path = middle + (path - middle) * np.exp(wildness * rng.normal(0.0, 0.04, 2)) @ turned
        path = _rounded(path + wildness * rng.normal(0.0, 0.018, 2), roundness)
        bent = path.copy()
        for axis in range(2):
            for other in range(2):
                for frequency in range(2):
                    angle = np.pi * (frequency + 1) * path[:, other] + phase[axis, other, frequency]
                    bent[:, axis] += wave[axis, other, frequency] * np.sin(angle)
        drawn.append((bent - 0.5) @ turned * stretch)
    return drawn


def _past_its_ends(path: Stroke, further: NDArray[np.float64]) -> Stroke:
    """A line drawn a little too far, or not far enough, at both ends."""
    path = path.copy()
    for end, inner, far in ((0, 3, further[0]), (-1, -4, further[1])):
        outwards = path[end] - path[inner]
        path[end] += outwards / max(float(np.hypot(*outwards)), 1e-6) * far
    return path


def _rounded(path: Stroke, width: int) -> Stroke:
    if width == 0:
        return path
    padded = np.pad(path, ((width, width), (0, 0)), mode="edge")
    kernel = np.ones(2 * width + 1) / (2 * width + 1)
    return np.stack([np.convolve(padded[:, axis], kernel, "valid") for axis in range(2)], axis=1)


def legible_style(strokes: Sequence[Stroke], rng: np.random.Generator, covered: float = 0.5) -> Style:
    """A style as `random_style` draws them, with a brush that leaves the drawing's holes open.

    Under too thick a brush any sign becomes a blob, and some blobs look like digits.

    Args:
        strokes: What is to be drawn.
        rng: Where the style comes from.
        covered: Share of the drawing's box that ink may cover.
    """
    style = random_style(rng)
    points = np.concatenate(strokes)
    extent = np.ptp(points, axis=0) / max(float(np.ptp(points, axis=0).max()), 1e-6)
    length = path_length(strokes)
    thickest = min(0.25, covered * max(float(extent.prod()), 0.1) / max(length, 1e-6)) * style.size
    return dataclasses.replace(style, brush=float(np.exp(rng.uniform(0.0, np.log(max(thickest, 1.5))))))


def path_length(strokes: Sequence[Stroke]) -> float:
    """How far the pen goes, in units of the longer side of the box around its path."""
    points = np.concatenate(strokes)
    span = max(float(np.ptp(points, axis=0).max()), 1e-6)
    return float(sum(np.hypot(*np.diff(stroke, axis=0).T).sum() for stroke in strokes)) / span


def aspect(strokes: Sequence[Stroke]) -> float:
    """Width of the box around the strokes as a multiple of its height."""
    width, height = np.ptp(np.concatenate(strokes), axis=0)
    return float(width / max(float(height), 1e-6))


def scribble(rng: np.random.Generator) -> list[Stroke]:
    """A scribble of some kind, with more line in it than a digit has and wider than a 1."""
    while True:
        strokes = SCRIBBLES[rng.integers(len(SCRIBBLES))](rng)
        if path_length(strokes) > LONGEST_DIGIT and aspect(strokes) > 0.6:
            return strokes


LONGEST_DIGIT = 5.0
"""Length of a long-winded 8's line, in units of its height; a curve through random points is a digit if shorter."""


def _curve(rng: np.random.Generator) -> list[Stroke]:
    return [along(rng.uniform(0, 1, (rng.integers(7, 22), 2)), count=220)]


def _hatching(rng: np.random.Generator) -> list[Stroke]:
    count = int(rng.integers(6, 26))
    across = np.linspace(0, 1, count) + rng.normal(0, 0.01, count)
    down = np.where(np.arange(count) % 2, 1.0, 0.0) * rng.uniform(0.4, 1.0) + rng.normal(0, 0.07, count)
    points = np.stack([across * rng.uniform(0.7, 1.4), down], axis=1)
    return _turned([along(points, straight=bool(rng.integers(2)), count=200)], rng.uniform(-0.9, 0.9))


def _loops(rng: np.random.Generator) -> list[Stroke]:
    turns = rng.uniform(3.2, 9)
    t = np.linspace(0, 2 * np.pi * turns, 240)
    radius = rng.uniform(0.5, 1.0) * (1 + 0.25 * np.sin(t * rng.uniform(0.05, 0.4) + rng.uniform(0, 6)))
    x = rng.uniform(0.12, 0.5) * t / 3 + radius * np.sin(t)
    return _turned([np.stack([x, radius * np.cos(t) * rng.uniform(0.6, 1.2)], axis=1)], rng.uniform(-0.4, 0.4))


def _tangle(rng: np.random.Generator) -> list[Stroke]:
    t = np.linspace(0, 2 * np.pi * rng.uniform(3, 9), 260)
    wobble = sum(rng.normal(0, 1) * np.sin(t * rng.uniform(0.1, 1.9) + rng.uniform(0, 6)) for _ in range(3))
    wobble *= rng.uniform(0.3, 0.6) / np.std(wobble)  # a circle drawn again and again is a 0
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
    return [along(np.abs((path + side) % (2 * side) - side), count=240)]


def _crossing_strokes(rng: np.random.Generator) -> list[Stroke]:
    """Many separate strokes, as in a character of a script nobody knows."""
    strokes = []
    for _ in range(rng.integers(5, 13)):
        start = rng.uniform(0, 1, 2)
        angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)]) + rng.normal(0, 0.12)
        end = start + rng.uniform(0.3, 0.9) * np.array([np.cos(angle), np.sin(angle)])
        strokes.append(along(np.stack([start, (start + end) / 2 + rng.normal(0, 0.05, 2), end])))
    return strokes


def _spiral(rng: np.random.Generator) -> list[Stroke]:
    t = np.linspace(0, 1, 240)
    angle = 2 * np.pi * rng.uniform(2.4, 5.5) * t * rng.choice([-1, 1]) + rng.uniform(0, 6.3)
    radius = 0.04 + t ** rng.uniform(0.8, 1.2)
    return [np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)]


def _angular(rng: np.random.Generator) -> list[Stroke]:
    return [along(rng.uniform(0, 1, (rng.integers(8, 20), 2)), straight=True, count=240)]


def _bursts(rng: np.random.Generator) -> list[Stroke]:
    """Strokes out of one middle, as a splash or a sun without a disc."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(7, 16)))
    reach = rng.uniform(0.5, 1.0, len(angle))
    inner = rng.uniform(0.0, 0.4)
    ends = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [along(np.stack([inner * e, r * e]), straight=True) for e, r in zip(ends, reach, strict=True)]


SCRIBBLES: tuple[Callable[[np.random.Generator], list[Stroke]], ...] = (
    _curve, _curve, _hatching, _loops, _tangle, _lissajous, _random_walk, _crossing_strokes, _spiral, _angular, _bursts,
)  # fmt: skip


def wave(rng: np.random.Generator) -> list[Stroke]:
    """A wave or zigzag across the page, of at least a period and a half."""
    periods = rng.uniform(1.5, 7)
    t = np.linspace(0, periods, 240)
    smooth = np.sin(2 * np.pi * t)
    height = smooth if rng.integers(2) else 2 / np.pi * np.arcsin(smooth)
    return _turned([np.stack([t / periods * rng.uniform(1.5, 5), height * 0.5], axis=1)], rng.normal(0, 0.15))


def line(rng: np.random.Generator) -> list[Stroke]:
    """One to four lines across the page, nearer to level than any 1 leans."""
    angle = rng.normal(0.0, 0.12) if rng.integers(2) else rng.uniform(-0.42, 0.6)  # a 1 leans to the right
    count = int(rng.choice([1, 1, 1, 2, 3, 4]))
    strokes = []
    for number in range(count):
        x = np.linspace(0, 1, POINTS) * rng.uniform(0.85, 1.0) + rng.normal(0, 0.03)
        bow = rng.normal(0, 0.05) * np.sin(np.pi * x) + rng.normal(0, 0.01) * np.sin(3 * np.pi * x)
        strokes.append(np.stack([x, bow + number * rng.uniform(0.12, 0.3)], axis=1))
    return _turned(strokes, angle)


def dots(rng: np.random.Generator) -> list[Stroke]:
    """A dot, mostly one: a tap, or a little round on one spot; to be drawn with a brush as wide as the dot itself."""
    count = int(rng.choice([1, 1, 1, 1, 2, 3, 5, 9]))
    spots = rng.uniform(0, 1, (count, 2)) * ([6.0, 6.0] if rng.integers(2) else [8.0, 1.0])
    t = np.linspace(0, 2 * np.pi * rng.uniform(0.3, 2), 12)
    reach = rng.uniform(0.0, 0.25)
    return [spot + reach * np.stack([np.cos(t), rng.uniform(0.3, 1.0) * np.sin(t)], axis=1) for spot in spots]


def blob(rng: np.random.Generator) -> Stroke:
    """The outline of a spot of ink, to be filled: round or bulging, no narrower than high."""
    t = np.linspace(0, 2 * np.pi, 120)
    bulge = sum(rng.normal(0, 0.16 / k) * np.sin(k * t + rng.uniform(0, 6.3)) for k in range(2, 7))
    radius = 1 + rng.choice([0.0, 0.3, 1.0]) * bulge
    return np.stack([radius * np.cos(t) * rng.uniform(1.0, 2.0), radius * np.sin(t)], axis=1)


def _turned(strokes: Sequence[Stroke], angle: float) -> list[Stroke]:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [stroke @ turn for stroke in strokes]
