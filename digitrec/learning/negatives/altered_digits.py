"""Non-digits made from digits: parts of one, several of them, one over another, mirrored or turned.

What remains must not be a digit itself: half an 8 is a 3, a mirrored 2 is a 5, a 0 above a 0 is an 8. So each kind
lists the digits it may be made from, and their least distance.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.errors import DatasetError
from digitrec.learning.negatives.source_digits import Canvas, SourceDigits, paste
from digitrec.learning.strokes.drawing import Style, draw_strokes
from digitrec.learning.strokes.handwriting import (
    Stroke,
    aspect,
    legible_style,
    path_length,
    perturb_strokes,
    resample,
)

TRIES = 2_000
"""Most digits tried until one becomes a non-digit when flipped or cut. One in ten or more does."""


def draw_close(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """Two or three digits as `draw_several` draws them, with ones that nearly touch their neighbours, as in 10."""
    return draw_several(rng, source, nearest_one=0.1)


def draw_several(rng: np.random.Generator, source: SourceDigits, nearest_one: float = 0.22) -> Canvas:
    """Two or three digits of one size, side by side or one above the other, touching or apart.

    Args:
        rng: Decides on everything.
        source: The digits.
        nearest_one: The least gap beside a 1, in units of the digits' height.
    """
    # A 1 touching a 0 is a 6 or a 9, a 0 upon a 0 an 8; a 1 upon a 1 a longer 1.
    stacked = rng.random() < 0.2
    count = 2 if stacked or rng.random() < 0.75 else 3
    among = "234567" if stacked else "0123456789"
    pen = source.choose_pen(rng)
    x = y = 0.0
    strokes: list[Stroke] = []
    images: list[tuple[NDArray[np.float64], float, float, float]] = []
    base = rng.uniform(0.05, 0.35) if stacked else max(rng.normal(0.12, 0.12), -0.04)
    if rng.random() < 0.2:
        base = rng.uniform(0.3, 0.9)
    last = -1
    for _ in range(count):
        height = rng.uniform(0.8, 1.2)
        label, drawing = source.random_recording(rng, among) if pen else source.random_image(rng, among)
        gap = max(base, nearest_one) if 1 in (label, last) else base
        if not (x == y == 0.0):
            x, y = (x, y + gap) if stacked else (x + gap, y)
        last = label
        if isinstance(drawing, list):
            points = height * np.concatenate(drawing)
            strokes += [height * stroke + (x, y + rng.normal(0, 0.04)) for stroke in drawing]
            wide, tall = points.max(0)
        else:
            wide, tall = height * drawing.shape[1] / drawing.shape[0], height
            images.append((drawing, x, max(0.0, y + rng.normal(0, 0.04)), height))
        x, y = (x, y + tall) if stacked else (x + wide, y)
    return draw_strokes(strokes, legible_style(strokes, rng, 0.3), rng) if pen else paste(images, rng)


def draw_overlaid(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """Two digits drawn over each other, a good way off; or one that has been crossed out."""
    # A 1 hides in the strokes of most digits, a 7 in a 2, all in a 0; and with 6, 8 or 9 much looks like an 8.
    one, other = [("2", "45"), ("4", "235"), ("5", "24"), ("7", "4"), ("3", "4")][rng.integers(5)]
    if source.recordings and rng.random() < 0.35:
        return _draw_crossed_out(rng, source)
    offset = np.array([rng.choice([-1, 1]) * rng.uniform(0.4, 0.6), rng.normal(0, 0.15)])
    corner = np.maximum(offset, 0), np.maximum(-offset, 0)
    if source.choose_pen(rng):
        drawn = [source.random_recording(rng, among)[1] for among in (one, other)]
        strokes = [stroke + corner[number] for number, digit in enumerate(drawn) for stroke in digit]
        return draw_strokes(strokes, legible_style(strokes, rng, 0.3), rng)
    inks = [source.random_image(rng, among)[1] for among in (one, other)]
    return paste([(ink, float(at[0]), float(at[1]), 1.0) for ink, at in zip(inks, corner, strict=True)], rng)


def _draw_crossed_out(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    label, digit = source.random_recording(rng, "0234568")  # a 7 and a 1 bear a stroke or two across them
    width = max(float(np.concatenate(digit)[:, 0].max()), 0.5)
    legs = int(rng.integers(7, 14))
    y = np.linspace(rng.uniform(0.0, 0.2), rng.uniform(0.7, 1.0), legs)
    x = np.where(np.arange(legs) % 2, width + 0.2, -0.2) + rng.normal(0, 0.08, legs)
    if label in (0, 2, 4) and rng.random() < 0.5:  # a cross over any other looks like an 8
        x, y = x[:4], np.array([0.0, 1.0, 0.0, 1.0]) + rng.normal(0, 0.06, 4)
        across = [np.array([[x[0], y[0]], [x[1], y[1]]]), np.array([[x[3], y[2]], [x[2], y[3]]])]
    else:
        across = [np.stack([x, y], axis=1)]
    strokes = digit + _perturb_lines(across, rng)
    return draw_strokes(strokes, legible_style(strokes, rng, 0.35), rng)


def _perturb_lines(lines: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Straight lines with a little bend and tremble, where they are."""
    return [resample(line + rng.normal(0, 0.02, line.shape), straight=bool(rng.integers(2))) for line in lines]


FLIPS = (
    ("mirrored", "3479"),
    ("upside down", "46"),
    ("turned", "34"),
    ("quarter", "3"),
)
"""What may be done to which digits so that none comes out.

Mirrored, a 2 is a 5 and a 5 a 2; 0, 1 and 8 stay. Upside down (the last row first) a 3 stays. Turned by 180 degrees,
a 6 is a 9; 2 and 5 stay. A mirrored 6, and a 9 upside down, is a 2 with a loop to some; a 7 on its head is a 1 with a
foot. A quarter turn lays a 3 on its side; a 2 with a loop is still a 2 then.
"""


def draw_flipped(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """A digit mirrored, upside down, turned by 180 degrees or lying on its side."""
    how, among = FLIPS[rng.choice(len(FLIPS), p=[0.42, 0.27, 0.24, 0.07])]
    quarter = int(rng.choice([1, 3]))
    matrix = {
        "mirrored": [[-1, 0], [0, 1]],
        "upside down": [[1, 0], [0, -1]],
        "turned": [[-1, 0], [0, -1]],
        "quarter": [[0, 2 - quarter], [quarter - 2, 0]],
    }[how]
    by_pen = source.choose_pen(rng)
    for _ in range(TRIES):
        if by_pen:
            label, strokes = source.random_recording(rng, among)
            strokes = [stroke @ np.array(matrix, float) for stroke in strokes]
            plain = draw_strokes(strokes, Style(size=24, brush=3), rng, canvas=28)
            rows, columns = np.flatnonzero((plain < 128).any(1)), np.flatnonzero((plain < 128).any(0))
            after = 1 - plain[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / 255
        else:
            label, before = source.random_image(rng, among)
            after = _transform(before, how, quarter)
        if _is_no_longer_a_digit(label, after, _transform(after, how, -quarter)):
            if by_pen:
                return draw_strokes(strokes, legible_style(strokes, rng, 0.6), rng)
            return paste([(after, 0.0, 0.0, 1.0)], rng)
    raise _no_digit_fits(source, "flipped")


def _is_no_longer_a_digit(label: int, after: NDArray[np.float64], before: NDArray[np.float64]) -> bool:
    """Whether a flipped digit can no longer be taken for one."""
    if label == 7:  # a narrow 7 is a 1 in the mirror
        return bool(after.shape[1] > 0.5 * after.shape[0])
    if label == 4:
        # Not one with its stem in the middle, which is a 4 in the mirror; nor one with its bar far down, which is a 7
        # with a serif once it is turned.
        stem = before[-(len(before) // 4 + 1) :].sum(0)
        stem_at = float((stem * np.arange(len(stem))).sum() / max(float(stem.sum()), 1e-6)) / len(stem)
        bar_at = float(before.sum(1).argmax()) / len(before)
        return stem_at > 0.5 and bar_at < 0.62 and bool(_correlation(after, before) < 0.4)
    return bool(_correlation(after, before) < 0.4)


def _transform(ink: NDArray[np.float64], how: str, quarter: int) -> NDArray[np.float64]:
    match how:
        case "mirrored":
            return ink[:, ::-1]
        case "upside down":
            return ink[::-1]
        case "turned":
            return ink[::-1, ::-1]
        case _:
            return np.rot90(ink, quarter)


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation of two inked images, each averaged down to a small square: 1 if they are alike."""
    small = [Image.fromarray(ink.astype(np.float32)).resize((8, 8), Image.Resampling.BOX) for ink in (one, other)]
    return float(np.corrcoef([np.asarray(image).ravel() for image in small])[0, 1])


def draw_fragment(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """A part of a pen recording that is a non-digit: an open bow or an angle, too wide for a 1."""
    for _ in range(TRIES):
        _, strokes = source.random_recording(rng, "0034")
        path = resample(max(strokes, key=len), straight=True, count=120)
        share = rng.uniform(0.3, 0.55)
        first = int(rng.uniform(0, 1 - share) * 120)
        part = [path[first : first + int(share * 120)]]
        unlike_a_digit = _is_too_wide_for_a_one(part[0]) and _is_open(part[0]) and not _resembles_a_digit(part[0])
        if unlike_a_digit and path_length(part) < 2.2:
            part = perturb_strokes(part, rng, 0.5)
            return draw_strokes(part, legible_style(part, rng, 0.8), rng)
    raise _no_digit_fits(source, "cut up")


def _no_digit_fits(source: SourceDigits, verb: str) -> DatasetError:
    return DatasetError(
        f"{TRIES} digits of the part {source.part} would still be digits when {verb}; give more of them, by more"
        " writers"
    )


def _is_too_wide_for_a_one(path: Stroke) -> bool:
    """Whether it is wide for its height: a bow must be nearly as wide as high, what is almost straight lie down."""
    chord = float(np.hypot(*(path[0] - path[-1])))
    straight = chord > 0.8 * float(np.hypot(*np.diff(path, axis=0).T).sum())
    return aspect([path]) > (1.8 if straight else 0.8)


def _is_open(path: Stroke) -> bool:
    """Whether the ends are far from each other, as those of a 0 or 6 that was not quite closed are not."""
    return bool(np.hypot(*(path[0] - path[-1])) > 0.85 * max(np.ptp(path, axis=0)))


def _resembles_a_digit(path: Stroke) -> bool:
    """Whether it is like a 7, a 2 without its foot or a 1; or, with a stem that hangs down, like an open 4."""
    low, extent = path.min(0), np.maximum(np.ptp(path, axis=0), 1e-6)
    unit = (path - low) / extent
    unit = unit if unit[0, 1] < unit[-1, 1] else unit[::-1]  # from its upper end to its lower
    to_the_right_above = bool(((unit[:, 0] > 0.6) & (unit[:, 1] < 0.4)).any())
    hangs_down = bool(unit[-1, 0] > 0.6 and unit[-1, 1] > 0.85 and unit[-len(unit) // 5, 1] < 0.75)
    return (to_the_right_above and bool(unit[-1, 1] > 0.75)) or (hangs_down and extent[1] > 0.4 * extent[0])
