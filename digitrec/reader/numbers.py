"""Digits to numbers and lines of writing: what stands on one baseline, close enough and of one size, belongs together.

All distances are in units of the digits' height, so that nothing depends on the picture's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from digitrec.reader.reading import Box, ReadDigit, Reading, ReadNumber

FAR = 0.75
"""Gap between the boxes of two digits of a number, at most."""

FAR_ALONE = 1.1
"""The same on a line on which no gap is smaller: somebody who writes wide, not two numbers."""

WITH_POINT = 2.0
"""The same where a point stands between the two."""

UNEVEN = 0.6
"""How far up or down the next digit's middle may be."""

SIZES = 2.0
"""How many times as tall a digit may be as the one beside it."""


@dataclass(frozen=True)
class Sign:
    """A minus sign or a decimal point.

    Attributes:
        text: `-` or `.`.
        box: Where it is.
        score: 0 to 1.
    """

    text: str
    box: Box
    score: float


def join_digits(digits: Sequence[ReadDigit], signs: Sequence[Sign] = ()) -> Reading:
    """Join digits to numbers, and numbers to lines.

    Args:
        digits: In any order.
        signs: What may be a minus sign or a point. Those that stand where no such sign stands are left out.

    Returns:
        The reading. A minus between two digits ends the number on its left and belongs to the one on its right: `7-2`
        is read as `7 -2`. Several points are those of thousands, which the text leaves out (`1.000.000` is `1000000`,
        `1,234.56` is `1234.56`), or each of them parts two numbers: `12.5.24` is read as `12 5 24`.
    """
    minuses = [sign for sign in signs if sign.text == "-"]
    points = [sign for sign in signs if sign.text == "."]
    chains = [part for chain in _chains(digits, points) for part in _split_at_minuses(chain, minuses)]
    numbers = [number for chain in _split(chains, points) for number in _numbers(chain, minuses, points)]
    return Reading(tuple(tuple(line) for line in _lines(numbers)))


def _chains(digits: Sequence[ReadDigit], points: Sequence[Sign]) -> list[list[ReadDigit]]:
    """Runs of digits each of which is the nearest to the right of the one before."""
    follower: dict[int, int] = {}
    distances = sorted(
        (gap, one, other)
        for one, left in enumerate(digits)
        for other, right in enumerate(digits)
        if one != other and (gap := _gap(left.box, right.box, points)) is not None
    )
    taken: set[int] = set()
    for _, one, other in distances:
        if one not in follower and other not in taken:
            follower[one] = other
            taken.add(other)
    chains = []
    for start in range(len(digits)):
        if start in taken:
            continue
        chain, at = [digits[start]], start
        while at in follower:
            at = follower[at]
            chain.append(digits[at])
        chains.append(chain)
    return chains


def _gap(left: Box, right: Box, points: Sequence[Sign]) -> float | None:
    """Distance from a digit to one on its right, in heights; None if they cannot belong to one number.

    Where a point stands between them, it is the wider one of the distances on its two sides.
    """
    tall, other = left[3] - left[1], right[3] - right[1]
    height = max(tall, other)
    if max(tall, other) > SIZES * min(tall, other):
        return None
    middles = (left[0] + left[2]) / 2, (right[0] + right[2]) / 2
    gap = (right[0] - left[2]) / height
    uneven = abs((left[1] + left[3]) - (right[1] + right[3])) / 2 / height
    if middles[1] <= middles[0] or gap > WITH_POINT or gap < -0.6 or uneven > UNEVEN:
        return None
    for point in points:
        if _is_point(point.box, left, right, height):
            gap = min(gap, max(point.box[0] - left[2], right[0] - point.box[2]) / height)
    return gap + 0.5 * uneven if gap <= FAR_ALONE else None


def _split(chains: list[list[ReadDigit]], points: Sequence[Sign]) -> list[list[ReadDigit]]:
    """Cut chains where the gap is too wide for one number."""
    parts = []
    for chain in chains:
        gaps = [_gap(one.box, other.box, points) or 0.0 for one, other in pairwise(chain)]
        usual = float(np.median(gaps)) if gaps else 0.0
        part = chain[:1]
        for gap, digit in zip(gaps, chain[1:], strict=True):
            if gap > FAR and gap > 1.4 * usual:
                parts.append(part)
                part = []
            part.append(digit)
        parts.append(part)
    return parts


def _split_at_minuses(chain: list[ReadDigit], minuses: Sequence[Sign]) -> list[list[ReadDigit]]:
    """Cut a chain where a minus stands between two digits."""
    places = [
        at
        for at, (one, other) in enumerate(pairwise(chain), 1)
        if any(_parts(sign.box, one.box, other.box) for sign in minuses)
    ]
    return _cut(chain, places)


def _numbers(chain: list[ReadDigit], minuses: Sequence[Sign], points: Sequence[Sign]) -> list[ReadNumber]:
    """The number of a chain, or several where it has more points than one number can have.

    Each part of a date is a number by itself; with a point left out, two of them would be one that nobody wrote.
    """
    height = float(np.median([digit.box[3] - digit.box[1] for digit in chain]))
    before = [sign.box for sign in minuses if _is_minus(sign.box, chain[0].box, height)]
    minus = [max(before, key=lambda box: box[2])] if before else []  # in `-1-5` the first one is near the 5 too
    pointed = _find_points(chain, points, height)
    groups = _cut(chain, [at for at, _ in pointed])
    if len(groups) <= 2 or _are_thousands(groups):
        return [_number(groups, minus, [box for _, box in pointed])]
    return [_number([group], [] if place else minus) for place, group in enumerate(groups)]  # `-1.5` has one minus


def _find_points(chain: list[ReadDigit], points: Sequence[Sign], height: float) -> list[tuple[int, Box]]:
    """Places of the digits before which a point stands, and its box: that of the surest."""
    found = []
    for at, (one, other) in enumerate(pairwise(chain), 1):
        between = [sign for sign in points if _is_point(sign.box, one.box, other.box, height)]
        if between:
            found.append((at, max(between, key=lambda sign: sign.score).box))
    return found


def _cut(chain: list[ReadDigit], places: list[int]) -> list[list[ReadDigit]]:
    """A chain in parts that begin at its start and at these places, which ascend."""
    return [chain[start:end] for start, end in pairwise([0, *places, len(chain)])]


def _are_thousands(groups: list[list[ReadDigit]]) -> bool:
    """Whether points between three groups of digits or more group thousands: `1.000.000`, or `1,234.56` with decimals.

    A last group of less than three digits is the decimals; points and commas are not told apart. Dates and telephone
    numbers have other groups.
    """
    first, last = groups[0], groups[-1]
    return first[0].digit != 0 and len(first) <= 3 and len(last) <= 3 and all(len(one) == 3 for one in groups[1:-1])


def _number(groups: list[list[ReadDigit]], minus: Sequence[Box], points: Sequence[Box] = ()) -> ReadNumber:
    """The number of groups of digits with a point between each two. One point is a decimal point."""
    digits = [digit for group in groups for digit in group]
    parts = ["".join([str(digit.digit) for digit in group]) for group in groups]
    decimals = len(groups) == 2 or (len(groups) > 2 and len(groups[-1]) < 3)
    text = ("-" if minus else "") + "".join(parts[:-1]) + ("." if decimals else "") + parts[-1]
    box = _around([*[digit.box for digit in digits], *minus, *points])
    return ReadNumber(text, tuple(digits), box, float(np.prod([digit.confidence for digit in digits])))


def _is_minus(box: Box, first: Box, height: float) -> bool:
    """Whether a dash stands before a number, near it."""
    return _is_dash(box, first, height) and -0.15 < (first[0] - box[2]) / height < 0.8


def _parts(box: Box, left: Box, right: Box) -> bool:
    """Whether a dash stands between two digits, at the one or at the other."""
    height = max(left[3] - left[1], right[3] - right[1])
    inside = left[2] - 0.15 * height < box[0] and box[2] < right[0] + 0.15 * height
    return inside and _is_dash(box, right, height)


def _is_dash(box: Box, digit: Box, height: float) -> bool:
    """Whether a sign is at about half the height of a digit on its right, and as short as a minus sign is."""
    middle = ((box[1] + box[3]) / 2 - digit[1]) / (digit[3] - digit[1])
    wide, tall = (box[2] - box[0]) / height, (box[3] - box[1]) / height
    return 0.15 < middle < 0.85 and 0.12 < wide < 1.0 and tall < 0.5


def _is_point(box: Box, left: Box, right: Box, height: float) -> bool:
    """Whether a dot or a comma stands between two digits: low, and as small as one is found."""
    x, low = (box[0] + box[2]) / 2, max(left[3], right[3])
    between = (left[0] + left[2]) / 2 < x < (right[0] + right[2]) / 2
    small = box[2] - box[0] < 0.45 * height and box[3] - box[1] < 0.65 * height
    return between and small and low - 0.35 * height < (box[1] + box[3]) / 2 < low + 0.35 * height


def _around(boxes: Sequence[Box]) -> Box:
    low, high = np.min(boxes, 0), np.max(boxes, 0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _lines(numbers: list[ReadNumber]) -> list[list[ReadNumber]]:
    """Numbers to lines: each goes on the line whose last number ends at its height, or begins a new one."""
    lines: list[list[ReadNumber]] = []
    for number in sorted(numbers, key=lambda one: one.digits[0].box[0]):
        first = number.digits[0].box
        best, nearest = None, UNEVEN
        for line in lines:
            last = line[-1].digits[-1].box
            height = max(first[3] - first[1], last[3] - last[1])
            apart = abs((first[1] + first[3]) - (last[1] + last[3])) / 2 / height
            if apart < nearest and first[0] > last[0]:
                best, nearest = line, apart
        if best is None:
            lines.append([number])
        else:
            best.append(number)
    return sorted(lines, key=lambda line: line[0].digits[0].box[1] + line[0].digits[0].box[3])
