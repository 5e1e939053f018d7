"""Many grey pictures at once: bit by bit what is found of each alone."""

import numpy as np
import pytest

from digitrec.detection.plain_pages import find_plain_pages
from digitrec.detection.second_look import is_canvas
from digitrec.errors import BlankImageError
from digitrec.ink import ink_from_pixels
from tests.support.drawings import drawing


def pages():
    """By what they are: dark, light and grey paper, faint ink, and three kinds that are looked at one by one."""
    ink = drawing(3, size=20, canvas=(32, 28), thickness=2)
    grey = np.full_like(ink, 90)
    grey[8:20, 9:15] = 200
    grey[10:12, 9:15] = 20
    noisy = ink.copy()
    noisy[0, ::2] = 9
    touching = np.roll(ink, 12, 0)
    return {
        "dark": ink,
        "light": 255 - ink,
        "grey": grey,
        "faint": ink // 8,
        "noisy": noisy,
        "touching": touching,
        "blank": np.full_like(ink, 7),
        "too faint": ink // 12,
    }


@pytest.mark.parametrize("name", pages())
def test_the_ink_is_that_of_each_alone(name):
    names = list(pages())
    found = find_plain_pages(list(pages().values()))
    picture, row = pages()[name], names.index(name)
    assert found.plain[row] == (name in ("dark", "light", "grey", "faint"))
    if found.plain[row]:
        expected = ink_from_pixels(picture)
        np.testing.assert_array_equal(found.inks[row], expected)
        assert found.inks.dtype == expected.dtype
        assert is_canvas(picture)


def test_a_page_without_ink_is_not_plain():
    assert not find_plain_pages([pages()["blank"]]).plain[0]
    with pytest.raises(BlankImageError):
        ink_from_pixels(pages()["blank"])


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2)])
def test_pictures_without_an_inside_have_no_ink(shape):
    assert not find_plain_pages([np.zeros(shape, np.uint8)] * 2).plain.any()


@pytest.mark.parametrize("picture", [np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5), np.float32)])
def test_pictures_of_another_kind_are_left_alone(picture):
    assert find_plain_pages([picture]) is None
