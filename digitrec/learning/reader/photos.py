"""Scenes cut out of photographed sudokus, of which it is known what stands in each cell of the grid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.learning.reader.cells import SEVERAL, Photo
from digitrec.learning.reader.page import SIDE, Page, Scene
from digitrec.learning.reader.papers import Field


def photographed(photos: Sequence[Photo], rng: np.random.Generator) -> Scene:
    """Cut a scene out of a photograph, at any scale and a slight angle.

    Around the grid other digits may be printed, such as a calendar's: what lies to its left counts neither way.

    Args:
        photos: Photographs.
        rng: Decides which, where and how.
    """
    photo = photos[int(rng.integers(len(photos)))]
    size = float(np.exp(rng.uniform(np.log(20), np.log(130))))  # of a cell in the scene
    scale, angle = _cell_size(photo) / size, rng.normal(0, 0.06)
    middle = photo.place(rng.uniform(-0.8, 9.8, (1, 2)))[0]
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    to_photo = np.array([[c, -s, 0], [s, c, 0]])
    to_photo[:, 2] = middle - to_photo[:, :2] @ [SIDE / 2, SIDE / 2]
    source = Image.fromarray(photo.picture)
    reduction = max(1, int(scale))  # averages what would be skipped
    if reduction > 1:
        reach = SIDE * scale
        box = [round(v) for v in (middle[0] - reach, middle[1] - reach, middle[0] + reach, middle[1] + reach)]
        corner = np.array([max(box[0], 0), max(box[1], 0)])
        source = source.crop((*corner, min(box[2], source.width), min(box[3], source.height))).reduce(reduction)
        to_photo[:, 2] -= corner
        to_photo = to_photo / reduction
    grey = int(np.median(photo.picture))
    cut = source.transform(
        (SIDE, SIDE), Image.Transform.AFFINE, list(to_photo.reshape(-1)), Image.Resampling.BILINEAR, fillcolor=grey
    )
    page = Page(np.asarray(cut, np.float32) / np.float32(255))
    turn_back = np.array([[c, s], [-s, c]]) / scale**2
    for number, known in enumerate(photo.cells):
        if known.label < 0:
            continue
        corners = (photo.box_of(number) - middle) @ turn_back.T + SIDE / 2
        around = np.array([*corners.min(0), *corners.max(0)], np.float32)
        if known.label == SEVERAL or known.box is None:
            row, column = divmod(number, 9)
            whole = photo.place(np.array([[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]]))
            corners = (whole - middle) @ turn_back.T + SIDE / 2
            page.ignored.append(np.array([*corners.min(0), *corners.max(0)], np.float32).clip(0, SIDE))
        else:
            page.note_box(around, known.label)
    edge = ((photo.place(np.array([[-0.15, -1.0], [-0.15, 10.0]])) - middle) @ turn_back.T + SIDE / 2)[:, 0].min()
    if edge > 0:
        page.ignored.append(np.array([0, 0, min(edge, SIDE), SIDE], np.float32))
    picture = page.picture
    if rng.random() < 0.3:
        picture = 1 - picture
    if rng.random() < 0.3:
        picture = picture + rng.standard_normal((SIDE, SIDE), np.float32) * np.float32(rng.uniform(0, 0.03))
    return page.scene(_bytes(picture))


def _bytes(picture: Field) -> NDArray[np.uint8]:
    return np.asarray(np.rint(255 * picture.clip(0, 1)), np.uint8)


def _cell_size(photo: Photo) -> float:
    one, other = photo.place(np.array([[4.0, 4.0], [5.0, 4.0]]))
    return float(np.hypot(*(other - one)))
