"""Variation of recordings: what other writers do that the recorded ones did not.

People close a loop with an overshoot or leave it open, begin with a hook, slash or dot their zeros, put feet and flags
on their ones and bars on their sevens, write narrow loops on long stems, draw a loop together nearly to a line, slant
what they write, and underline it. Each variation keeps the label.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.strokes.recordings import PenDigit

Stroke = NDArray[np.float64]
"""Shape (points, 2), x and y with y down, in units of the digit's height or, where it is larger, its width."""

CLOSED = 0.3
"""Ends that are nearer to each other than this make a stroke a loop."""


def vary(digit: PenDigit, rng: np.random.Generator) -> PenDigit:
    """Vary a digit as another writer might have written it; about half of the digits stay as they are.

    Args:
        digit: A recording in any unit.
        rng: Decides what changes, and by how much.

    Returns:
        A recording of the same label, in a unit of its size.
    """
    points = np.concatenate(digit.strokes)
    low, size = points.min(0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    strokes = [(stroke - low) / size for stroke in digit.strokes]
    for chance, change in VARIATIONS[digit.label]:
        if rng.random() < chance:
            strokes = change(strokes, rng)
    return replace(digit, strokes=strokes)


def _close_with_overshoot(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Let a loop go on past its start, a little inside or outside of it."""
    loop = strokes[0]
    if not _is_loop(loop):
        return strokes
    share = rng.uniform(0.03, 0.2)
    again = loop[1 : max(3, int(share * len(loop)))]
    drift = rng.normal(0.0, 0.06, 2) * np.linspace(0.2, 1.0, len(again))[:, None]
    return [np.concatenate([loop, again + drift]), *strokes[1:]]


def _leave_a_gap(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """End a loop before it closes."""
    loop = strokes[0]
    if not _is_loop(loop):
        return strokes
    kept = max(4, int((1 - rng.uniform(0.03, 0.14)) * len(loop)))
    return [loop[:kept], *strokes[1:]]


def _begin_with_a_hook(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    return [_hooked(strokes[0][::-1], rng)[::-1], *strokes[1:]]


def _end_with_a_hook(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    return [*strokes[:-1], _hooked(strokes[-1], rng)]


def _hooked(path: Stroke, rng: np.random.Generator) -> Stroke:
    """The path with a short tick at its end, turned by a right angle to three quarters of a half turn."""
    inner = path[max(0, len(path) - 1 - max(2, len(path) // 10))]
    ahead = path[-1] - inner
    length = float(np.hypot(*ahead))
    if length < 1e-6:
        return path
    angle = rng.choice([-1, 1]) * np.radians(rng.uniform(70, 140))
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    tip = path[-1] + (ahead / length) @ turned * rng.uniform(0.06, 0.17)
    return np.concatenate([path, tip[None]])


def _slash(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Put a slash through a zero, from the lower left; within the loop or beyond it."""
    low, high = _box(strokes)
    reach = rng.uniform(-0.3, 0.15)
    start = np.array([low[0] - reach * (high - low)[0], high[1] + reach * (high - low)[1]])
    end = np.array([high[0] + reach * (high - low)[0], low[1] - reach * (high - low)[1]])
    line = np.stack([start, end]) + rng.normal(0.0, 0.03, (2, 2))
    return [*strokes, line]


def _dot(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Put a dot into a zero."""
    low, high = _box(strokes)
    middle = (low + high) / 2 + rng.normal(0.0, 0.04, 2)
    return [*strokes, np.stack([middle, middle + rng.normal(0.0, 0.03, 2)])]


def _add_a_foot(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Put a serif below a one."""
    bottom = _lowest(strokes)
    half = rng.uniform(0.12, 0.32, 2)
    tilt = rng.normal(0.0, 0.04)
    return [*strokes, np.array([[bottom[0] - half[0], bottom[1] + tilt], [bottom[0] + half[1], bottom[1] - tilt]])]


def _add_a_flag(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Begin a one that is a lone line with an upstroke."""
    stem = strokes[0] if strokes[0][0, 1] < strokes[0][-1, 1] else strokes[0][::-1]
    if len(strokes) > 1 or _width(strokes) > 0.3:
        return strokes
    angle, length = np.radians(rng.uniform(25, 60)), rng.uniform(0.12, 0.4)
    start = stem[0] + length * np.array([-np.cos(angle), np.sin(angle)])
    return [np.concatenate([start[None], stem])]


def _add_a_bar(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Cross a seven's stem with a bar."""
    if len(strokes) > 1:
        return strokes
    path = strokes[0]
    level = rng.uniform(0.42, 0.65)
    at = path[int(np.abs(path[:, 1] - level).argmin())]
    half, rise = rng.uniform(0.12, 0.28, 2), rng.normal(0.06, 0.08)
    return [*strokes, np.array([[at[0] - half[0], at[1] + rise], [at[0] + half[1], at[1] - rise]])]


def _narrow(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Squeeze the digit to half its width or more."""
    factor = np.array([rng.uniform(0.5, 0.9), 1.0])
    return [stroke * factor for stroke in strokes]


def _lengthen_the_stem_below(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Make the loop of a nine small against its stem."""
    return _stretch(strokes, rng.uniform(1.1, 1.8))


def _lengthen_the_stem_above(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Make the loop of a six small against its stem."""
    return _upside_down(_stretch(_upside_down(strokes), rng.uniform(1.1, 1.6)))


def _stretch(strokes: list[Stroke], factor: float) -> list[Stroke]:
    """Pull what lies below the upper half down, the farther the lower."""
    low, high = _box(strokes)
    middle = float(low[1] + 0.5 * (high - low)[1])
    stretched = []
    for stroke in strokes:
        below = np.maximum(stroke[:, 1] - middle, 0.0)
        stretched.append(np.stack([stroke[:, 0], stroke[:, 1] + (factor - 1) * below], axis=1))
    return stretched


def _pinch_below(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Draw the lower loop together."""
    return _pinch(strokes, rng.uniform(0.1, 0.7))


def _pinch_above(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Draw the upper loop together."""
    return _upside_down(_pinch(_upside_down(strokes), rng.uniform(0.2, 0.7)))


def _pinch(strokes: list[Stroke], factor: float) -> list[Stroke]:
    """Draw what lies below the middle together, to `factor` of its width, about the line along which it leans."""
    low, high = _box(strokes)
    height = max(float((high - low)[1]), 1e-6)
    middle = float(low[1] + 0.5 * height)
    points = np.concatenate(strokes)
    lower = points[points[:, 1] > middle]
    if len(lower) < 4:
        return strokes
    rise, start = np.polyfit(lower[:, 1], lower[:, 0], 1) if np.ptp(lower[:, 1]) > 0.1 else (0.0, lower[:, 0].mean())
    pinched = []
    for stroke in strokes:
        x, y = stroke.T
        depth = np.clip((y - middle) / (0.2 * height), 0.0, 1.0)
        pinched.append(np.stack([x + (1 - factor) * depth * (start + rise * y - x), y], axis=1))
    return pinched


def _slant(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Lean the digit, to the right by up to 31 degrees, or to the left by up to 14."""
    lean = rng.uniform(-0.25, 0.6)
    return [np.stack([stroke[:, 0] - lean * stroke[:, 1], stroke[:, 1]], axis=1) for stroke in strokes]


def _tilt(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Turn a zero, which stays one."""
    angle = np.radians(rng.uniform(-40, 40))
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [stroke @ turned for stroke in strokes]


def _underline(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Draw a line below the digit, which it does not touch."""
    low, high = _box(strokes)
    level = high[1] + rng.uniform(0.07, 0.3)
    beyond = np.maximum(rng.uniform(-0.05, 0.25, 2), 0.15 - _width(strokes) / 2)
    tilt = rng.normal(0.0, 0.02)
    left, right = low[0] - beyond[0], high[0] + beyond[1]
    return [*strokes, np.array([[left, level + tilt], [right, level - tilt]])]


def _upside_down(strokes: list[Stroke]) -> list[Stroke]:
    return [stroke * np.array([1.0, -1.0]) for stroke in strokes]


def _is_loop(stroke: Stroke) -> bool:
    return len(stroke) > 5 and bool(np.hypot(*(stroke[0] - stroke[-1])) < CLOSED)


def _box(strokes: list[Stroke]) -> tuple[Stroke, Stroke]:
    points = np.concatenate(strokes)
    return points.min(0), points.max(0)


def _width(strokes: list[Stroke]) -> float:
    low, high = _box(strokes)
    return float((high - low)[0])


def _lowest(strokes: list[Stroke]) -> Stroke:
    points = np.concatenate(strokes)
    lowest: Stroke = points[int(points[:, 1].argmax())]
    return lowest


Change = Callable[[list[Stroke], np.random.Generator], list[Stroke]]

UNDERLINED = (0.04, _underline)

VARIATIONS: dict[int, tuple[tuple[float, Change], ...]] = {
    0: (
        *((0.2, _close_with_overshoot), (0.12, _leave_a_gap), (0.12, _begin_with_a_hook), (0.1, _end_with_a_hook)),
        *((0.15, _tilt), (0.2, _narrow), (0.12, _slash), (0.04, _dot), UNDERLINED),
    ),
    1: (
        (0.12, _add_a_flag),
        (0.12, _add_a_foot),
        (0.1, _end_with_a_hook),
        (0.08, _begin_with_a_hook),
        (0.1, _slant),
        UNDERLINED,
    ),
    2: ((0.08, _begin_with_a_hook), (0.08, _end_with_a_hook), (0.2, _narrow), (0.2, _slant), UNDERLINED),
    3: ((0.08, _begin_with_a_hook), (0.08, _end_with_a_hook), (0.2, _narrow), (0.2, _slant), UNDERLINED),
    4: ((0.08, _end_with_a_hook), (0.2, _narrow), (0.2, _slant), UNDERLINED),
    5: ((0.08, _end_with_a_hook), (0.2, _narrow), (0.2, _slant), UNDERLINED),
    6: (
        (0.08, _begin_with_a_hook),
        (0.2, _narrow),
        (0.2, _lengthen_the_stem_above),
        (0.12, _pinch_below),
        (0.2, _slant),
        UNDERLINED,
    ),
    7: (
        (0.25, _add_a_bar),
        (0.12, _begin_with_a_hook),
        (0.08, _end_with_a_hook),
        (0.15, _narrow),
        (0.15, _slant),
        (0.08, _underline),
    ),
    8: (
        *((0.12, _leave_a_gap), (0.12, _close_with_overshoot), (0.2, _narrow)),
        *((0.2, _pinch_below), (0.1, _pinch_above), (0.25, _slant), UNDERLINED),
    ),
    9: (
        *((0.08, _end_with_a_hook), (0.3, _narrow), (0.25, _lengthen_the_stem_below)),
        *((0.15, _pinch_above), (0.25, _slant), UNDERLINED),
    ),
}
"""For each digit what may be changed, and the share of its recordings to which that happens."""
