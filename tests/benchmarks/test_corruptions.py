"""The fifteen corruptions of MNIST-C. What each looks like was judged by eye; here is what can be counted."""

import numpy as np
import pytest

from benchmarks.accuracy.corruptions import CORRUPTIONS, corrupt
from benchmarks.accuracy.plasma import plasma

NAMES = [
    *("shot_noise", "impulse_noise", "glass_blur", "motion_blur", "shear", "scale", "rotate", "brightness"),
    *("translate", "stripe", "fog", "spatter", "dotted_line", "zigzag", "canny_edges"),
]
WITHOUT_CHANCE = {"scale", "brightness", "stripe", "canny_edges"}


def sevens(count=12):
    """A seven, drawn with soft edges, many times."""
    image = np.zeros((28, 28), np.uint8)
    image[6:8, 8:20] = 255
    for row in range(8, 23):
        image[row, 18 - row // 2 + 4 : 20 - row // 2 + 4] = 255, 160
    return np.repeat(image[None], count, 0)


def corrupted(name, images, seed=0):
    return CORRUPTIONS[name](images, np.random.default_rng(seed))


def test_corruptions_are_the_fifteen_of_mnist_c():
    assert list(CORRUPTIONS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_image_changes_and_stays_an_image(name):
    images = sevens()
    before = images.copy()
    result = corrupted(name, images)
    np.testing.assert_array_equal(images, before)
    assert (result.shape, result.dtype) == (images.shape, np.uint8)
    assert (result != images).any((1, 2)).all()
    assert (result.max((1, 2)) > result.min((1, 2))).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_images_and_each_image_draws_of_its_own(name):
    images = sevens()
    one = corrupted(name, images)
    np.testing.assert_array_equal(one, corrupted(name, images))
    np.testing.assert_array_equal(corrupt(name, images, 3), corrupt(name, images, 3))
    chance = (corrupted(name, images, 1) != one).any() and len(np.unique(one, axis=0)) > 1
    assert chance == (name not in WITHOUT_CHANCE)


@pytest.mark.parametrize("name", NAMES)
def test_one_image_is_enough(name):
    assert corrupted(name, sevens(1)).shape == (1, 28, 28)


def test_noise_is_as_strong_as_published():
    gray = np.full((200, 28, 28), 128, np.uint8)
    shots = corrupted("shot_noise", gray)
    assert set(np.unique(shots)) == {0, 85, 170, 255}  # photons of three
    assert (shots == 0).mean() == pytest.approx(np.exp(-3 * 128 / 255), abs=0.01)
    assert (corrupted("impulse_noise", gray) != 128).mean() == pytest.approx(0.17, abs=0.005)


def test_a_motion_smears_to_one_side_and_loses_no_ink():
    dot = np.zeros((50, 28, 28), np.uint8)
    dot[:, 14, 20] = 255
    smeared = corrupted("motion_blur", dot).astype(float)
    assert smeared.sum((1, 2)) == pytest.approx(255, rel=0.03)
    assert not smeared[:, :, 21:].any()
    assert {image.any(1).nonzero()[0].min() < 14 for image in smeared} == {True, False}  # some up, some down


def test_geometry_goes_about_the_middle_by_the_published_amounts():
    bar = np.zeros((40, 28, 28), np.uint8)
    bar[:, 4:24, 13:15] = 255
    rows, columns = np.mgrid[:28, :28]

    def moments(image):
        mass = image / image.sum()
        y, x = (mass * rows).sum(), (mass * columns).sum()
        return y, x, (mass * (rows - y) ** 2).sum(), (mass * (rows - y) * (columns - x)).sum()

    for name, tangent in (("shear", np.sin(0.4)), ("rotate", np.tan(0.4))):
        found = [moments(image) for image in corrupted(name, bar)]
        for y, x, upright, slant in found:
            assert (y, x) == pytest.approx((13.5, 13.5), abs=0.1)
            assert abs(slant / upright) == pytest.approx(tangent, rel=0.06)
        assert {slant > 0 for *_, slant in found} == {True, False}
    block = np.zeros((1, 28, 28), np.uint8)
    block[:, 4:24, 4:24] = 255
    assert np.sqrt(corrupted("scale", block).sum() / block.sum()) == pytest.approx(0.7, abs=0.01)
    found = {(round(y - 13.5), round(x - 13.5)) for y, x, *_ in map(moments, corrupted("translate", bar))}
    assert found == {(-3, -3), (-3, 3), (3, -3), (3, 3)}


def test_ink_that_moves_out_is_gone():
    edge = np.zeros((20, 28, 28), np.uint8)
    edge[:, 0] = 255
    assert {int(image.max()) for image in corrupted("translate", edge)} == {0, 255}
    assert not corrupted("translate", edge)[:, 20:].any()


def test_light_and_stripes():
    images = sevens(1)
    brighter = corrupted("brightness", images)
    assert brighter[0, 0, 0] == 128
    assert brighter[images > 127].min() == 255
    striped = corrupted("stripe", images)
    np.testing.assert_array_equal(striped[..., 7:21], images[..., 7:21])
    np.testing.assert_array_equal(striped[..., :7], 255 - images[..., :7])
    fog = corrupted("fog", images)
    assert fog[0][images[0] == 255].mean() > fog[0][images[0] == 0].mean() + 40  # a quarter of the contrast is left


def test_lines_cross_the_whole_picture():
    blank = np.zeros((30, 28, 28), np.uint8)
    dots, zigzags = corrupted("dotted_line", blank), corrupted("zigzag", blank)
    for image in dots:
        np.testing.assert_array_equal(image.any(0), (np.arange(28) // 2 % 2 == 1) & (np.arange(28) < 27))
    inked = zigzags.any(1)
    assert not inked[:, [0, 27]].any()
    assert inked[:, 3:24].mean() > 0.9  # some of it lies beyond the upper or lower edge
    assert np.median([np.ptp(image.any(1).nonzero()[0]) for image in zigzags]) >= 5


def test_edges_are_black_and_white():
    assert set(np.unique(corrupted("canny_edges", sevens(1)))) == {0, 255}


def test_clouds_fill_their_range_and_are_rough_or_smooth():
    rough, smooth = (plasma(3, np.random.default_rng(0), decay=decay, side=64) for decay in (1.2, 2.0))
    for clouds in (rough, smooth):
        assert clouds.shape == (3, 64, 64)
        assert clouds.min((1, 2)).tolist() == [0, 0, 0]
        assert clouds.max((1, 2)).tolist() == [1, 1, 1]
    assert np.abs(np.diff(rough, axis=2)).mean() > 2 * np.abs(np.diff(smooth, axis=2)).mean()
    across = np.abs(smooth[:, :, 0] - smooth[:, :, -1]).mean()
    assert across < 0.1  # opposite edges continue each other
    with pytest.raises(ValueError, match="side is 28"):
        plasma(1, np.random.default_rng(0), decay=2, side=28)
