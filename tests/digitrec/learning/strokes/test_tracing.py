"""Letters of many scripts: found in fonts, and traced along their middle lines."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest

import training.trace_characters
from digitrec.learning.negatives.alphabets import read_characters
from digitrec.learning.strokes.drawing import Style, draw_strokes
from digitrec.learning.strokes.tracing import Letter, find_letters, trace_letter

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
SANS = FONTS / "DejaVuSans.ttf"


def test_letters_of_scripts_are_found_but_no_signs_digits_or_familiar_letters() -> None:
    letters = find_letters([FONTS], 5, np.random.default_rng(0))
    scripts = {letter.script for letter in letters}
    assert {"Armenian", "Georgian", "Hebrew", "Tifinagh"} <= scripts
    assert not {"Latin", "Greek", "Cyrillic"} & scripts
    assert all(letter.sign.isalpha() and not letter.sign.isascii() for letter in letters)
    assert max(sum(letter.script == script for letter in letters) for script in scripts) == 5
    assert letters == find_letters([FONTS], 5, np.random.default_rng(0))


def test_files_that_are_no_fonts_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert find_letters([tmp_path], 5, np.random.default_rng(0)) == []


def traced(sign: str) -> list[np.ndarray]:
    return trace_letter(Letter("any", sign, SANS))


@pytest.mark.parametrize(("sign", "strokes"), [("I", 1), ("O", 1), ("S", 1), ("T", 2), ("X", 2), ("=", 2), ("i", 1)])
def test_a_branch_that_goes_straight_on_is_one_stroke(sign: str, strokes: int) -> None:
    assert len(traced(sign)) == strokes


def test_strokes_lie_along_the_middle_of_the_ink() -> None:
    (stroke,) = traced("I")
    assert np.ptp(stroke[:, 0]) < 3
    assert 110 < np.ptp(stroke[:, 1]) < 150  # a capital at 200 pixels is 146 high; half a width is lost at either end
    across, down = (points.reshape(-1) for points in np.array(traced("=")).transpose(2, 0, 1))
    assert np.ptp(across) > 80
    assert len(np.unique(np.rint(down / 10))) == 2


def test_a_letter_that_a_font_lacks_or_leaves_blank_has_no_strokes() -> None:
    assert traced(" ") == []


def test_what_is_traced_looks_like_the_letter() -> None:
    from digitrec import predict

    style, rng = Style(brush=16), np.random.default_rng(0)
    read = [predict(draw_strokes(traced(str(digit)), style, rng)).digit for digit in range(10)]
    assert read == list(range(10))


def test_the_command_writes_characters_with_a_part_for_each_script(tmp_path: Path, capsys) -> None:
    out = tmp_path / "scripts.jsonl.gz"
    arguments = [str(out), "--fonts", str(FONTS), "--letters", "2", "--drawings", "3", "--seed", "1"]
    assert training.trace_characters.main(arguments) == 0
    assert "drawings of letters of" in capsys.readouterr().out
    characters = read_characters(out)
    assert all(character.traced for character in characters)
    parts = {character.alphabet: character.part for character in characters}
    assert {"train", "validation", "test"} >= set(parts.values()) >= {"train", "validation"}
    names = [(character.alphabet, character.name) for character in characters]
    assert all(names.count(name) == 3 for name in names)
    first = out.read_bytes()
    assert training.trace_characters.main(arguments) == 0
    assert out.read_bytes() == first


def test_the_command_names_folders_without_letters(tmp_path: Path, capsys) -> None:
    assert training.trace_characters.main([str(tmp_path / "a.gz"), "--fonts", str(tmp_path)]) == 1
    assert f"no letters of other scripts in the fonts below {tmp_path}" in capsys.readouterr().err
    assert not (tmp_path / "a.gz").exists()
