import keras
import numpy as np
import pytest

from digitrec.learning.augmentation import ImageDataGeneratorAugmentation, RandomAffine

AMOUNTS = {"rotation": 10.0, "zoom": 0.1, "shear": 0.1, "shift": 0.1}


def distort(images, seed=1, **amounts):
    amounts = {"rotation": 0.0, "zoom": 0.0, "shear": 0.0, "shift": 0.0, **amounts}
    return keras.ops.convert_to_numpy(RandomAffine(seed=seed, **amounts)(images, training=True))


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


def test_nothing_happens_outside_of_training(crosses):
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(RandomAffine(**AMOUNTS)(crosses, training=False)), crosses)


def test_amounts_of_zero_change_nothing(crosses):
    np.testing.assert_allclose(distort(crosses), crosses, atol=1e-5)


def test_each_image_is_distorted_by_amounts_of_its_own_that_follow_the_seed(crosses):
    one = distort(crosses, rotation=20)
    assert np.abs(one[0] - one[1]).max() > 0.1
    np.testing.assert_array_equal(one, distort(crosses, rotation=20))
    assert np.abs(one - distort(crosses, seed=2, rotation=20)).max() > 0.1


def test_each_call_draws_new_amounts(crosses):
    layer = RandomAffine(**AMOUNTS, seed=1)
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
    layer = RandomAffine(rotation=3.0, zoom=0.2, shear=0.05, shift=0.01, seed=7)
    copy = RandomAffine.from_config(layer.get_config())
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
