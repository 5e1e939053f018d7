import keras
import numpy as np
import pytest

from digitrec.learning.batches import scale_images
from digitrec.learning.layers.batch_norm import FusedBatchNormalization
from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.layers.digit_accuracy import DigitAccuracy
from digitrec.learning.models.cnn import build_cnn, build_recognizer, refresh_statistics
from digitrec.learning.models.tutorial_cnn import build_tutorial_cnn


def test_the_network_has_a_logit_for_each_digit_and_one_for_non_digits():
    cnn = build_cnn(width=4)
    logits = keras.ops.convert_to_numpy(cnn(np.random.default_rng(0).random((3, 28, 28, 1), np.float32)))
    assert logits.shape == (3, 11)
    assert np.isfinite(logits).all()


def test_the_network_has_the_layers_of_a_plain_cnn():
    kinds = [type(layer).__name__ for layer in build_cnn().layers]
    for kind in ("ZeroPadding2D", "Conv2D", "FusedBatchNormalization", "ReLU", "MaxPooling2D", "Dropout", "Dense"):
        assert kind in kinds
    assert kinds.index("ZeroPadding2D") < kinds.index("Conv2D") < kinds.index("FusedBatchNormalization")


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_the_depth_is_the_number_of_convolutions_before_each_pooling(depth):
    cnn = build_cnn(width=4, depth=depth)
    kinds = [layer.__class__.__name__ for layer in cnn.layers]
    poolings = [place for place, kind in enumerate(kinds) if kind == "MaxPooling2D"]
    assert [kinds[: poolings[0]].count("Conv2D"), kinds[: poolings[1]].count("Conv2D")] == [depth, 2 * depth]
    assert kinds.count("Conv2D") == 2 * depth + 1
    assert cnn.output_shape == (None, 11)


def test_the_classic_network_is_the_one_that_tutorials_have():
    classic = build_tutorial_cnn()
    filters = [layer.filters for layer in classic.layers if isinstance(layer, keras.layers.Conv2D)]
    assert filters == [32, 32, 64, 64, 256, 256]
    assert 1_100_000 < classic.count_params() < 1_400_000
    assert classic.output_shape == (None, 11)


def test_the_weights_fit_into_a_megabyte():
    assert build_cnn().count_params() * 4 < 1_000_000


def test_the_recognizer_takes_any_size_and_shows_what_it_saw():
    recognizer = build_recognizer(build_cnn(width=4), Calibration())
    for size in ((28, 28), (100, 60)):
        ink = np.random.default_rng(0).random((2, *size), np.float32)
        outputs = recognizer(ink)
        assert tuple(outputs["probabilities"].shape) == (2, 10)
        np.testing.assert_allclose(keras.ops.convert_to_numpy(outputs["probabilities"]).sum(1), 1, atol=1e-5)
        assert tuple(outputs["doubt"].shape) == (2,)
        assert tuple(outputs["model_input"].shape) == (2, 28, 28)


def test_the_recognizer_shares_the_networks_weights():
    cnn = build_cnn(width=4)
    recognizer = build_recognizer(cnn, Calibration())
    ink = np.zeros((1, 28, 28), np.float32)
    ink[0, 4:24, 10:14] = 1
    before = keras.ops.convert_to_numpy(recognizer(ink)["probabilities"])
    cnn.layers[-1].bias.assign(np.arange(11, dtype=np.float32))
    assert np.abs(keras.ops.convert_to_numpy(recognizer(ink)["probabilities"]) - before).max() > 0.1


def test_fused_batch_normalization_does_what_keras_does():
    x = np.random.default_rng(0).normal(2, 3, (16, 5, 5, 4)).astype(np.float32)
    ours, keras_own = FusedBatchNormalization(momentum=0.8), keras.layers.BatchNormalization(momentum=0.8)
    for training in (True, True, False):
        one, other = (keras.ops.convert_to_numpy(layer(x, training=training)) for layer in (ours, keras_own))
        np.testing.assert_allclose(one, other, atol=0.01)  # the moving variance of a sample is by n - 1 there
    for one, other in zip(ours.get_weights(), keras_own.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0.01)


def test_fused_batch_normalization_survives_saving():
    layer = FusedBatchNormalization(momentum=0.8)
    copy = FusedBatchNormalization.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()


def test_refreshed_statistics_are_those_of_all_that_reaches_each_normalization():
    rng = np.random.default_rng(0)
    cnn = build_cnn(width=4, dropout=0.5)
    for layer in cnn.layers:  # as far from the truth as averaged weights could be
        if isinstance(layer, FusedBatchNormalization):
            layer.moving_mean.assign(rng.normal(3, 1, layer.moving_mean.shape))
            layer.moving_variance.assign(rng.uniform(5, 9, layer.moving_variance.shape))
    images = rng.integers(0, 256, (70, 28, 28), np.uint8)
    refresh_statistics(cnn, images, chunk=32)  # the last chunk is smaller
    x = scale_images(images)
    for layer in cnn.layers[1:]:
        if isinstance(layer, FusedBatchNormalization):
            values = keras.ops.convert_to_numpy(x)
            np.testing.assert_allclose(layer.moving_mean, values.mean((0, 1, 2)), rtol=1e-3, atol=1e-5)
            np.testing.assert_allclose(layer.moving_variance, values.var((0, 1, 2)), rtol=1e-3, atol=1e-5)
        x = layer(x, training=False)


def test_digit_accuracy_counts_digits_alone_and_whatever_their_doubt():
    metric = DigitAccuracy()
    logits = np.zeros((4, 11), np.float32)
    logits[[0, 1, 2, 3], [7, 3, 5, 2]] = 2
    logits[0, 10] = 9  # doubted, and named right all the same
    metric.update_state(np.array([7, 4, 10, 2]), logits)
    assert float(metric.result()) == np.float32(2 / 3)
