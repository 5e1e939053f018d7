import keras
import numpy as np

from digitrec.learning.network import build_cnn, build_recognizer


def test_shapes_and_probabilities():
    cnn = build_cnn(width=4)
    probabilities = keras.ops.convert_to_numpy(cnn(np.random.default_rng(0).random((3, 28, 28, 1), np.float32)))
    assert probabilities.shape == (3, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)


def test_the_layers_are_those_of_a_classic_cnn():
    kinds = [type(layer).__name__ for layer in build_cnn().layers]
    for kind in ("ZeroPadding2D", "Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D", "Dropout", "Dense"):
        assert kind in kinds
    assert kinds.index("ZeroPadding2D") < kinds.index("Conv2D") < kinds.index("BatchNormalization")


def test_the_weights_fit_into_a_megabyte():
    assert build_cnn().count_params() * 4 < 1_000_000


def test_the_recognizer_takes_any_size_and_shows_what_it_saw():
    recognizer = build_recognizer(build_cnn(width=4))
    for size in ((28, 28), (100, 60)):
        ink = np.random.default_rng(0).random((2, *size), np.float32)
        outputs = recognizer(ink)
        assert tuple(outputs["probabilities"].shape) == (2, 10)
        assert tuple(outputs["model_input"].shape) == (2, 28, 28)


def test_the_recognizer_shares_the_networks_weights():
    cnn = build_cnn(width=4)
    recognizer = build_recognizer(cnn)
    ink = np.zeros((1, 28, 28), np.float32)
    ink[0, 4:24, 10:14] = 1
    before = keras.ops.convert_to_numpy(recognizer(ink)["probabilities"])
    cnn.layers[-1].bias.assign(np.arange(10, dtype=np.float32))
    assert np.abs(keras.ops.convert_to_numpy(recognizer(ink)["probabilities"]) - before).max() > 0.1
