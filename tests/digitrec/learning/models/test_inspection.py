"""A look inside a network: histograms, embeddings and their maps, and the file that holds them."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.evaluation.network_look import NETWORK_LOOK, Histogram, NetworkLook
from digitrec.learning.models.cnn import build_cnn
from digitrec.learning.models.inspection import embed, look_inside, project
from tests.support.small_data import bars


class StandIn:
    """In place of UMAP, which compiles for half a minute."""

    def __init__(self, n_components, random_state, n_jobs):
        assert (n_components, random_state, n_jobs) == (2, 0, 1)

    def fit_transform(self, points):
        return points[:, 1::-1]


@pytest.fixture(scope="module")
def look():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=StandIn, __spec__=True))
        return look_inside(build_cnn(width=4), bars(30).images, np.arange(30), "digest", seed=0)


def test_umap_starts_from_the_principal_components(look):
    np.testing.assert_allclose(look.maps["UMAP"], look.maps["PCA"][:, ::-1], atol=1e-5)


def test_every_layer_with_weights_has_a_histogram(look):
    cnn = build_cnn(width=4)
    assert len(look.weights) == sum(len(layer.trainable_weights) for layer in cnn.layers)
    kernel = look.weights["logits/kernel"]
    assert kernel.counts.sum() == cnn.get_layer("logits").kernel.shape[0] * 11
    assert any(name.startswith("re_lu") for name in look.activations)


def test_embeddings_are_what_the_last_layer_gets():
    cnn = build_cnn(width=4)
    images = bars(5).images
    features = embed(cnn, images)
    kernel, bias = cnn.get_layer("logits").get_weights()
    expected = cnn(images[..., np.newaxis] / np.float32(255), training=False)
    np.testing.assert_allclose(features @ kernel + bias, np.asarray(expected), atol=1e-4)


def test_components_are_ordered_by_variance_and_uncorrelated():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(200, 3)) * [1, 5, 2] + 7
    projected = project(points.astype(np.float32), 3)
    np.testing.assert_allclose(projected.std(0), [5, 2, 1], rtol=0.2)
    np.testing.assert_allclose(np.corrcoef(projected.T), np.eye(3), atol=1e-3)
    np.testing.assert_allclose(projected.mean(0), 0, atol=1e-4)


def test_zeros_and_what_is_not_finite_are_left_out_of_the_bins():
    histogram = Histogram.of(np.array([0, 0, 1, 2, np.nan, np.inf], np.float32))
    assert histogram.counts.sum() == 2
    assert histogram.zeros == 0.5
    assert Histogram.of(np.zeros(4, np.float32)).counts.sum() == 0


def test_a_look_comes_back_from_its_file(look, tmp_path):
    look.save(tmp_path)
    loaded = NetworkLook.load(tmp_path)
    assert (loaded.model, list(loaded.weights), list(loaded.maps)) == ("digest", list(look.weights), list(look.maps))
    np.testing.assert_array_equal(loaded.weights["logits/kernel"].counts, look.weights["logits/kernel"].counts)
    np.testing.assert_array_equal(loaded.maps["PCA"], look.maps["PCA"])
    assert loaded.maps["PCA"].shape == (30, 2)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 rubbish"])
def test_a_file_that_is_none_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / NETWORK_LOOK).write_bytes(content)
    with pytest.raises(DatasetError, match=r"network_look\.npz .*python -m training\.inspect_network"):
        NetworkLook.load(tmp_path)
