"""Printed digits: fonts by part, and what is drawn in them."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest

import digitrec
from digitrec.errors import DatasetError
from digitrec.learning.strokes.printed_digits import Font, draw_printed_digits, find_fonts

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def test_a_family_serves_one_part_alone() -> None:
    parts = {part: {font.family for font in find_fonts([FONTS], part)} for part in ("train", "validation", "test")}
    assert all(parts.values())
    assert (
        not parts["train"] & parts["validation"] | parts["train"] & parts["test"] | parts["validation"] & parts["test"]
    )
    assert len({Font(path.stem[:3].lower(), path).part for path in FONTS.glob("DejaVu*.ttf")}) == 1


def test_fonts_without_digits_are_left_out() -> None:
    every = {font.path.stem for part in ("train", "validation", "test") for font in find_fonts([FONTS], part)}
    assert "DejaVuSans" in every
    assert not {"cmsy10", "cmex10", "STIXSizOneSymReg"} & every


def test_a_folder_without_fonts_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(DatasetError, match=r"none of the 1 fonts below .* serves the part train; install more"):
        find_fonts([tmp_path], "train")


def test_all_digits_are_drawn_alike_often_by_seed() -> None:
    fonts = find_fonts([FONTS], "train")
    few, many = list(draw_printed_digits(fonts, 10, seed=2)), list(draw_printed_digits(fonts, 20, seed=2))
    assert [label for label, _, _ in many] == 2 * list(range(10))
    for (_, font, canvas), (_, same_font, same) in zip(few, many, strict=False):
        assert font == same_font
        np.testing.assert_array_equal(canvas, same)
    assert all(canvas.shape == (280, 280) and canvas.min() < 128 for _, _, canvas in many)


def test_most_are_read_as_what_they_are() -> None:
    drawn = list(draw_printed_digits(find_fonts([FONTS], "train"), 100, seed=5))
    answers = digitrec.predict_batch([canvas for _, _, canvas in drawn])
    assert sum(answer.digit == label for answer, (label, _, _) in zip(answers, drawn, strict=True)) >= 88
