"""From the detector's maps to boxes."""

import numpy as np

from digitrec.detection.maps import CLASSES, HEATS, found_in


def maps_with_peaks(noise: float) -> np.ndarray:
    """Maps of 8x9 cells, with a peak on a corner's cell and one amid the others."""
    rng = np.random.default_rng(0)
    maps = np.full((8, 9, HEATS + CLASSES + 4), -9, np.float32)
    for row, column, heat in ((0, 8, 2.0), (4, 3, 3.0), (4, 4, 2.5)):
        maps[row, column, 0] = heat
        maps[row, column, HEATS + CLASSES :] = rng.uniform(0, 1, 4)
    return maps + np.float32(noise)


def test_a_cell_is_a_peak_where_none_beside_it_is_greater():
    found = found_in(maps_with_peaks(0), 0.2)
    cells = found.boxes[:, :2] / 4
    reach = np.exp(np.random.default_rng(0).uniform(0, 1, (3, 4)))  # as `maps_with_peaks` draws them
    expected = [(3.5 - reach[1, 0], 4.5 - reach[1, 1]), (8.5 - reach[0, 0], 0.5 - reach[0, 1])]
    np.testing.assert_allclose(cells, expected, atol=1 / 64)
    np.testing.assert_allclose(found.scores, 1 / (1 + np.exp([-3.0, -2.0])), rtol=1e-6)


def test_what_processors_compute_differently_moves_no_box():
    one, other = found_in(maps_with_peaks(0), 0.2), found_in(maps_with_peaks(1e-6), 0.2)
    assert one.boxes.tolist() == other.boxes.tolist()
    assert (one.boxes * 16 == np.rint(one.boxes * 16)).all()
