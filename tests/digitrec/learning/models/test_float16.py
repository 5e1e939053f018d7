"""Half precision changes the file, not the answers."""

import keras
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.models.cnn import build_cnn, build_recognizer
from digitrec.learning.models.float16 import round_to_half, store_half_weights
from digitrec.learning.models.tutorial_cnn import build_tutorial_cnn
from digitrec.recognizer import Recognizer


def network(kind):
    """One that looks trained: statistics and scales of its normalizations are anything, some scales negative."""
    cnn = build_tutorial_cnn() if kind == "classic" else build_cnn(width=8)
    rng = np.random.default_rng(1)
    for layer in cnn.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            channels = layer.gamma.shape
            gamma = rng.normal(1.0, 0.5, channels) * np.where(np.arange(channels[0]) % 4, 1, -1)
            beta, mean = rng.normal(size=(2, *channels))
            layer.set_weights([gamma, beta, mean, rng.uniform(0.1, 9, channels)])
    return cnn


def answers(cnn, images):
    return keras.ops.convert_to_numpy(cnn(images, training=False))


IMAGES = np.random.default_rng(0).uniform(size=(20, 28, 28, 1)).astype(np.float32)


@pytest.mark.parametrize("kind", ["digitrec", "classic"])
def test_rounding_changes_the_logits_as_little_as_half_precision_must(kind) -> None:
    cnn = network(kind)
    before = answers(cnn, IMAGES)
    rounded = round_to_half(cnn)
    np.testing.assert_array_equal(answers(cnn, IMAGES), before, "the network itself was changed")
    # Eleven binary digits, and errors of thousands of weights that do not add up.
    assert np.abs(answers(rounded, IMAGES) - before).max() < 2e-3 * np.abs(before).max()
    kernels = [layer.get_weights()[0] for layer in rounded.layers if hasattr(layer, "kernel")]
    assert len(kernels) >= 6
    for kernel in kernels:
        np.testing.assert_array_equal(kernel.astype(np.float16), kernel)


def test_a_rounded_network_is_rounded_no_further() -> None:
    once = round_to_half(network("digitrec"))
    np.testing.assert_allclose(answers(round_to_half(once), IMAGES), answers(once, IMAGES), rtol=1e-4, atol=1e-4)


def test_the_exported_file_takes_half_the_bytes_and_gives_the_same_answers(tmp_path) -> None:
    recognizer = build_recognizer(round_to_half(network("digitrec")), Calibration())
    ink = np.random.default_rng(2).uniform(size=(3, 40, 30)).astype(np.float32)
    recognizer(ink)
    path = tmp_path / "digitrec.onnx"
    recognizer.export(path, format="onnx", verbose=False)
    whole, before = path.stat().st_size, Recognizer(path).run(ink)
    store_half_weights(path)
    weights = {tensor.name: tensor for tensor in onnx.load(path).graph.initializer if np.prod(tensor.dims) > 1_000}
    assert len(weights) >= 4
    assert {tensor.data_type for tensor in weights.values()} == {TensorProto.FLOAT16}
    saved = whole - path.stat().st_size
    assert saved == pytest.approx(2 * sum(np.prod(tensor.dims) for tensor in weights.values()), abs=2_000)
    for name, values in Recognizer(path).run(ink)._asdict().items():
        np.testing.assert_allclose(values, getattr(before, name), atol=2e-6, err_msg=name)


def test_weights_that_half_precision_cannot_represent_stay_float32(tmp_path) -> None:
    values = np.linspace(0, 1, 2_000, dtype=np.float32).reshape(2, 1_000)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1_000])],
        [numpy_helper.from_array(values, "w")],
    )
    path = tmp_path / "product.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), path)
    store_half_weights(path)
    (found,) = ort.InferenceSession(path).run(None, {"x": np.array([[1, 0]], np.float32)})
    np.testing.assert_array_equal(found[0], values[0])


@pytest.mark.parametrize(("rounded", "stored_as"), [(False, "weights"), (True, "weights/half")])
def test_weights_that_lose_something_are_rounded_only_on_request(tmp_path, rounded, stored_as):
    weights = np.random.default_rng(0).normal(size=(64, 512)).astype(np.float32)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 64])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 512])
    product = helper.make_node("MatMul", ["x", "weights"], ["y"])
    graph = helper.make_graph([product], "product", [x], [y], [numpy_helper.from_array(weights, "weights")])
    file = tmp_path / "product.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
    store_half_weights(file, rounded=rounded)
    assert [tensor.name for tensor in onnx.load(file).graph.initializer] == [stored_as]
    (sums,) = ort.InferenceSession(str(file)).run(None, {"x": np.ones((1, 64), np.float32)})
    expected = weights.astype(np.float16).astype(np.float32) if rounded else weights
    np.testing.assert_allclose(sums[0], expected.sum(0), atol=1e-4)
