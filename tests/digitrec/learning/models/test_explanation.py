"""The gradient written out is the gradient, and the exported graph has it."""

import keras
import numpy as np
import pytest

from digitrec.errors import ModelIntegrityError
from digitrec.explanation.graph import ExplanationGraph
from digitrec.learning.layers.frame_ink import FrameInk
from digitrec.learning.models.cnn import build_cnn
from digitrec.learning.models.explanation import export_explanation
from digitrec.learning.models.input_gradient import logits_and_gradient
from digitrec.learning.models.tutorial_cnn import build_tutorial_cnn


def randomized(network, seed=0):
    """Weights and statistics that are not those of an untrained network."""
    rng = np.random.default_rng(seed)
    network.set_weights(
        [np.abs(w) + rng.uniform(0.05, 0.3, w.shape) if w.ndim == 1 else w for w in network.get_weights()]
    )
    return network


@pytest.mark.parametrize("network", [build_cnn(width=4, depth=2), build_cnn(width=3, depth=3), build_tutorial_cnn()])
def test_the_written_out_gradient_is_that_of_differentiation(network):
    import tensorflow as tf

    network = randomized(network)
    x = np.random.default_rng(1).uniform(size=(3, 28, 28, 1)).astype(np.float32)
    weights = np.random.default_rng(2).normal(size=(3, 11)).astype(np.float32)
    logits, found = logits_and_gradient(network, x, lambda z: keras.ops.convert_to_tensor(weights))
    watched = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(watched)
        expected_logits = network(watched, training=False)
        total = tf.reduce_sum(expected_logits * weights)
    expected = tape.gradient(total, watched).numpy()
    np.testing.assert_allclose(logits, expected_logits, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_equal_inputs_of_a_maximum_share_its_gradient():
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.MaxPooling2D(2), keras.layers.Flatten()])
    x = np.zeros((1, 4, 4, 1), np.float32)
    x[0, 0, 0] = 1
    _, gradient = logits_and_gradient(network, x, keras.ops.ones_like)
    np.testing.assert_allclose(gradient[0, :2, :2, 0], [[1, 0], [0, 0]])
    np.testing.assert_allclose(gradient[0, 2:, 2:, 0], 0.25)


def test_a_layer_that_is_not_known_is_refused():
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.UpSampling2D(2)])
    with pytest.raises(TypeError, match="UpSampling2D"):
        logits_and_gradient(network, np.zeros((1, 4, 4, 1), np.float32), keras.ops.ones_like)


@pytest.mark.parametrize(
    ("output", "frames", "refused"), [("gradient", 1, False), ("gradient", 6, True), ("logits", 1, True)]
)
def test_rounding_may_turn_the_gradient_of_a_frame_and_a_wrong_graph_is_refused(monkeypatch, output, frames, refused):
    run = ExplanationGraph.run

    def differently(self, *inputs, **kwargs):
        found = run(self, *inputs, **kwargs)
        found[output] = found[output].copy()
        found[output][:frames] *= 1.01
        return found

    monkeypatch.setattr(ExplanationGraph, "run", differently)
    network = randomized(build_cnn(width=3, depth=1))
    if refused:
        with pytest.raises(ModelIntegrityError, match=f"in the output {output} of the explanation"):
            export_explanation(network)
    else:
        assert export_explanation(network)


def test_the_place_of_a_frame_says_where_its_pixels_lie():
    ink = np.zeros((1, 280, 200), np.float32)
    ink[0, 60:180, 80:140] = 1
    framed, place = FrameInk().frame_and_place(ink)
    top, left, scale = np.asarray(place)[0]
    assert scale == pytest.approx(6)
    rows, columns = (np.flatnonzero(np.asarray(framed)[0, ..., 0].max(axis) > 0.5) for axis in (1, 0))
    assert top + scale * rows[0] == pytest.approx(60, abs=3)
    assert left + scale * (columns[-1] + 1) == pytest.approx(140, abs=3)
