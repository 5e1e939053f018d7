"""Characters of other alphabets: read from a file, parted by alphabet, without those that look like a digit."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.negatives.alphabets import (
    Character,
    find_look_alikes,
    read_characters,
    without_look_alikes,
)

LINE = {
    "alphabet": "Greek",
    "character": "character01",
    "writer": "01",
    "strokes": [[[0, 0], [4, 9]], [[1, 1], [2, 2]]],
}
ANGLE = np.radians(np.linspace(0, 360, 60))
RING = np.stack([30 * np.cos(ANGLE), 50 * np.sin(ANGLE)], axis=1)
STAIRS = np.array([[0, 100], [0, 70], [30, 70], [30, 40], [60, 40], [60, 10], [95, 10], [95, 100], [0, 100]], float)


def test_a_file_is_read_with_or_without_gzip(tmp_path: Path) -> None:
    plain, packed = tmp_path / "characters.jsonl", tmp_path / "characters.jsonl.gz"
    plain.write_text(json.dumps(LINE) + "\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        (character,) = read_characters(path)
        assert (character.alphabet, character.name, character.part) == ("Greek", "character01", "train")
        assert [stroke.shape for stroke in character.strokes] == [(2, 2), (2, 2)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no characters in it"),
        ("not json\n", "line 1: no character"),
        (json.dumps(LINE) + "\n" + json.dumps({**LINE, "strokes": [[1, 2]]}) + "\n", r"line 2: .*\[x, y\]"),
        (json.dumps({"alphabet": "Greek"}) + "\n", "line 1: no character"),
    ],
)
def test_a_file_without_characters_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "characters.jsonl"
    path.write_text(text)
    with pytest.raises(DatasetError, match=said):
        read_characters(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file"):
        read_characters(tmp_path / "gone.jsonl")


def test_what_most_hands_draw_like_a_digit_looks_like_one() -> None:
    characters = [Character("Latin", "o", [RING]), Character("Latin", "o", [1.2 * RING])]
    characters += [Character("Own", "stairs", [STAIRS])] * 2
    assert find_look_alikes(characters) == {("Latin", "o"): 0}
    assert {character.name for character in without_look_alikes(characters)} == {"stairs"}


def test_one_alphabet_validates() -> None:
    assert Character("Early_Aramaic", "character01", [RING]).part == "validation"
    assert Character("Korean", "character01", [RING]).part == "train"
