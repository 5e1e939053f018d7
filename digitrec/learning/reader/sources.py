"""What scenes are composed of: hands that write digits, clutter, and cells of photographed sudokus, by part."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitrec.errors import DatasetError
from digitrec.learning.data.mnist import data_dir, load_mnist
from digitrec.learning.negatives.source_digits import source_digits
from digitrec.learning.reader.cells import Cell, read_cells
from digitrec.learning.reader.clutter import draw_characters, draw_clutter
from digitrec.learning.reader.hands import Hand, Ink, mnist_hand, pen_hands, printed_hands, segment_hands
from digitrec.learning.strokes.recordings import PenDigit, read_strokes
from digitrec.learning.strokes.suspects import drop_suspects
from digitrec.recognizer import shared_recognizer

PENDIGITS, UJI, OMNIGLOT = (
    "pendigits_train_strokes.jsonl.gz",
    "uji_digit_strokes.jsonl.gz",
    "omniglot_small1_strokes.jsonl.gz",
)
"""Files of recordings in the data folder; only the first must be there."""

UJI_HELD_BACK = 10
"""So many of the last of UJI's 60 writers serve validation, and those of Omniglot's from the 16th of 20 on."""

OMNIGLOT_HELD_BACK = ("16", "17", "18", "19", "20")

SHARES = {"pen": 0.55, "mnist": 0.2, "print": 0.25}
"""How often a number is written by each kind of hand."""


@dataclass(frozen=True, eq=False)
class Sources:
    """What the scenes of a part are composed of.

    Attributes:
        part: `train` or `validation`; no writer, MNIST image, font or word is in both.
        hands: By kind.
        clutter: Ink that is no digit.
        cells: Photographed sudoku cells.
    """

    part: str
    hands: dict[str, list[Hand]]
    clutter: list[Ink]
    cells: list[Cell]

    def hand(self, rng: np.random.Generator) -> Hand:
        """Any hand."""
        names = list(SHARES)
        hands = self.hands[names[rng.choice(len(names), p=list(SHARES.values()))]]
        return hands[rng.integers(len(hands))]


def load_sources(part: str, *, seed: int, clutter: int = 3_000, folder: Path | None = None) -> Sources:
    """Read recordings and images, and draw all of them once. Takes about a minute.

    Args:
        part: `train` or `validation`.
        seed: The same seed draws the same ink.
        clutter: How many negatives are drawn.
        folder: Where the recordings are; by default `data_dir()`.

    Raises:
        DatasetError: There are no pen digits.
    """
    folder = folder or data_dir()
    if folder is None or not (folder / PENDIGITS).is_file():
        raise DatasetError(
            f"no {PENDIGITS}: set DIGITREC_DATA_DIR to a folder that has it, or fetch it with:"
            " python -m training.fetch_strokes"
        )
    pen = drop_suspects(read_strokes(folder / PENDIGITS))
    source = source_digits(part, load_mnist(), pen)
    recordings = [*source.recordings, *_uji(folder / UJI, part)]
    characters = [
        one for one in _recordings(folder / OMNIGLOT) if (one.writer in OMNIGLOT_HELD_BACK) == (part == "validation")
    ]
    return Sources(
        part,
        {
            "pen": pen_hands(recordings, seed),
            "mnist": [mnist_hand(source.mnist)],
            "print": [*printed_hands(part), *(segment_hands() if part == "train" else ())],
        },
        draw_clutter(source, clutter, seed) + draw_characters(characters, shared_recognizer(), seed),
        read_cells(folder, part),
    )


def _uji(path: Path, part: str) -> list[PenDigit]:
    """UJI's recordings, two of each digit by each writer, in the writers' order; the file does not name them."""
    seen: Counter[int] = Counter()
    chosen = []
    for one in _recordings(path):
        writer = seen[one.label] // 2
        seen[one.label] += 1
        if (writer >= 60 - UJI_HELD_BACK) == (part == "validation"):
            chosen.append(PenDigit(one.label, f"uji-{writer}", one.strokes))
    return chosen


def _recordings(path: Path) -> list[PenDigit]:
    """Recordings of digits or other characters whose writer or label may not be named; none where there is no file."""
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [
        PenDigit(row.get("label", 0), str(row.get("writer", "")), [np.array(s, np.float64) for s in row["strokes"]])
        for row in rows
    ]
