"""Characters of other alphabets as people draw them: negatives of shapes that no list of ours has.

Some come from Omniglot (Lake, Salakhutdinov and Tenenbaum 2015, https://github.com/brendenlake/omniglot, MIT licence),
drawn online with a mouse, twenty people a character; others are traced from fonts
(`digitrec.learning.strokes.tracing`).

Some characters look like a digit in many hands, such as the Latin l. To call those negatives would teach the network to
doubt digits. A rule finds them: the recognizer that shipped before reads a share of their drawings, `LOOK_ALIKE`, as
the same digit, without doubt.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.learning.strokes.drawing import Style, draw_strokes
from digitrec.learning.strokes.printed_digits import part_of
from digitrec.learning.strokes.recordings import parse_points, plain_points, read_json_lines, write_json_lines
from digitrec.prediction import Prediction
from digitrec.recognizer import predict_batch

VALIDATION_ALPHABETS = ("Early_Aramaic",)
"""Recorded alphabets that serve validation; all others serve training, and none serves test."""

LOOK_ALIKE = 0.35
"""Share of a character's drawings that must be read as one digit for it to look like that digit."""


@dataclass(frozen=True, eq=False)
class Character:
    """A character as somebody drew it.

    Attributes:
        alphabet: Its alphabet.
        name: Its name, unique within the alphabet.
        strokes: Each of shape (points, 2), x and y with y down, in any unit.
        traced: Whether it is traced from a font, not recorded.
    """

    alphabet: str
    name: str
    strokes: list[NDArray[np.float64]]
    traced: bool = False

    @property
    def part(self) -> str:
        """The part that its alphabet serves: train, validation or, if it is traced, test."""
        if self.traced:
            return part_of(self.alphabet)
        return "validation" if self.alphabet in VALIDATION_ALPHABETS else "train"


def read_characters(path: str | Path) -> list[Character]:
    """Read characters: JSON objects with `alphabet`, `character` and `strokes`, one a line, gzipped if it ends so.

    Those that `training.trace_characters` wrote have `traced` as well.

    Raises:
        DatasetError: Unreadable, or a line that holds no character; the message names file and line.
    """
    return read_json_lines(
        path, _character, ("character", "characters"), "alphabet, character and strokes = [[[x, y], ...], ...]"
    )


def write_characters(characters: Iterable[Character], path: str | Path) -> None:
    """Write characters as `read_characters` reads them, whole or not at all; gzipped where the name ends in .gz."""
    write_json_lines(
        (
            {
                "alphabet": character.alphabet,
                "character": character.name,
                "traced": character.traced,
                "strokes": [plain_points(stroke) for stroke in character.strokes],
            }
            for character in characters
        ),
        path,
    )


def _character(value: dict[str, Any]) -> Character:
    return Character(
        str(value["alphabet"]), str(value["character"]), parse_points(value), bool(value.get("traced", False))
    )


def find_look_alikes(
    characters: Iterable[Character], read: Callable[[Sequence[NDArray[np.uint8]]], list[Prediction]] = predict_batch
) -> dict[tuple[str, str], int]:
    """The characters that look like a digit in at least `LOOK_ALIKE` of their drawings.

    Args:
        characters: Drawings of characters, several of each.
        read: Reads canvases; by default the shipped recognizer does.

    Returns:
        The digit each looks like, by alphabet and name.
    """
    drawings: dict[tuple[str, str], list[NDArray[np.uint8]]] = defaultdict(list)
    rng = np.random.default_rng(0)  # a plain style asks it for nothing
    for character in characters:
        drawings[character.alphabet, character.name].append(draw_strokes(character.strokes, Style(brush=14), rng))
    found = {}
    for name, canvases in drawings.items():
        digits = Counter(answer.digit for answer in read(canvases) if answer.is_digit)
        digit, count = digits.most_common(1)[0] if digits else (0, 0)
        if count >= LOOK_ALIKE * len(canvases):
            found[name] = digit
    return found


def without_look_alikes(characters: Sequence[Character]) -> list[Character]:
    """The characters that look like no digit."""
    found = find_look_alikes(characters)
    return [character for character in characters if (character.alphabet, character.name) not in found]
