import keras
import numpy as np
import pytest

from digitrec.learning.layers.corruption import RandomCorruption
from digitrec.learning.layers.frame_ink import FrameInk


@pytest.fixture
def rings():
    """Forty framed rings, in strokes of 3 pixels."""
    rows, columns = np.mgrid[:28, :28] - 13.5
    ring = (np.abs(np.hypot(rows, columns) - 8.5) < 1.5).astype(np.float32)
    return np.repeat(ring[np.newaxis, ..., np.newaxis], 40, axis=0)


def corrupted(images, share=1.0 - 1e-9, seed=1):
    return keras.ops.convert_to_numpy(RandomCorruption(share, seed=seed)(images, training=True))


def test_corruption_changes_images_in_training_alone(rings):
    untouched = RandomCorruption(0.9, seed=1)(rings, training=False)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(untouched), rings)


def test_only_the_share_is_damaged(rings):
    result = corrupted(rings, share=0.25)
    np.testing.assert_array_equal(result[10:], rings[10:])
    assert (np.abs(result[:10] - rings[:10]).max((1, 2, 3)) > 0.1).sum() > 5


def test_damage_follows_the_seed_and_differs_between_images_and_calls(rings):
    one = corrupted(rings)
    np.testing.assert_array_equal(one, corrupted(rings))
    assert np.abs(one - corrupted(rings, seed=2)).max() > 0.1
    assert len(np.unique(one, axis=0)) > 20
    layer = RandomCorruption(0.5, seed=1)
    first, second = (keras.ops.convert_to_numpy(layer(rings, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 0.1


def test_damaged_images_are_framed_ink(rings):
    result = corrupted(rings)
    assert result.shape == rings.shape
    assert result.min() >= 0
    assert result.max() <= 1
    np.testing.assert_allclose(result.max((1, 2, 3)), 1, atol=1e-5)
    # Noise and lines reach beyond the ring, so that the box grows and the ring shrinks in it; framing them again
    # changes nothing but the grain.
    again = keras.ops.convert_to_numpy(FrameInk()(result[..., 0]))
    assert np.median(np.abs(again - result).mean((1, 2, 3))) < 0.02


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("_hollow", lambda ring, damaged: damaged[ring == 1].mean() < 0.1 < 0.3 < damaged.max()),
        ("_negative", lambda ring, damaged: damaged[ring == 0].mean() > 0.1 and set(np.unique(damaged)) == {0, 1}),
        ("_line", lambda ring, damaged: (damaged >= ring).all() and damaged.sum() > ring.sum() + 5),
        ("_blur", lambda ring, damaged: damaged.max() < 0.99 and abs(damaged.sum() / ring.sum() - 1) < 0.05),
        ("_misplace", lambda ring, damaged: abs(damaged.sum() / ring.sum() - 1) < 0.2 and (damaged != ring).any()),
        ("_stain", lambda ring, damaged: np.abs(damaged - ring).mean() > 0.01),
        ("_noise", lambda ring, damaged: np.abs(damaged - ring).mean() > 0.01),
    ],
)
def test_each_kind_of_damage_shows_on_most_images(rings, kind, shown):
    layer = RandomCorruption(0.5, seed=3)
    damaged = keras.ops.convert_to_numpy(getattr(layer, kind)(rings[..., 0], len(rings)))
    assert damaged.shape == rings.shape[:3]
    assert np.mean([shown(ring, one) for ring, one in zip(rings[..., 0], damaged, strict=True)]) > 0.6


def test_tones_change_greys_and_neither_paper_nor_full_ink():
    greys = np.tile(np.linspace(0, 1, 28, dtype=np.float32), (8, 28, 1))
    toned = keras.ops.convert_to_numpy(RandomCorruption(0.5, seed=1)._tone(greys, 8))
    np.testing.assert_allclose(toned[:, :, [0, -1]], greys[:, :, [0, -1]], atol=0.01)
    assert np.abs(toned[:, 0, 14] - 0.5).max() > 0.1
    assert toned[:, 0, 14].min() < 0.5 < toned[:, 0, 14].max()


def test_a_model_with_it_is_saved_and_loaded(rings, tmp_path):
    model = keras.Sequential([keras.Input((28, 28, 1)), RandomCorruption(0.3, seed=5)])
    model.save(tmp_path / "model.keras")
    (loaded,) = keras.models.load_model(tmp_path / "model.keras").layers
    assert (loaded.share, loaded.seed) == (0.3, 5)
