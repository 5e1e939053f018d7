import numpy as np
import pytest

from digitrec.learning.batches import Batches, make_evaluation_input, make_fit_input, scale_images
from tests.support.small_data import bars


def test_images_reach_the_network_between_0_and_1():
    scaled = scale_images(bars(5).images)
    assert scaled.shape == (5, 28, 28, 1)
    assert scaled.dtype == np.float32
    assert 0.75 < scaled.max() <= 1


def test_images_scaled_already_are_refused():
    with pytest.raises(TypeError, match="unscaled"):
        scale_images((bars(5).images / 255).astype(np.float32))


def test_the_order_follows_from_seed_and_epoch_alone():
    def labels(seed, epoch):
        batches = Batches(bars(100), 10, seed)
        batches.start_epoch(epoch)
        return np.concatenate([batches[i][1] for i in range(len(batches))]).tolist()

    assert labels(1, 4) == labels(1, 4)
    assert labels(1, 4) != labels(1, 5)
    assert labels(1, 4) != labels(2, 4)
    assert sorted(labels(1, 4)) == sorted(bars(100).labels.tolist())  # each image once an epoch


def test_for_fit_brings_the_whole_epoch_and_only_whole_batches():
    batches = Batches(bars(105), 10, seed=1)
    read = [labels for _, labels in iter_numpy(make_fit_input(batches))]
    assert [len(labels) for labels in read] == [10] * 10
    for index, labels in enumerate(read):
        np.testing.assert_array_equal(labels, batches[index][1])


def test_for_evaluation_brings_every_image_in_order():
    examples = bars(105)
    read = [labels for _, labels in iter_numpy(make_evaluation_input(examples, batch_size=50))]
    assert [len(labels) for labels in read] == [50, 50, 5]
    np.testing.assert_array_equal(np.concatenate(read), examples.labels)


def test_cpu_augmentation_follows_from_seed_epoch_and_batch():
    def noise(images, rng):
        return images + rng.random(images.shape, np.float32)

    batches = Batches(bars(40), 10, seed=1, augmentation=noise)
    first = batches[2][0]
    np.testing.assert_array_equal(first, batches[2][0])
    batches.start_epoch(1)
    batches.start_epoch(0)
    np.testing.assert_array_equal(first, batches[2][0])


def iter_numpy(dataset):
    for images, labels in dataset:
        yield np.asarray(images), np.asarray(labels)
