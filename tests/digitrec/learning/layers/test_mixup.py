import keras
import numpy as np
import pytest

from digitrec.learning.layers.mixup import RandomMixup, mixup_loss
from digitrec.learning.recipe import cross_entropy
from tests.support.small_data import bars, small_config
from tests.support.training import fit


def test_each_image_is_mixed_with_the_one_at_its_place_from_the_end():
    images = (bars(10).images[..., np.newaxis] / 255).astype(np.float32)
    mixed, weight = (keras.ops.convert_to_numpy(v) for v in RandomMixup(0.4, seed=1)(images, training=True))
    assert weight.shape == (10, 1)
    assert 0.5 <= weight.min() < 0.95 < weight.max() <= 1
    own = weight[:, :, np.newaxis, np.newaxis]
    np.testing.assert_allclose(mixed, own * images + (1 - own) * images[::-1], atol=1e-6)


def test_mixup_mixes_images_in_training_alone():
    images = np.random.default_rng(0).random((4, 28, 28, 1)).astype(np.float32)
    untouched, weight = RandomMixup(0.4, seed=1)(images, training=False)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(untouched), images)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(weight), 1)


def test_the_loss_weighs_both_labels():
    rng = np.random.default_rng(2)
    logits, labels = rng.normal(size=(4, 11)).astype(np.float32), np.array([1, 5, 10, 0])
    weight = np.array([[1.0], [0.7], [0.6], [0.5]], np.float32)
    surprise = np.log(np.exp(logits).sum(1, keepdims=True)) - logits  # of each label
    own, other = surprise[np.arange(4), labels], surprise[np.arange(4), labels[::-1]]
    found = mixup_loss(cross_entropy(0.0))(labels, np.concatenate([logits, weight], axis=1))
    expected = weight[:, 0] * own + (1 - weight[:, 0]) * other
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), expected, rtol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_smoothed_labels_leave_a_share_for_all_classes(share):
    logits, labels = np.random.default_rng(3).normal(size=(5, 11)).astype(np.float32), np.array([0, 3, 10, 7, 7])
    surprise = np.log(np.exp(logits).sum(1, keepdims=True)) - logits
    expected = (1 - share) * surprise[np.arange(5), labels] + share * surprise.mean(1)
    found = keras.ops.convert_to_numpy(cross_entropy(share)(labels, logits))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_run_with_mixup_and_a_teacher(tmp_path):
    def run_of(**changes):
        return fit(tmp_path, small_config(augment="none", **changes))

    mixed = run_of(epochs=2, mixup=0.4)
    assert mixed.status.state == "done", mixed.status.reason
    taught = run_of(epochs=2, mixup=0.4, teachers=(str(mixed.path),))
    assert taught.status.state == "done", taught.status.reason
    assert taught.history() != mixed.history()
