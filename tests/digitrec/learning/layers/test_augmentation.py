import keras
import numpy as np
import pytest

from digitrec.learning.layers.augmentation import (
    ImageDataGeneratorAugmentation,
    RandomErasing,
    RandomThickness,
    RandomWarp,
)

AMOUNTS = {"rotation": 10.0, "zoom": 0.1, "shear": 0.1, "shift": 0.1}


def distort(images, seed=1, **amounts):
    amounts = {"rotation": 0.0, "zoom": 0.0, "shear": 0.0, "shift": 0.0, **amounts}
    return keras.ops.convert_to_numpy(RandomWarp(seed=seed, **amounts)(images, training=True))


@pytest.fixture
def crosses():
    """Sixteen upright crosses, which show each kind of distortion."""
    images = np.zeros((16, 28, 28, 1), np.float32)
    images[:, 4:24, 12:16] = 1
    images[:, 12:16, 4:24] = 1
    return images


def centre(images):
    position = np.arange(28) - 13.5
    mass = images[..., 0].sum((1, 2))
    return (images[..., 0].sum(2) @ position) / mass, (images[..., 0].sum(1) @ position) / mass


def test_augmentation_changes_images_in_training_alone(crosses):
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(RandomWarp(**AMOUNTS)(crosses, training=False)), crosses)


def test_amounts_of_zero_change_nothing(crosses):
    np.testing.assert_allclose(distort(crosses), crosses, atol=1e-5)


def test_each_image_is_distorted_by_amounts_of_its_own_that_follow_the_seed(crosses):
    one = distort(crosses, rotation=20)
    assert np.abs(one[0] - one[1]).max() > 0.1
    np.testing.assert_array_equal(one, distort(crosses, rotation=20))
    assert np.abs(one - distort(crosses, seed=2, rotation=20)).max() > 0.1


def test_each_call_draws_new_amounts(crosses):
    layer = RandomWarp(**AMOUNTS, seed=1)
    first, second = (keras.ops.convert_to_numpy(layer(crosses, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 0.1


def test_shift_moves_up_to_its_share_and_in_both_directions(crosses):
    down, right = centre(distort(crosses, shift=0.1))
    for moved in (down, right):
        assert np.abs(moved).max() <= 2.8 + 0.01
        assert np.abs(moved).max() > 1
        assert moved.min() < 0 < moved.max()


@pytest.mark.parametrize("amounts", [{"rotation": 30.0}, {"zoom": 0.2}, {"shear": 0.3}])
def test_rotation_zoom_and_shear_keep_the_centre(crosses, amounts):
    distorted = distort(crosses, **amounts)
    down, right = centre(distorted)
    assert np.abs(down).max() < 0.05
    assert np.abs(right).max() < 0.05
    assert np.abs(distorted - crosses).max((1, 2, 3)).mean() > 0.3


def test_zoom_changes_the_size_by_no_more_than_its_share(crosses):
    sizes = distort(crosses, zoom=0.2)[..., 0].sum((1, 2)) / crosses[0].sum()
    assert sizes.min() > 0.9 / 1.44
    assert sizes.max() < 1.1 / 0.64
    assert sizes.min() < 0.95 < 1.05 < sizes.max()


def test_rotation_is_by_degrees():
    """A bar turned by at most 5 degrees stays within the columns that geometry allows."""
    bar = np.zeros((64, 28, 28, 1), np.float32)
    bar[:, 2:26, 13:15] = 1
    turned = distort(bar, rotation=5.0)[..., 0]
    reach = 12 * np.sin(np.deg2rad(5)) + 1 + 1  # half its length turned, half its width, one pixel of interpolation
    columns = np.abs(np.arange(28) - 13.5)
    assert turned[:, :, columns > reach].max() < 1e-4
    assert turned[:, :, columns > 1.2].max() > 0.2


def test_the_layer_can_be_saved_and_loaded(crosses):
    layer = RandomWarp(rotation=3.0, zoom=0.2, shear=0.05, shift=0.01, seed=7)
    copy = RandomWarp.from_config(layer.get_config())
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(layer(crosses, training=True)),
        keras.ops.convert_to_numpy(copy(crosses, training=True)),
    )


def test_image_data_generator_follows_the_generator_it_is_given(crosses):
    augmentation = ImageDataGeneratorAugmentation()
    one = augmentation(crosses, np.random.default_rng(1))
    assert one.shape == crosses.shape
    assert one.dtype == np.float32
    np.testing.assert_array_equal(one, augmentation(crosses, np.random.default_rng(1)))
    assert np.abs(one - augmentation(crosses, np.random.default_rng(2))).max() > 0.1
    assert np.abs(one[0] - one[1]).max() > 0.1


def test_bending_moves_parts_of_a_picture_apart_from_each_other(crosses):
    bent = distort(crosses, elastic=1.5)
    assert np.abs(bent - crosses).max() > 0.3
    # Not one shift for all: the four arms' ends go ways of their own.
    ends = [bent[:, 4:12].sum((1, 2, 3)), bent[:, 16:24].sum((1, 2, 3)), bent[:, :, 4:12].sum((1, 2, 3))]
    assert np.std(np.stack(ends), axis=0).max() > 1
    assert bent.min() >= 0
    assert bent.max() <= 1


def test_the_bend_is_smooth():
    """Neighbours go nearly the same way: what is drawn stays in one piece."""
    from digitrec.learning.layers.augmentation import KNOTS, _between_knots

    knots = np.random.default_rng(0).normal(0, 1, (50, KNOTS, KNOTS))
    field = _between_knots(28) @ knots @ _between_knots(28).T
    assert field.std() == pytest.approx(1, abs=0.05)
    assert np.diff(field, axis=1).std() < 0.35


class TestRandomThickness:
    def test_strokes_get_thicker_and_thinner(self, crosses):
        layer = RandomThickness(1.0, seed=1)
        ink = keras.ops.convert_to_numpy(layer(crosses, training=True)).sum((1, 2, 3))
        assert ink.max() > 1.2 * crosses[0].sum()
        assert ink.min() < 0.9 * crosses[0].sum()

    def test_strokes_grow_by_at_most_a_pixel_and_shrink_by_half_of_one(self, crosses):
        changed = keras.ops.convert_to_numpy(RandomThickness(1.0, seed=1)(crosses, training=True))
        assert changed[:, 10, :2].max() == 0  # two pixels and more from the ink
        assert changed[:, 14, 14].min() == 1  # deep inside of it
        assert changed[:, 4, 14].min() >= 0.5  # on its edge

    def test_outside_of_training_nothing_happens(self, crosses):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(RandomThickness(1.0)(crosses)), crosses)


class TestRandomErasing:
    def test_some_images_lose_a_rectangle_and_nothing_else(self):
        white = np.ones((200, 28, 28, 1), np.float32)
        erased = keras.ops.convert_to_numpy(RandomErasing(0.5, seed=1)(white, training=True))[..., 0]
        assert set(np.unique(erased)) == {0, 1}
        hit = (erased == 0).any((1, 2))
        assert 0.3 < hit.mean() < 0.6
        for image in erased[hit]:
            rows, columns = np.flatnonzero((image == 0).any(1)), np.flatnonzero((image == 0).any(0))
            assert (image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] == 0).all()
            assert max(len(rows), len(columns)) <= 0.35 * 28 + 1

    def test_outside_of_training_nothing_happens(self, crosses):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(RandomErasing(0.9)(crosses)), crosses)


@pytest.mark.parametrize("layer", [RandomThickness(0.6, seed=3), RandomErasing(0.2, seed=3)])
def test_settings_survive_saving(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
