import keras
import numpy as np
import pytest

from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.layers.frame_ink import BOX, CENTRE, FRAME, FrameInk


def frame(*inks: np.ndarray) -> np.ndarray:
    return keras.ops.convert_to_numpy(FrameInk()(np.stack(inks).astype(np.float32)))[..., 0]


def canvas(height=280, width=280, top=60, left=80, tall=120, wide=80, ink=1.0):
    """A filled rectangle: its box and its centre of mass are known exactly."""
    page = np.zeros((height, width), np.float32)
    page[top : top + tall, left : left + wide] = ink
    return page


def inked(framed, threshold=0.5):
    rows, columns = np.flatnonzero((framed > threshold).any(1)), np.flatnonzero((framed > threshold).any(0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def test_mnist_images_come_out_as_they_went_in(data_dir):
    """The frame is MNIST's own, so training images and framed drawings are of one kind."""
    _, test = load_mnist()
    images = test.images[:2000].astype(np.float32) / 255
    images /= images.max((1, 2), keepdims=True)
    changed = np.abs(frame(*images) - images).max((1, 2)) > 1e-4
    # A few have stray grey pixels, a speck beyond a gap, or a centre of mass between two pixels.
    assert changed.mean() < 0.006


def test_the_longer_side_becomes_20_pixels_and_proportions_stay():
    top, bottom, left, right = inked(frame(canvas(tall=120, wide=60))[0])
    assert bottom - top == BOX
    assert right - left == BOX // 2
    top, bottom, left, right = inked(frame(canvas(tall=40, wide=160))[0])
    assert right - left == BOX
    assert bottom - top == BOX // 4


def test_the_centre_of_mass_goes_to_the_middle():
    ink = canvas(tall=200, wide=40)
    ink[220:260, 80:200] = 1  # an L: its centre of mass is not that of its box
    framed = frame(ink)[0]
    position = np.arange(FRAME) + 0.5
    assert abs((framed.sum(1) * position).sum() / framed.sum() - (CENTRE + 0.5)) <= 0.6
    assert abs((framed.sum(0) * position).sum() / framed.sum() - (CENTRE + 0.5)) <= 0.6


@pytest.mark.parametrize("place", [(0, 0), (0, 200), (160, 0), (160, 200), (3, 7)])
def test_place_on_the_canvas_does_not_count(place):
    top, left = place
    np.testing.assert_allclose(frame(canvas(top=top, left=left))[0], frame(canvas())[0], atol=2e-5)


@pytest.mark.parametrize("factor", [2, 3])
def test_size_does_not_count(factor):
    small = canvas(100, 140, 20, 30, 60, 40)
    large = np.kron(small, np.ones((factor, factor), np.float32))
    np.testing.assert_allclose(frame(large)[0], frame(small)[0], atol=0.03)


def test_a_batch_frames_each_drawing_alone():
    one, two = canvas(), canvas(top=10, left=10, tall=30, wide=200)
    together = frame(one, two)
    np.testing.assert_allclose(together[0], frame(one)[0], atol=1e-6)
    np.testing.assert_allclose(together[1], frame(two)[0], atol=1e-6)


def test_thin_and_faint_strokes_come_out_black():
    """A hairline averaged over ten rows would be a tenth of full ink, which no network was trained on."""
    hairline = canvas(top=20, left=140, tall=240, wide=1)
    assert frame(hairline)[0].max() == pytest.approx(1)
    assert frame(canvas(ink=0.15))[0].max() == pytest.approx(1)


def test_small_drawings_grow_smoothly():
    framed = frame(canvas(40, 40, 15, 15, 5, 3))[0]
    top, bottom, left, right = inked(framed)
    assert bottom - top == BOX
    assert right - left == BOX * 3 // 5


def test_no_ink_is_cut_off_at_the_frame():
    """A heavy foot pulls the centre of mass far from the middle of the box; the box stays inside all the same."""
    ink = canvas(280, 280, 0, 130, 200, 4)
    ink[180:200, 60:210] = 1
    framed = frame(ink)[0]
    top, bottom, *_ = inked(framed, 0.2)
    assert bottom - top == BOX
    assert framed.sum() == pytest.approx(framed[:, 1:-1].sum(), rel=0.02)  # and the blur around it loses little


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (3, 1000)])
def test_any_size_gives_finite_pixels_between_0_and_1(size):
    rng = np.random.default_rng(1)
    for ink in (np.zeros(size), np.ones(size), rng.random(size)):
        framed = frame(ink)
        assert framed.shape == (1, FRAME, FRAME)
        assert np.isfinite(framed).all()
        assert framed.min() >= 0
        assert framed.max() <= 1 + 1e-6


def with_dot(ink, row, column, radius=9):
    rows, columns = np.ogrid[: ink.shape[0], : ink.shape[1]]
    return np.maximum(ink, ((rows - row) ** 2 + (columns - column) ** 2 <= radius**2).astype(np.float32))


@pytest.mark.parametrize("place", [(12, 12), (12, 140), (140, 268), (268, 268), (268, 20), (200, 30)])
def test_a_stray_dot_changes_neither_size_nor_place(place):
    """Far from the drawing in rows, in columns or in both: the drawing is framed as if it were not there."""
    ink = canvas(top=60, left=80, tall=120, wide=80)
    clean, dotted = frame(ink)[0], frame(with_dot(ink, *place))[0]
    box = clean > 0
    np.testing.assert_allclose(dotted[box], clean[box], atol=2e-5)


def test_a_dot_off_the_drawing_in_rows_alone_does_not_widen_its_columns():
    """Its column lies at the drawing's edge, with no gap between: only the rows tell that it is a speck."""
    ink = canvas(top=60, left=80, tall=120, wide=80)
    clean, dotted = frame(ink)[0], frame(with_dot(ink, 250, 162))[0]
    np.testing.assert_allclose(dotted[4:24], clean[4:24], atol=2e-5)


def test_what_is_more_than_a_speck_counts_although_there_is_a_gap():
    """The bar of a 5 that floats above it belongs to it."""
    ink = canvas(top=100, left=80, tall=150, wide=100)
    ink[40:70, 80:180] = 1
    top, bottom, left, right = inked(frame(ink)[0])
    assert bottom - top == BOX
    assert right - left == round(100 * BOX / 210)


def test_small_parts_beyond_a_gap_are_still_seen():
    ink = canvas(top=100, left=80, tall=150, wide=100)
    ink[90:94, 80:180] = 1
    framed = frame(ink)[0]
    assert framed[:4].max() > 0.2  # above the box, in the margin of the frame


def test_a_blank_drawing_stays_blank():
    assert frame(np.zeros((50, 60)))[0].max() == 0
