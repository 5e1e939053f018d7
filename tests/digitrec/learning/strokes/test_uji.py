"""UJI's pen characters: the format read, without UCI's own bytes."""

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.strokes import uji
from digitrec.learning.strokes.archives import recordings_in
from digitrec.learning.strokes.uji import UJI, parse_uji

HEADER = """\
// UJIpenchars2: comments say what
WORD a trn_UJI_W01-01
  NUMSTROKES 1
  POINTS 2 # 1 2 3 4
WORD \u00bf trn_UJI_W01-01
  NUMSTROKES 1
  POINTS 1 # 5 6
"""


def recording(label: int, writer: str, time: int) -> str:
    return f"WORD {label} {writer}-0{time}\n  NUMSTROKES 2\n  POINTS 2 # {label} 2 3 4\n  POINTS 1 # 5 -6\n"


WHOLE = HEADER + "".join(
    recording(label, writer, time)
    for label in range(10)
    for writer in ("trn_UJI_W01", "tst_UPV_W02")
    for time in (1, 2)
)


@pytest.fixture(autouse=True)
def two_writers(monkeypatch):
    monkeypatch.setattr(uji, "WRITERS", 2)


def test_digits_are_read_with_their_writers_and_strokes():
    digits = parse_uji(WHOLE.encode("latin-1"))
    assert len(digits) == 40
    assert {digit.writer for digit in digits} == {"UJI_W01", "UPV_W02"}
    assert [digit.label for digit in digits[:5]] == [0, 0, 0, 0, 1]
    assert [stroke.tolist() for stroke in digits[4].strokes] == [[[1, 2], [3, 4]], [[5, -6]]]
    assert all(stroke.dtype == np.float64 for digit in digits for stroke in digit.strokes)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("NUMSTROKES 2\n  POINTS 2 # 9", "NUMSTROKES 3\n  POINTS 2 # 9", "has 2 of 3 strokes"),
        ("POINTS 2 # 9 2 3 4", "POINTS 3 # 9 2 3 4", "line .*2 points where 3 were announced"),
        ("POINTS 2 # 9 2 3 4", "POINTS 2 # 9 2 3", "line "),
        ("POINTS 2 # 9 2 3 4", "<html>", "line .*'<html>' does not belong here"),
        (recording(7, "trn_UJI_W01", 2), "", "39 digits by 2 writers, not 2 of each of the ten digits by 2"),
        ("UPV_W02", "UJI_W01", "40 digits by 1 writers"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(old, new, message):
    assert old in WHOLE
    with pytest.raises(DatasetError, match=message):
        parse_uji(WHOLE.replace(old, new).encode("latin-1"))


def test_an_archive_without_the_file_is_refused():
    with pytest.raises(DatasetError, match=r"holds no ujipenchars2\.txt"):
        recordings_in(b"", UJI)
