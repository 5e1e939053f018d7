"""Forms of digits that people are taught and that the recordings lack, as text: flat-topped sixes, barred sevens, ...

The recorded writers use few of the forms that are taught, and none writes as a calculator shows digits. Each form here
is a drawing in the notation of `digitrec.learning.negatives.letters`. Perturbed differently each time, the forms become
recordings like any others.
"""

from collections.abc import Iterator

import numpy as np

from digitrec.learning.strokes.handwriting import parse_strokes, perturb_strokes
from digitrec.learning.strokes.recordings import PenDigit

DIGIT_FORMS: dict[int, tuple[str, ...]] = {
    0: (
        "~ 50 0 20 14 8 50 22 90 52 100 82 86 92 46 78 10 50 0",
        "~ 62 4 30 4 8 44 24 92 62 96 90 54 76 12 48 4",  # closed from the right, with an overlap
        "~ 40 2 12 30 10 74 40 100 76 84 88 40 66 6 38 8 34 18",  # ends in a hook inside
        "~ 58 12 30 8 8 50 30 96 70 92 86 48 66 12 80 0 100 4",  # with a tail to the right
        "~ 42 2 14 30 14 80 50 100 86 78 90 30 62 2",  # open at the top, less than a U
        "o 50 50 34 50 -90 365 | - 16 92 86 6",  # slashed
        "o 50 50 38 50 -70 350 | - -2 104 104 -4",
        "o 50 50 34 50 -90 365 | - 30 70 70 30",
        "o 50 50 36 50 -90 365 | - 48 48 53 53",  # dotted
        "- 14 0 70 0 70 100 14 100 14 0",  # straight strokes; a square is a negative
        "- 34 0 66 0 82 26 82 76 66 100 32 100 16 74 16 24 34 0",
    ),
    1: (
        "- 50 0 50 100",
        "- 28 22 60 0 60 100",
        "- 8 40 62 0 62 100",
        "- 34 16 60 0 72 100",  # leans back
        "- 26 20 56 0 56 100 | - 18 100 92 100",
        "- 36 12 54 0 54 100 | - 30 101 80 99",
        "- 52 0 50 100 | - 14 100 88 100",
        "- 30 20 58 0 52 100 40 98",
        "~ 34 18 58 0 58 50 60 86 76 98 88 90",  # a hook at the foot
        "- 62 0 40 100",
        "- 14 36 78 0 40 100",  # a long flag on a slanted stem
    ),
    2: (
        "~ 8 24 28 0 66 4 78 30 54 62 8 100 | - 8 100 92 98",
        "~ 10 22 40 0 76 22 58 62 20 94 8 90 24 78 54 94 94 92",  # a loop at the foot
        "~ 6 16 40 0 74 14 66 46 10 100 | ~ 10 100 40 92 90 100",
        "- 4 4 80 4 80 50 4 50 4 100 80 100",
        "- 4 24 30 0 74 4 78 36 6 100 90 100",
        "~ 12 22 46 0 82 14 66 50 34 94 28 100 52 97",  # hardly a foot
    ),
    3: (
        "~ 12 12 46 0 76 22 44 46 | ~ 44 46 82 58 78 90 44 100 8 86",
        "- 10 0 80 0 42 42 | ~ 42 42 80 46 86 80 50 100 8 90",  # a flat top
        "- 8 2 82 0 36 44 84 66 58 98 6 94",  # a zigzag
        "- 6 0 84 0 44 46 86 100 4 98",
        "- 4 0 80 0 80 100 4 100 | - 20 50 80 50",
        "~ 16 6 60 0 78 20 56 44 36 48 64 50 86 72 66 98 10 92",
        "~ 42 32 14 26 28 2 74 6 76 34 46 46 80 62 80 88 40 100 10 90",  # begins inside, nearly a loop
        "~ 10 12 48 0 84 6 64 38 78 56 58 86 8 100",  # hardly a notch
        "- 4 6 84 2 60 42 76 58 20 100",
    ),
    4: (
        "- 40 0 6 60 90 60 | - 66 30 66 100",
        "- 62 100 62 0 4 66 92 66",
        "- 12 0 10 52 84 52 | - 80 0 80 100",
        "~ 20 0 10 30 12 54 40 58 84 52 | - 84 0 70 104",
        "- 70 0 4 70 94 70 | - 72 0 68 100",
        "- 70 0 4 62 78 66 58 100",  # a flash of lightning
        "- 66 0 10 76 84 70 | - 66 46 58 100",  # a short stem, low
        "- 74 4 10 50 68 50 78 0 42 100",  # closed, in one stroke
        "~ 30 0 8 30 30 56 78 44 | - 92 0 50 100",
    ),
    5: (
        "- 82 0 22 0 16 44 | ~ 16 44 50 34 84 58 76 90 40 100 8 88",
        "~ 22 4 18 42 50 38 84 60 70 94 34 100 8 88 | - 20 3 84 0",
        "- 80 0 4 0 4 48 80 48 80 100 4 100",
        "- 84 0 20 4 14 46 60 40 86 70 60 98 8 94",
        "~ 84 0 30 2 20 20 16 46 54 40 82 64 66 96 10 96",
        "~ 82 2 28 0 18 44 50 38 82 62 66 98 26 97 18 66",  # closed below, nearly a six
    ),
    6: (
        "- 80 0 16 0 8 56 | o 46 70 38 30 200 360",  # a flat top
        "- 70 0 14 2 4 60 | o 44 66 40 34 190 365",
        "- 80 0 22 0 12 40 8 76 | ~ 8 76 20 52 56 46 82 70 64 98 26 98 8 76",
        "~ 74 4 40 10 12 50 14 86 50 100 80 80 68 54 34 54 14 76",
        "- 40 0 6 72 | o 42 72 36 28 180 365",  # a straight stem
        "~ 66 0 24 30 8 70 30 100 70 92 74 62 44 52 12 70",
        "- 80 0 4 0 4 100 80 100 80 50 4 50",
        "- 6 0 6 100 80 100 80 52 6 52",
    ),
    7: (
        "- 2 2 82 0 32 100",
        "- 2 0 84 0 34 100 | - 22 52 74 46",
        "- 2 4 80 0 30 100 | - 30 60 62 40",  # a short, slanted bar
        "- 6 22 8 0 86 0 36 100",
        "~ 2 16 12 2 38 12 82 2 | ~ 82 2 54 46 36 100 | - 20 52 76 46",  # curly and barred
        "~ 0 18 8 0 30 8 60 12 84 0 58 48 40 100 | ~ 24 56 44 48 74 52",
        "~ 8 8 20 20 8 26 4 10 30 2 84 2 54 50 38 100 | - 24 54 72 50",  # a loop at the left
        "- 2 2 80 0 76 100",
        "- 4 0 80 0 80 100",
        "- 14 10 72 0 40 100",  # a short bar at the top
        "- 22 4 74 0 44 100",
        "~ 10 22 30 2 78 4 56 54 36 100 | - 14 74 92 66",  # a bar that sits low
    ),
    8: (
        "o 50 25 26 25 90 365 | o 50 75 34 26 -90 365",
        "~ 76 14 50 0 24 16 44 44 78 70 64 98 30 98 18 72 54 44 78 20 66 4",
        "~ 50 46 20 26 34 2 66 2 80 26 50 46 16 76 34 100 68 100 84 74 50 46",
        "- 4 0 80 0 80 100 4 100 4 0 | - 4 50 80 50",
        "- 8 0 84 0 8 100 84 100 8 0",
        "~ 76 4 44 16 44 40 34 74 18 100 12 92 30 70 66 36 88 12 76 4",  # slanted, hardly a loop below
        "~ 66 4 40 6 34 30 50 52 54 84 46 100 40 84 46 52 70 26 66 4",
        "~ 84 10 54 0 24 12 36 36 70 62 74 84 46 100 18 86 24 60 52 40 64 32",  # open above
    ),
    9: (
        "o 46 28 34 28 0 -365 | - 82 20 74 100",
        "o 62 22 16 22 0 -365 | - 78 16 74 100",  # a narrow loop
        "o 60 17 14 17 10 -370 | - 74 12 70 100",
        "~ 82 20 50 0 16 20 34 52 76 40 82 20 80 70 60 98 20 92",
        "~ 74 12 44 0 12 24 36 52 76 34 | - 82 4 74 102",  # a loop that is open at the right
        "~ 80 8 40 2 14 30 44 54 82 10 84 60 66 100",
        "- 80 48 6 48 6 0 80 0 80 100 6 100",
        "- 80 50 6 50 6 0 80 0 80 100",
        "~ 72 10 46 0 24 14 40 32 66 22 72 10 64 40 82 64 66 90 6 100",  # a small loop on a waved stem
        "~ 84 8 44 2 16 18 44 24 90 6 66 46 8 100",  # a flat loop, slanted
    ),
}
"""The forms of each digit. They add to the recordings and do not replace them."""


def draw_digit_forms(count: int, seed: int) -> Iterator[PenDigit]:
    """Draw recordings of the forms, each perturbed; all digits equally often, all forms of a digit equally often.

    Args:
        count: How many recordings.
        seed: The same seed draws the same ones, and a larger count begins with those of a smaller.

    Yields:
        Digits by the writers `form-0`, `form-1`, ..., numbered by the form's place in its row.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        label = number % 10
        form = int(rng.integers(len(DIGIT_FORMS[label])))
        drawing = DIGIT_FORMS[label][form]
        straight = all(part.split()[0] == "-" for part in drawing.split("|"))
        strokes = parse_strokes(drawing, rng, spread=float(rng.uniform(0.0, 0.03)))
        crisp = straight and bool(rng.integers(2))
        yield PenDigit(label, f"form-{form}", perturb_strokes(strokes, rng, float(rng.uniform(0.3, 1.0)), crisp=crisp))
