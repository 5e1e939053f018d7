"""Pictures of non-digits, on which a network is trained and evaluated to doubt what is not a digit.

A registry of kinds, each a function that draws one on a canvas as a person would: letters, signs, scribbles, lines,
dots, words, digits side by side or mirrored, noise, scenes. Each canvas is then prepared as a picture that is
served: `ink_from`, then `FrameInk`. Training, validation and test draw on different fonts, writers, MNIST images, words
and, in part, signs.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import BlankImageError, DatasetError
from digitrec.ink import ink_from
from digitrec.learning.data.examples import Examples
from digitrec.learning.negatives import altered_digits, printed, scenes, scribbles
from digitrec.learning.negatives.alphabets import Character
from digitrec.learning.negatives.letters import LETTERS, WORD_LETTERS, WORDS
from digitrec.learning.negatives.signs import CRISP, FILLED, HELD_BACK, MARKS, SIGNS
from digitrec.learning.negatives.source_digits import PARTS, Canvas, SourceDigits
from digitrec.learning.strokes import handwriting
from digitrec.learning.strokes.drawing import draw_strokes, random_style
from digitrec.learning.strokes.rendering import CHUNK, frame_inks
from digitrec.training_rows import NOT_A_DIGIT


@dataclass(frozen=True, eq=False)
class Negatives:
    """Framed pictures of non-digits.

    Attributes:
        kinds: What each is, a name in `ALL_KINDS`.
        images: Shape (n, 28, 28), uint8, 0 background to 255 full ink.
    """

    kinds: list[str]
    images: NDArray[np.uint8]

    def examples(self) -> Examples:
        """The images with the label `NOT_A_DIGIT`."""
        return Examples(self.images, np.full(len(self.images), NOT_A_DIGIT, np.uint8))


def allowed_signs(part: str) -> list[str]:
    """The names of the letters and signs that a part draws: all but those held back for the other two."""
    withheld = {name for other, names in HELD_BACK.items() if other != part for name in names}
    return [name for name in (*LETTERS, *SIGNS) if name not in withheld]


def _letter_or_sign(rng: np.random.Generator, table: dict[str, tuple[str, ...]], part: str) -> Canvas:
    names = [name for name in allowed_signs(part) if name in table]
    name = names[rng.integers(len(names))]
    drawing = table[name][rng.integers(len(table[name]))]
    crisp = name in CRISP
    strokes = handwriting.parse_strokes(drawing, rng, spread=rng.uniform(0.0, 0.02 if crisp else 0.035))
    strokes = handwriting.perturb_strokes(strokes, rng, 0.5 if crisp else 1.0, crisp=crisp)
    filled = name in FILLED and rng.random() < 0.3
    return draw_strokes(strokes, handwriting.legible_style(strokes, rng), rng, filled=filled)


def _letter(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    return _letter_or_sign(rng, LETTERS, source.part)


def _sign(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    return _letter_or_sign(rng, SIGNS, source.part)


def _mark(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """A mark that is written next to digits: a tick, a question mark, an operator."""
    return _letter_or_sign(rng, MARKS, source.part)


def _character(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """A character of another alphabet, as a person drew it."""
    return _draw_character(rng, source.characters)


def _traced_character(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """A character of another alphabet, from a font."""
    return _draw_character(rng, source.traced)


def _draw_character(rng: np.random.Generator, characters: Sequence[Character]) -> Canvas:
    strokes = _random_character(rng, characters).strokes
    return draw_strokes(strokes, handwriting.legible_style(strokes, rng), rng)


def _compound_character(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """A character that no alphabet has: the strokes of two, one of them made smaller, over or beside each other."""
    characters = (*source.characters, *source.traced)
    strokes: list[handwriting.Stroke] = []
    while len(strokes) < 3:  # fewer may be a digit
        first, second = (_unit(_random_character(rng, characters).strokes) for _ in range(2))
        scale, place = rng.uniform(0.4, 1.0), rng.uniform(-0.2, 0.9, 2)
        strokes = [*first, *(scale * stroke + place for stroke in second)]
    return draw_strokes(strokes, handwriting.legible_style(strokes, rng, 0.4), rng)


def _random_character(rng: np.random.Generator, characters: Sequence[Character]) -> Character:
    return characters[int(rng.integers(len(characters)))]


def _unit(strokes: list[handwriting.Stroke]) -> list[handwriting.Stroke]:
    """The strokes in a unit of the longer side of their box, from its corner."""
    points = np.concatenate(strokes)
    return [(stroke - points.min(0)) / max(float(np.ptp(points, axis=0).max()), 1e-6) for stroke in strokes]


def _word(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    """A word, letter by letter along a line that is not quite straight."""
    words = WORDS[source.part]
    strokes: list[handwriting.Stroke] = []
    x = 0.0
    for letter in words[rng.integers(len(words))]:
        variants = WORD_LETTERS[letter]
        drawn = handwriting.parse_strokes(variants[rng.integers(len(variants))], rng, spread=0.03)
        place = np.array([x, rng.normal(0, 6)])
        strokes += [stroke + place for stroke in drawn]
        x = float(np.concatenate(strokes)[:, 0].max()) + rng.uniform(4, 26)
    strokes = handwriting.perturb_strokes(strokes, rng, 0.5)
    return draw_strokes(strokes, handwriting.legible_style(strokes, rng, 0.35), rng)


def _scribble(rng: np.random.Generator, _: SourceDigits) -> Canvas:
    strokes, style = scribbles.scribble(rng)
    return draw_strokes(strokes, style, rng)


def _wave(rng: np.random.Generator, _: SourceDigits) -> Canvas:
    strokes = scribbles.wave(rng)
    return draw_strokes(strokes, handwriting.legible_style(strokes, rng), rng)


def _line(rng: np.random.Generator, _: SourceDigits) -> Canvas:
    style = random_style(rng)
    return draw_strokes(scribbles.line(rng), dataclasses.replace(style, brush=min(style.brush, style.size / 7)), rng)


def _dot(rng: np.random.Generator, _: SourceDigits) -> Canvas:
    """A dot of any size down to a few pixels, or some of them; or a spot filled with ink."""
    if rng.random() < 0.4:
        style = dataclasses.replace(random_style(rng), slant=0.0)
        return draw_strokes([scribbles.blob(rng)], style, rng, filled=True)
    strokes = scribbles.dots(rng)
    brush = float(np.exp(rng.uniform(np.log(4), np.log(90))))
    span = float(np.ptp(np.concatenate(strokes), axis=0).max())
    style = dataclasses.replace(random_style(rng), size=min(span * brush, 250.0), brush=brush, slant=0.0)
    return draw_strokes(strokes, style, rng)


def _glyph(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    return printed.draw_glyph(source.part, rng)


def _printed_word(rng: np.random.Generator, source: SourceDigits) -> Canvas:
    return printed.draw_printed_word(source.part, rng)


def _noise(rng: np.random.Generator, _: SourceDigits) -> Canvas:
    return scenes.draw_noise(rng)


def _scene(rng: np.random.Generator, _: SourceDigits) -> Canvas:
    return scenes.draw_scene(rng)


Draws = Callable[[np.random.Generator, SourceDigits], Canvas]

KINDS: dict[str, tuple[float, Draws]] = {
    "letter": (0.17, _letter),
    "sign": (0.17, _sign),
    "printed sign": (0.09, _glyph),
    "word": (0.05, _word),
    "printed word": (0.03, _printed_word),
    "scribble": (0.13, _scribble),
    "wave": (0.02, _wave),
    "line": (0.03, _line),
    "dot": (0.04, _dot),
    "several digits": (0.09, altered_digits.draw_several),
    "overlaid digits": (0.03, altered_digits.draw_overlaid),
    "flipped digit": (0.06, altered_digits.draw_flipped),
    "fragment": (0.02, altered_digits.draw_fragment),
    "noise": (0.03, _noise),
    "scene": (0.04, _scene),
}
"""The kinds of negatives of every part: the share of each, and what draws one."""

FURTHER_KINDS: dict[str, tuple[float, Draws]] = {
    "mark": (0.05, _mark),
    "close digits": (0.05, altered_digits.draw_close),
    "character": (0.12, _character),
    "compound character": (0.03, _compound_character),
    "traced character": (0.5, _traced_character),
}
"""Kinds of training and validation, with shares relative to those of `KINDS`.

The test part goes without them, so that its figures remain comparable with those published before.
"""

ALL_KINDS = KINDS | FURTHER_KINDS


def draw_negative(kind: str, source: SourceDigits, rng: np.random.Generator) -> Canvas:
    """Draw one negative.

    Args:
        kind: A name in `ALL_KINDS`.
        source: The digits of the part it is for, from `source_digits`.
        rng: Decides on everything.

    Returns:
        Shape (280, 280), uint8, a grey picture as an app or a camera would hand it over; there is ink on it.
    """
    _, drawn_by = ALL_KINDS[kind]
    while True:
        canvas = drawn_by(rng, source)
        try:
            ink_from(canvas)
        except BlankImageError:  # a hairline that was averaged away
            continue
        return canvas


def draw_negatives(
    source: SourceDigits, count: int, seed: int, only: Sequence[str] = ()
) -> Iterator[tuple[str, Canvas]]:
    """Draw negatives of all kinds, mixed by their shares: pairs of kind and canvas, one at a time.

    The same seed draws the same ones, and a larger count begins with those of a smaller.

    Args:
        source: The digits and characters of the part they are for.
        count: How many.
        seed: Decides on everything.
        only: Names in `ALL_KINDS`: these kinds alone; without any, all that the part draws.

    Raises:
        DatasetError: There is no such kind, or no source of it.
    """
    kinds = _kinds_of(source, only or list(KINDS if source.part == "test" else ALL_KINDS))
    lacking = [name for name in only if name not in kinds]
    if lacking:
        raise DatasetError(
            f"no {', '.join(lacking)} can be drawn from these sources; those of the part {source.part} make"
            f" {', '.join(_kinds_of(source, list(ALL_KINDS)))}"
        )
    names = list(kinds)
    shares = np.array([share for share, _ in kinds.values()])
    for number in range(count):
        rng = np.random.default_rng([seed, PARTS.index(source.part), number])
        kind = names[rng.choice(len(names), p=shares / shares.sum())]
        yield kind, draw_negative(kind, source, rng)


def _kinds_of(source: SourceDigits, names: Sequence[str]) -> dict[str, tuple[float, Draws]]:
    """Those of some kinds that a part has the sources of."""
    lacking = set()
    if not source.recordings:
        lacking |= {"fragment"}
    if not source.characters:
        lacking |= {"character"}
    if not source.traced:
        lacking |= {"traced character"}
    if not (source.characters or source.traced):
        lacking |= {"compound character"}
    return {name: kind for name, kind in ALL_KINDS.items() if name in names and name not in lacking}


def render_negatives(source: SourceDigits, count: int, seed: int, only: Sequence[str] = ()) -> Negatives:
    """Draw negatives as `draw_negatives` does, and put them into MNIST's frame."""
    kinds: list[str] = []
    inks: list[NDArray[np.float32]] = []
    images: list[NDArray[np.uint8]] = []
    for kind, canvas in draw_negatives(source, count, seed, only):
        kinds.append(kind)
        inks.append(ink_from(canvas))
        if len(inks) == CHUNK or len(kinds) == count:
            images.append(frame_inks(inks))
            inks.clear()
    if not kinds:
        raise DatasetError(f"count is {count}; it must be at least 1")
    return Negatives(kinds, np.concatenate(images))
